from __future__ import annotations

import gguf
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from gguf import GGMLQuantizationType as Type

from engine.model.linear import Linear, Strategy, choose_strategy
from engine.weights.stream import StoredTensor
from engine.weights.tensors import GGML_TYPES


def stored(numbers: np.ndarray, kind: Type) -> StoredTensor:
    data = gguf.quants.quantize(numbers, kind).view(np.uint8)
    return StoredTensor(torch.from_numpy(data).flatten(), GGML_TYPES[kind], numbers.shape)


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("kind", [Type.F32, Type.BF16, Type.Q8_0, Type.Q5_1, Type.Q4_0])
def test_a_packed_weight_counts_as_its_numbers_do(kind: Type):
    # More rows than are unpacked together, and not a multiple of them.
    weight, bias = stored(random(1_100, 64), kind), torch.randn(1_100)
    x = torch.randn(3, 5, 64)
    expected = F.linear(x, weight.numbers(), bias)
    assert torch.allclose(Linear((weight,), bias, torch.float32)(x), expected, atol=1e-4)


def test_parts_stored_in_different_ways_are_stacked():
    parts = (stored(random(64, 32), Type.Q8_0), stored(random(32, 32), Type.Q4_1))
    x = torch.randn(7, 32)
    expected = torch.cat([x @ part.numbers().T for part in parts], dim=-1)
    assert torch.allclose(Linear(parts, None, torch.float32)(x), expected, atol=1e-5)


def test_one_vector_is_as_good_as_many():
    linear = Linear((stored(random(40, 32), Type.Q8_0),), torch.ones(40), torch.float32)
    x = torch.randn(2, 32)
    assert torch.allclose(linear(x[0]), linear(x)[0], atol=1e-5)


@pytest.mark.parametrize(
    ("dense", "other", "available", "strategy"),
    [
        (600, 150, 1_000, Strategy.DENSE),
        (600, 151, 1_000, Strategy.PACKED),
        (0, 0, 0, Strategy.DENSE),
        (1, 0, 0, Strategy.PACKED),
    ],
)
def test_weights_are_dense_where_a_quarter_of_the_memory_stays_free(
    dense: int, other: int, available: int, strategy: Strategy
):
    assert choose_strategy(dense, other, available) is strategy
