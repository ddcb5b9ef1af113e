"""Whether a model has room in the memory of what it is deployed on, as an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.model.models.parts import NEEDED, ModelPart
from console.model.models.published import memory_bytes

_GIB: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Shape:
    """What a service may run on, and how many bytes a model may take there."""

    name: str
    room: int


SHAPES: Final = (Shape("CPU 16 GiB", 16 * _GIB), Shape("L4 24 GB", 22 * _GIB))
"""The shapes that are deployed, the L4 by the memory of the GPU.

Of its 24 GB about 22 GiB can be used. Source:
https://cloud.google.com/run/docs/configuring/services/gpu.
"""


def needed_memory(sizes: dict[ModelPart, int]) -> int | None:
    """Return how many bytes pictures of 1024×1024 take at least; None unless it is a whole model.

    All weights as they are in the files, and what one picture took beside them on a CPU; taken to
    be the same on a GPU, where nobody measured it.
    """
    if any(part not in sizes for part in NEEDED):
        return None
    return memory_bytes({part: sizes[part] for part in NEEDED})
