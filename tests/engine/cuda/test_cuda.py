"""What a GPU computes is what a CPU computes; skipped, with the reason, where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine import demo
from engine.model.fused import Plain, choose, fused_for
from engine.model.linear.byte_products import FULL_RANGE, quickest_product
from engine.model.linear.fp8 import Fp8Linear, fp8_available
from engine.model.linear.int8_device import DeviceInt8Linear
from engine.pipeline import Pipeline
from engine.schema import Done, GenerationRequest, Size, Step
from engine.weights.discover import find_model
from engine.weights.stream import StoredTensor

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no NVIDIA GPU")

REQUEST = GenerationRequest("a red circle on a white background", Size(128, 128), 4, seed=3)
CUDA = torch.device("cuda")


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def pixels(device: str, linear: str) -> np.ndarray:
    pipeline = Pipeline.load(find_model(demo.files_directory()), device=device, linear=linear)
    *events, done = pipeline.generate(REQUEST)
    assert isinstance(done, Done)
    assert [event.index for event in events if isinstance(event, Step)] == [1, 2, 3, 4]
    return np.frombuffer(done.picture.rgb, np.uint8).astype(float)


@pytest.mark.parametrize("linear", ["dense", "packed", "int8", "fp8"])
def test_a_seed_gives_the_same_picture_as_on_a_cpu(linear: str) -> None:
    if linear == "fp8" and not fp8_available("cuda"):
        pytest.skip("this GPU has no 8-bit floats")
    if linear == "int8" and not quickest_product("cuda")[1]:
        pytest.skip("this GPU has no 8-bit integers")
    noise = np.square(pixels("cuda", linear) - pixels("cpu", "dense")).mean()
    assert 10 * np.log10(255**2 / noise) > 30


def test_warming_up_leaves_no_trace() -> None:
    warm, cold = (
        Pipeline.load(find_model(demo.files_directory()), device="cuda") for _ in range(2)
    )
    warm.warm_up()
    assert not next(warm.generate(GenerationRequest("a"))).cached
    *_, one = warm.generate(REQUEST)
    *_, other = cold.generate(REQUEST)
    assert isinstance(one, Done)
    assert isinstance(other, Done)
    assert one.picture.rgb == other.picture.rgb


@pytest.mark.parametrize(("tokens", "columns"), [(1, 96), (33, 3840), (4128, 96)])
def test_integers_are_near_their_floats(tokens: int, columns: int) -> None:
    if quickest_product("cuda")[1] < FULL_RANGE:
        pytest.skip("this GPU has no 8-bit integers")
    weight, x = normal(256, columns), normal(tokens, columns)
    stack = [StoredTensor.of(weight).to(CUDA)]
    y = DeviceInt8Linear.of(stack, None)(x.to(CUDA, torch.bfloat16)).cpu().float()
    assert (y - x @ weight.T).norm() / (x @ weight.T).norm() < 0.025


@pytest.mark.parametrize(("tokens", "columns"), [(1, 96), (33, 3840), (4128, 96)])
def test_8_bit_floats_are_near_theirs(tokens: int, columns: int) -> None:
    if not fp8_available("cuda"):
        pytest.skip("this GPU has no 8-bit floats")
    weight, x = normal(256, columns), normal(tokens, columns)
    stack = [StoredTensor.of(weight).to(CUDA)]
    y = Fp8Linear(stack, None)(x.to(CUDA, torch.bfloat16)).cpu().float()
    assert (y - x @ weight.T).norm() / (x @ weight.T).norm() < 0.045


def test_kernels_are_right_or_not_used() -> None:
    chosen = fused_for("cuda")
    assert type(chosen) is Plain or choose.differing(chosen, "cuda") == []


def test_a_pictures_steps_are_told_in_order_and_nothing_is_left_on_the_way() -> None:
    pipeline = Pipeline.load(find_model(demo.files_directory()), device="cuda")
    steps = [event for event in pipeline.generate(REQUEST) if isinstance(event, Step)]
    assert all(step.seconds > 0 for step in steps)
