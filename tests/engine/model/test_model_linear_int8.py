from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_models
import torch
from oracles import relative_error
from rounding_errors import demo_embedding, error_of_rounding
from torch import Tensor

import engine.model.linear.int8
from engine import demo
from engine.model.linear import Int8Linear, Strategy, int8_available
from engine.model.linear.byte_products import (
    FULL_RANGE,
    REDUCED_RANGE,
    ByteProduct,
    PlainProduct,
    RearrangedProduct,
    is_exact,
    quickest_product,
)
from engine.model.linear.rounding import rotation, turned
from engine.pipeline import Pipeline
from engine.schema import Done, GenerationRequest
from engine.weights.discover import find_model, open_part
from engine.weights.source import LocalFile
from engine.weights.stream import StoredTensor, TensorReader
from engine.weights.tensors import F32

pytestmark = pytest.mark.skipif(not int8_available(), reason="this CPU has no quick integers")

# How this CPU multiplies and how far from exact it is, if it forgets newer instructions.
EXACTNESS = """
import torch
from engine.model.linear.byte_products import is_exact, quickest_product
kind, limit = quickest_product()
torch.manual_seed(0)
x = torch.randint(-limit, limit + 1, (70, 640))
w = torch.randint(-limit, limit + 1, (96, 640), dtype=torch.int8)
product = kind(w, torch.ones(96), limit)
y = product((x + product.zero).to(kind.dtype), torch.ones(70, 1))
print(limit, is_exact(kind, limit), int((y.double() - x.double() @ w.double().T).abs().max()))
"""


WAYS = [
    (PlainProduct, FULL_RANGE),
    (RearrangedProduct, FULL_RANGE),
    (RearrangedProduct, REDUCED_RANGE),
]


def exact(kind: type[ByteProduct], limit: int) -> tuple[type[ByteProduct], int]:
    """Return one of the `WAYS`, if this CPU knows it."""
    if not is_exact(kind, limit):
        pytest.skip("this CPU is not exact in that range")
    return kind, limit


def stored(weight: Tensor) -> StoredTensor:
    return StoredTensor(weight.contiguous().view(torch.uint8).flatten(), F32, tuple(weight.shape))


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def exactness(environment: dict[str, str]) -> list[str]:
    """Return the limit found in a process of its own, and whether sums up to it are exact."""
    command = [sys.executable, "-c", EXACTNESS]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return run.stdout.split()


@pytest.mark.parametrize("newest", ["AVX2", "AVX512_CORE"])
def test_integers_stay_exact_on_cpus_that_add_pairs_in_16_bits(newest: str):
    found = exactness(os.environ | {"ONEDNN_MAX_CPU_ISA": newest})
    assert found == [str(REDUCED_RANGE), "True", "0"]


def test_integers_are_exact_on_this_cpu():
    assert exactness(dict(os.environ)) == [str(quickest_product()[1]), "True", "0"]


def test_two_products_of_the_reduced_range_fit_into_16_bits():
    assert 2 * (2 * REDUCED_RANGE) * REDUCED_RANGE < 2**15
    assert 2 * (2 * FULL_RANGE) * FULL_RANGE >= 2**15


@pytest.mark.parametrize("columns", [3840, 192, 96, 34, 7])
def test_turning_both_sides_leaves_their_product_alone(columns: int):
    turn = rotation(columns)
    x, weight = normal(5, columns), normal(9, columns)
    assert torch.allclose(turned(x, turn) @ turned(weight, turn).T, x @ weight.T, atol=1e-3)


@pytest.mark.parametrize(("kind", "limit"), WAYS)
@pytest.mark.parametrize("columns", [7, 96, 3840])
def test_a_layer_is_near_its_floats(columns: int, kind: type[ByteProduct], limit: int):
    weight, bias, x = normal(130, columns), normal(130), normal(3, 50, columns)
    stack = [stored(weight[:100]), stored(weight[100:])]
    layer = Int8Linear.of(stack, bias, exact(kind, limit))
    assert layer(x).shape == (3, 50, 130)
    assert relative_error(layer(x), x @ weight.T + bias) < 0.025


