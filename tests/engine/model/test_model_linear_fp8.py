"""Weights of 8-bit floats: near enough, whatever their sides, and refused where there are none."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from oracles import relative_error
from rounding_errors import DEMO, demo_embedding, error_of_rounding
from torch import Tensor

from engine.model import loading
from engine.model.linear import Strategy, parameters
from engine.model.linear.fp8 import Fp8Linear, fp8_available
from engine.model.linear.int8_device import DeviceInt8Linear
from engine.pipeline import Pipeline
from engine.schema import Done, GenerationRequest, Size
from engine.weights.stream import StoredTensor


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize("columns", [7, 96, 3840])
def test_a_layer_is_near_its_floats(columns: int) -> None:
    weight, bias, x = normal(130, columns), normal(130), normal(3, 50, columns)
    layer = Fp8Linear([StoredTensor.of(weight[:100]), StoredTensor.of(weight[100:])], bias)
    assert layer(x).shape == (3, 50, 130)
    assert relative_error(layer(x), x @ weight.T + bias) < 0.045


def test_channels_that_stand_out_do_not_drown_the_others() -> None:
    weight, x = normal(256, 3840), normal(64, 3840)
    expected = x @ weight.T
    few = [5, 700, 2000]
    x[:, few], weight[:, few] = x[:, few] * 100, weight[:, few] / 100
    assert relative_error(Fp8Linear([StoredTensor.of(weight)], None)(x), expected) < 0.045


def test_one_token_alone_is_as_good_as_many() -> None:
    layer, x = Fp8Linear([StoredTensor.of(normal(64, 96))], None), normal(130, 96)
    assert torch.allclose(layer(x[7]), layer(x)[7], atol=1e-5)


def test_a_token_of_zeros_gives_the_bias() -> None:
    layer = Fp8Linear([StoredTensor.of(normal(64, 96))], torch.arange(64.0))
    assert torch.equal(layer(torch.zeros(2, 96)), torch.arange(64.0).expand(2, 64))


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
@pytest.mark.parametrize("kind", [Fp8Linear, DeviceInt8Linear.of])
def test_numbers_gone_wrong_are_not_rounded_away(wrong: float, kind: type[Fp8Linear]) -> None:
    x = normal(2, 96)
    x[1, 3] = wrong
    y = kind([StoredTensor.of(normal(64, 96))], None)(x)
    assert torch.isfinite(y[0]).all()
    assert not torch.isfinite(y[1]).any()


@pytest.mark.parametrize("columns", [7, 96, 3840])
def test_integers_as_a_gpu_multiplies_them_are_nearer(columns: int) -> None:
    weight, bias, x = normal(130, columns), normal(130), normal(3, 5, columns)
    stack = [StoredTensor.of(weight[:100]), StoredTensor.of(weight[100:])]
    layer = DeviceInt8Linear.of(stack, bias)
    assert layer(x).shape == (3, 5, 130)
    assert relative_error(layer(x), x @ weight.T + bias) < 0.025
    assert DeviceInt8Linear.of(stack, None)(x.bfloat16()).dtype == torch.bfloat16


def test_a_cpu_has_no_quick_8_bit_floats() -> None:
    assert not fp8_available("cpu")
    assert Strategy("fp8") is Strategy.FP8


# Three times what integers may be away: a number keeps three bits and not seven.
@pytest.mark.parametrize(("how", "most"), [(Strategy.FP8, 0.045), (Strategy.INT8, 0.015)])
def test_the_demo_model_is_within_its_limit_of_error_as_a_gpu_computes_it(
    how: Strategy, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parameters, "Int8Linear", DeviceInt8Linear)
    assert error_of_rounding(DEMO.transformer.path, demo_embedding(), how) < most


def test_the_demo_models_picture_stays_the_same_to_the_eye(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "fp8_available", lambda kind: True)

    def pixels(linear: str) -> np.ndarray:
        prompt = "a red circle on a white background"
        request = GenerationRequest(prompt, Size(128, 128), steps=4, seed=3)
        *_, done = Pipeline.load(DEMO, linear=linear).generate(request)
        assert isinstance(done, Done)
        return np.frombuffer(done.picture.rgb, np.uint8).astype(float)

    noise = np.square(pixels("fp8") - pixels("dense")).mean()
    assert 10 * math.log10(255**2 / noise) > 35
