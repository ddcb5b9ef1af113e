from __future__ import annotations

import gguf
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from gguf import GGMLQuantizationType as Type

from engine.model.linear import DenseLinear, PackedLinear
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
    assert torch.allclose(PackedLinear([weight], bias, torch.float32)(x), expected, atol=1e-4)


@pytest.mark.parametrize("kind", [PackedLinear, DenseLinear])
def test_parts_stored_in_different_ways_are_stacked(kind: type[PackedLinear | DenseLinear]):
    parts = (stored(random(64, 32), Type.Q8_0), stored(random(32, 32), Type.Q4_1))
    x = torch.randn(7, 32)
    expected = torch.cat([x @ part.numbers().T for part in parts], dim=-1)
    assert torch.allclose(kind(parts, None, torch.float32)(x), expected, atol=1e-5)


def test_one_vector_is_as_good_as_many():
    linear = PackedLinear([stored(random(40, 32), Type.Q8_0)], torch.ones(40), torch.float32)
    x = torch.randn(2, 32)
    assert torch.allclose(linear(x[0]), linear(x)[0], atol=1e-5)
