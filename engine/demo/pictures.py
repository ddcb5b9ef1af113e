"""Pictures of scenes, drawn from analytic distance functions.

Distances are in units of the picture's side; a picture is a float tensor [3, side, side] in 0..1.
"""

import math
import random
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.demo.scenes import Scene

NATIVE_SIDE = 128
"""Width and height in pixels of the pictures that the demo model is trained on."""

PALETTE: dict[str, tuple[int, int, int]] = {
    "red": (220, 40, 40),
    "orange": (245, 140, 30),
    "yellow": (250, 220, 50),
    "green": (40, 160, 70),
    "cyan": (60, 200, 210),
    "blue": (40, 80, 210),
    "purple": (130, 60, 180),
    "pink": (245, 150, 190),
    "black": (25, 25, 25),
    "white": (250, 250, 250),
}

CALM_COLOUR = (200, 208, 218)
"""The plain picture that answers a prompt about anything else: a soft grey-blue."""

RADII = {"small": 0.19, "medium": 0.235, "large": 0.28}
PLACE_OFFSET = 0.18
_PLACE_JITTER = 0.01
_RADIUS_JITTER = 0.02
_EDGE_PIXELS = 1.5

_STAR_POINT, _STAR_NOTCH = 1.05, 0.5
_CROSS_ARM, _CROSS_WAIST = 0.95, 0.33
_SQUARE_HALF = 0.82
_CIRCLE_RADIUS = 0.92
_RING_MIDDLE, _RING_HALF_WIDTH = 0.74, 0.22


@dataclass(frozen=True)
class Jitter:
    """Small differences between two pictures of one scene: shift by dx, dy; radius times scale."""

    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0


def sample_jitter(rng: random.Random) -> Jitter:
    """Draw a jitter of at most 1 % of the side in place and 2 % in radius."""
    return Jitter(
        rng.uniform(-_PLACE_JITTER, _PLACE_JITTER),
        rng.uniform(-_PLACE_JITTER, _PLACE_JITTER),
        1 + rng.uniform(-_RADIUS_JITTER, _RADIUS_JITTER),
    )


def place_offset(place: str) -> tuple[float, float]:
    """Return the shift (dx, dy) of a named place from the picture's centre, y downwards."""
    dx = PLACE_OFFSET * (("right" in place) - ("left" in place))
    dy = PLACE_OFFSET * (("bottom" in place) - ("top" in place))
    return dx, dy


def draw(scene: Scene, jitter: Jitter | None = None, side: int = NATIVE_SIDE) -> Tensor:
    """Draw a scene as a float tensor [3, side, side] in 0..1, edges softened over 1.5 pixels."""
    jitter = jitter or Jitter()
    dx, dy = place_offset(scene.place)
    radius = RADII[scene.size] * jitter.scale
    ticks = (torch.arange(side) + 0.5) / side - 0.5
    y, x = torch.meshgrid(ticks - dy - jitter.dy, ticks - dx - jitter.dx, indexing="ij")
    distance = _distance(scene.shape, torch.stack([x, y], dim=-1) / radius) * radius
    cover = (0.5 - distance * side / _EDGE_PIXELS).clamp(0, 1)
    inside, outside = (
        torch.tensor(PALETTE[name])[:, None, None] / 255
        for name in (scene.colour, scene.background)
    )
    return outside + (inside - outside) * cover


def draw_calm(side: int = NATIVE_SIDE) -> Tensor:
    """Draw the plain picture that stands for every prompt without a shape in it."""
    return (torch.tensor(CALM_COLOUR)[:, None, None] / 255).expand(3, side, side).clone()


def _distance(shape: str, points: Tensor) -> Tensor:
    """Signed distance of points [..., 2] to the outline of a shape of unit radius."""
    away = torch.hypot(points[..., 0], points[..., 1])
    if shape == "circle":
        return away - _CIRCLE_RADIUS
    if shape == "ring":
        return (away - _RING_MIDDLE).abs() - _RING_HALF_WIDTH
    return _polygon_distance(points, _corners(shape))


def _corners(shape: str) -> Tensor:
    """Corners [n, 2] of a polygonal shape of unit radius, in order around it."""
    if shape == "square":
        return _SQUARE_HALF * torch.tensor([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    if shape == "cross":
        a, w = _CROSS_ARM, _CROSS_WAIST
        arm = torch.tensor([[-w, -w], [-w, -a], [w, -a]])
        return torch.cat([arm @ _turn(quarter * math.pi / 2).T for quarter in range(4)])
    if shape == "triangle":
        return _radial([1.08] * 3) + torch.tensor([0.0, 0.2])
    return _radial([_STAR_POINT, _STAR_POINT * _STAR_NOTCH] * 5) + torch.tensor([0.0, 0.08])


def _radial(radii: list[float]) -> Tensor:
    """Corners at equal angles around the origin, the first one straight up."""
    angles = torch.arange(len(radii)) * (2 * math.pi / len(radii))
    return torch.stack([angles.sin(), -angles.cos()], dim=-1) * torch.tensor(radii)[:, None]


def _turn(angle: float) -> Tensor:
    return torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def _polygon_distance(points: Tensor, corners: Tensor) -> Tensor:
    """Signed distance to a polygon: nearest edge, negative inside by the even-odd rule."""
    nearest = torch.full(points.shape[:-1], math.inf)
    inside = torch.zeros(points.shape[:-1], dtype=torch.bool)
    for start, end in zip(corners, corners.roll(-1, 0), strict=True):
        edge, offset = end - start, points - start
        along = ((offset @ edge) / (edge @ edge)).clamp(0, 1)
        nearest = torch.minimum(
            nearest, torch.linalg.vector_norm(offset - along[..., None] * edge, dim=-1)
        )
        spans = (start[1] > points[..., 1]) != (end[1] > points[..., 1])
        crossing = offset[..., 0] * edge[1] < offset[..., 1] * edge[0]
        inside ^= spans & (crossing ^ bool(edge[1] < 0))
    return torch.where(inside, -nearest, nearest)
