"""Previews of the bundled model, whose decoder is trained."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.demo import files_directory
from engine.pipeline import Pipeline
from engine.schema import Done, GenerationEvent, GenerationRequest, Picture, Size, Step
from engine.weights.discover import find_model

PROMPT = "a yellow circle on a blue background"


@pytest.fixture(scope="module")
def demo() -> Pipeline:
    return Pipeline.load(find_model(files_directory()))


def pixels(picture: Picture) -> torch.Tensor:
    data = np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)
    return torch.from_numpy(data / 255).permute(2, 0, 1)


def previews(events: list[GenerationEvent]) -> dict[int, Picture]:
    return {e.index: e.preview for e in events if isinstance(e, Step) and e.preview is not None}


@pytest.mark.parametrize("size", [Size(128, 128), Size(256, 160)], ids=str)
def test_previews_look_like_the_picture(demo: Pipeline, size: Size):
    request = GenerationRequest(PROMPT, size, seed=3, previews=3)
    events = list(demo.generate(request))
    done = events[-1]
    assert isinstance(done, Done)
    small = F.avg_pool2d(pixels(done.picture), 8)
    found = previews(events)
    assert list(found) == [2, 4, 6]
    for preview in found.values():
        error = (pixels(preview) - small).pow(2).mean()
        assert -10 * torch.log10(error) > 25


def test_previews_change_nothing_else(demo: Pipeline):
    plain, previewed = (
        list(demo.generate(GenerationRequest(PROMPT, seed=3, previews=count))) for count in (0, 9)
    )
    assert previews(plain) == {}
    assert len(previews(previewed)) == 7
    assert isinstance(plain[-1], Done)
    assert isinstance(previewed[-1], Done)
    assert previewed[-1].picture == plain[-1].picture
