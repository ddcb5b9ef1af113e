from __future__ import annotations

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Type

from engine.weights.quants import dequantise, is_quantised
from engine.weights.stream import StoredTensor
from engine.weights.tensors import GGML_TYPES, READABLE_TYPES

READABLE = [kind for kind in GGML_TYPES.values() if kind.name in READABLE_TYPES]
QUANTISED = [kind for kind in READABLE if is_quantised(kind)]
# Where the fp16 scales of a block lie: random bytes there would be not-a-number now and then.
SCALES = {"Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,)}


def random_blocks(kind, rows: int, columns: int) -> np.ndarray:
    """Bytes with every bit pattern in the numbers and finite scales."""
    rng = np.random.default_rng(len(kind.name) + kind.block_bytes)
    blocks = rng.integers(0, 256, (rows * columns // kind.block, kind.block_bytes), np.uint8)
    for at in SCALES.get(kind.name, (0, 2) if kind.name.endswith("_1") else (0,)):
        scale = rng.standard_normal((len(blocks), 1)).astype(np.float16)
        blocks[:, at : at + 2] = scale.view(np.uint8)
    return blocks.reshape(rows, kind.row_bytes(columns))


def test_all_that_publishers_use_can_be_read():
    assert {kind.name for kind in READABLE} == {
        *("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"),
        *("Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"),
    }


@pytest.mark.parametrize("kind", QUANTISED, ids=lambda kind: kind.name)
def test_every_bit_is_as_in_the_reference(kind):
    data = random_blocks(kind, rows=6, columns=1024)
    ours = dequantise(torch.from_numpy(data), kind, (6, 1024))
    theirs = gguf.quants.dequantize(data, Type[kind.name])
    assert ours.dtype == torch.float32
    assert np.array_equal(ours.numpy().view(np.uint32), theirs.view(np.uint32))


@pytest.mark.parametrize("name", ["F32", "F16", "BF16"])
def test_plain_floats_are_taken_as_they_are(name: str):
    numbers = np.linspace(-3, 3, 24, dtype=np.float32).reshape(4, 6)
    data = gguf.quants.quantize(numbers, Type[name]).view(np.uint8)
    kind = GGML_TYPES[Type[name]]
    ours = dequantise(torch.from_numpy(data), kind, (4, 6))
    theirs = gguf.quants.dequantize(data, Type[name])
    assert np.array_equal(ours.numpy(), theirs.reshape(4, 6))


@pytest.mark.parametrize("kind", READABLE, ids=lambda kind: kind.name)
def test_some_rows_are_those_rows_of_the_whole(kind):
    if is_quantised(kind):
        data = torch.from_numpy(random_blocks(kind, rows=8, columns=512))
    else:
        numbers = np.random.default_rng(1).standard_normal((8, 512), np.float32)
        stored = gguf.quants.quantize(numbers, Type[kind.name])
        data = torch.from_numpy(stored.view(np.uint8))
    stored = StoredTensor(data.flatten(), kind, (8, 512))
    index = torch.tensor([7, 0, 0, 3])
    assert torch.equal(stored.rows(index), stored.numbers()[index])
    assert torch.equal(stored.rows(slice(2, 5)), stored.numbers()[2:5])


@pytest.mark.parametrize("shape", [(256,), (1, 256), (2, 2, 64)])
def test_tensors_of_any_rank_can_be_quantised(shape: tuple[int, ...]):
    kind = GGML_TYPES[Type.Q8_0]
    numbers = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    data = torch.from_numpy(gguf.quants.quantize(numbers, Type.Q8_0)).flatten()
    ours = dequantise(data, kind, shape)
    assert ours.shape == shape
    assert np.abs(ours.numpy() - numbers).max() < 0.02
