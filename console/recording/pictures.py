"""How the making of a picture is recorded: every step of it, and of the pictures only the size.

A picture is large and somebody's own; in its place stands a plain one of the same size.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, UnidentifiedImageError

from console.model.images import Preview
from console.session.json_facts import from_json, to_json
from engine.schema import Decoded, Encoded, Queued, Size, Step

if TYPE_CHECKING:
    from console.sources.engine_http import Finished, Progress

GENERATE: Final = "pictures.generate"
"""The stream of what comes while a picture is made."""

_LARGEST: Final = 8192
_STEPS: Final[dict[str, Any]] = {
    "Queued": Queued,
    "Encoded": Encoded,
    "Step": Step,
    "Decoded": Decoded,
}
_PLAIN: Final = (92, 104, 122)


def picture_line(event: Progress | Preview | Finished) -> dict[str, object]:
    """Return how one event of a picture's making is written."""
    if isinstance(event, Step):
        event = Step(event.index, event.total, event.seconds)
    if isinstance(event, Queued | Encoded | Step | Decoded):
        return {"kind": type(event).__name__, "event": to_json(event)}
    if isinstance(event, Preview):
        return {"kind": "Preview", "size": to_json(_size(event.png))}
    size, seed, seconds = to_json(event.size), event.seed, event.seconds
    return {"kind": "Finished", "size": size, "seed": seed, "seconds": seconds}


def picture_event(said: object) -> Progress | Preview | Finished:
    """Read one event; raises `ValueError`, `TypeError` or `KeyError`."""
    from console.sources.engine_http import Finished

    if not isinstance(said, dict):
        raise TypeError("an event is a JSON object")
    match said["kind"]:
        case "Preview":
            return Preview(_stand_in(from_json(Size, said["size"])))
        case "Finished":
            size = from_json(Size, said["size"])
            seed, seconds = from_json(int, said["seed"]), from_json(float, said["seconds"])
            return Finished(_stand_in(size), size, seed, seconds)
        case kind:
            event: Progress = from_json(_STEPS[kind], said["event"])
            return event


def _size(png: bytes) -> Size:
    try:
        with Image.open(io.BytesIO(png)) as image:
            return Size(*image.size)
    except (OSError, ValueError, UnidentifiedImageError):
        return Size(1, 1)


def _stand_in(size: Size) -> bytes:
    """Return a plain PNG of this size."""
    if not (0 < size.width <= _LARGEST and 0 < size.height <= _LARGEST):
        raise ValueError(f"no picture is {size.width} × {size.height}")
    written = io.BytesIO()
    Image.new("RGB", (size.width, size.height), _PLAIN).save(written, "PNG")
    return written.getvalue()