def test_channels_that_stand_out_do_not_drown_the_others():
    weight, x = normal(256, 3840), normal(64, 3840)
    expected = x @ weight.T
    few = [5, 700, 2000]
    x[:, few], weight[:, few] = x[:, few] * 100, weight[:, few] / 100
    assert relative_error(Int8Linear.of([stored(weight)], None)(x), expected) < 0.025


def test_one_token_is_as_good_as_many():
    layer, x = Int8Linear.of([stored(normal(64, 96))], None), normal(130, 96)
    assert torch.equal(layer(x[7]), layer(x)[7])


def test_a_token_of_zeros_gives_the_bias():
    layer = Int8Linear.of([stored(normal(64, 96))], torch.arange(64.0))
    assert torch.equal(layer(torch.zeros(2, 96)), torch.arange(64.0).expand(2, 64))


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_numbers_gone_wrong_are_not_rounded_away(wrong: float):
    x = normal(2, 96)
    x[1, 3] = wrong
    y = Int8Linear.of([stored(normal(64, 96))], None)(x)
    assert torch.isfinite(y[0]).all()
    assert not torch.isfinite(y[1]).any()


@pytest.fixture(scope="module")
def embedding() -> Tensor:
    return demo_embedding()


def demo_weights() -> tiny_models.State:
    file = open_part(find_model(demo.files_directory()).transformer.path)
    with LocalFile(file.header.path) as source:
        reader = TensorReader(source, file.tensors, lambda count: None)
        return {
            name: torch.cat([part.numbers() for part in reader.read(name)]).numpy()
            for name in file.tensors.required
        }


def make_channels_stand_out(state: tiny_models.State, factor: float) -> None:
    """Enlarge some channels where layers begin, and make up for it in the weights there."""
    few = [3, 70, 150]
    for name in [name for name in state if name.endswith(".attention.qkv.weight")]:
        block = name.removesuffix(".attention.qkv.weight")
        for norm, weights in (
            ("attention_norm1", ("attention.qkv",)),
            ("ffn_norm1", ("feed_forward.w1", "feed_forward.w3")),
        ):
            state[f"{block}.{norm}.weight"][few] *= factor
            for weight in weights:
                state[f"{block}.{weight}.weight"][:, few] /= factor
        state[f"{block}.feed_forward.w3.weight"][few] *= factor
        state[f"{block}.feed_forward.w2.weight"][:, few] /= factor


@pytest.mark.parametrize(("kind", "limit"), WAYS)
def test_the_demo_model_is_within_its_limit_of_error(
    kind: type[ByteProduct], limit: int, embedding: Tensor, monkeypatch: pytest.MonkeyPatch
):
    way = exact(kind, limit)
    monkeypatch.setattr(engine.model.linear.int8, "quickest_product", lambda: way)
    path = find_model(demo.files_directory()).transformer.path
    error = error_of_rounding(path, embedding, Strategy.INT8)
    assert error < 0.015


@pytest.mark.parametrize(("kind", "limit"), WAYS)
def test_so_is_a_model_whose_channels_stand_out(
    kind: type[ByteProduct],
    limit: int,
    embedding: Tensor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    way = exact(kind, limit)
    monkeypatch.setattr(engine.model.linear.int8, "quickest_product", lambda: way)
    state = demo_weights()
    make_channels_stand_out(state, 30)
    path = tiny_models.write_transformer(tmp_path / "outliers.gguf", state)
    error = error_of_rounding(path, embedding, Strategy.INT8)
    assert error < 0.015


@pytest.mark.parametrize("prompt", ["a red circle on a white background", "a small blue star"])
def test_the_demo_models_pictures_stay_the_same_to_the_eye(prompt: str):
    files = find_model(demo.files_directory())

    def pixels(linear: str) -> np.ndarray:
        pipeline = Pipeline.load(files, linear=linear)
        *_, done = pipeline.generate(GenerationRequest(prompt, seed=3))
        assert isinstance(done, Done)
        return np.frombuffer(done.picture.rgb, np.uint8).astype(float)

    noise = np.square(pixels("int8") - pixels("dense")).mean()
    assert 10 * math.log10(255**2 / noise) > 35
