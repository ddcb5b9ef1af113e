"""The training pictures: drawn once, then used by the autoencoder and for the latents."""

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.demo.pictures import NATIVE_SIDE, draw, draw_calm, place_offset, sample_jitter
from engine.demo.prompts import sample_subject
from engine.demo.scenes import Scene

DEFAULT_COUNT = 8000

_FINE_SHAPES = ("star", "cross")
_FINE_WEIGHT = 2.5
_CALM_WEIGHT = 0.3
_ON_SHAPE_SHARE = 0.85
_REACH = 0.2


@dataclass(frozen=True)
class Album:
    """Scenes (None: the calm picture) and their pictures, uint8 [count, 3, side, side]."""

    scenes: list[Scene | None]
    pictures: Tensor

    def weights(self) -> list[float]:
        """How often the autoencoder should see each picture: fine outlines more, calm less."""
        return [
            _CALM_WEIGHT if scene is None else _FINE_WEIGHT if scene.shape in _FINE_SHAPES else 1.0
            for scene in self.scenes
        ]

    def crops(self, rng: random.Random, chosen: list[int], side: int) -> Tensor:
        """Cut one square of each chosen picture, mostly near its shape; -1..1, [n, 3, side, side].

        The side is in pixels and a multiple of 8; crops start on multiples of 8.
        """
        return torch.stack([self._crop(rng, index, side) for index in chosen]) / 127.5 - 1

    def _crop(self, rng: random.Random, index: int, side: int) -> Tensor:
        middles = [rng.random(), rng.random()]
        scene = self.scenes[index]
        if scene is not None and rng.random() < _ON_SHAPE_SHARE:
            dx, dy = place_offset(scene.place)
            middles = [0.5 + shift + rng.uniform(-_REACH, _REACH) for shift in (dy, dx)]
        last = (NATIVE_SIDE - side) // 8
        top, left = (
            8 * min(max(round((middle * NATIVE_SIDE - side / 2) / 8), 0), last)
            for middle in middles
        )
        return self.pictures[index, :, top : top + side, left : left + side]


def draw_album(seed: int, count: int) -> Album:
    """Draw random training scenes, each with its own jitter."""
    rng = random.Random(f"album-{seed}")
    scenes = [sample_subject(rng) for _ in range(count)]
    pictures = [
        draw_calm() if scene is None else draw(scene, sample_jitter(rng)) for scene in scenes
    ]
    return Album(scenes, torch.stack([(picture * 255).round().byte() for picture in pictures]))
