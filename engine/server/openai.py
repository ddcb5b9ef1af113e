"""OpenAI's Images interface as data: what a request body means, what the answers look like.

After the reference of `POST /v1/images/generations`. Beyond it, `seed` and `steps` (or
`num_inference_steps`) are read and `seed` and `seconds` are told with every picture. Unknown
fields are ignored, and so is the model's name, because clients have theirs built in.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.schema import (
    DEFAULT_STEPS,
    MAX_COUNT,
    MAX_SEED,
    GenerationEvent,
    GenerationRequest,
    InvalidRequest,
    Size,
    to_json,
)

OUTPUT_FORMAT: Final = "png"


@dataclass(frozen=True, slots=True)
class Order:
    """What one HTTP request asks for: one `GenerationRequest` per picture.

    `as_url` puts each picture into a `data:` URL instead of the field `b64_json`.
    """

    requests: tuple[GenerationRequest, ...]
    as_url: bool = False
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """A finished picture as a file, with what it takes to make it again."""

    file: bytes
    size: Size
    seed: int
    seconds: float

    def to_json(self, *, as_url: bool = False) -> dict[str, object]:
        """Return an element of the answer's `data`."""
        text = base64.b64encode(self.file).decode()
        content = {"url": f"data:image/png;base64,{text}"} if as_url else {"b64_json": text}
        return {**content, "seed": self.seed, "seconds": round(self.seconds, 4)}


def parse_order(body: bytes) -> Order:
    """Read a request body; raises `InvalidRequest` naming the field that is wrong.

    Several pictures from one seed take the seeds that follow it, so that they differ.
    """
    fields = _object(body)
    prompt = fields.get("prompt")
    if not isinstance(prompt, str):
        raise InvalidRequest(
            "prompt", "prompt is missing; give the text that describes the picture"
        )
    count = _whole(fields, "n", 1)
    if not 1 <= count <= MAX_COUNT:
        raise InvalidRequest("n", f"n is {count}; ask for 1 to {MAX_COUNT} pictures")
    steps_name = "steps" if fields.get("steps") is not None else "num_inference_steps"
    steps = _whole(fields, steps_name, DEFAULT_STEPS)
    seed = None if fields.get("seed") is None else _whole(fields, "seed", 0)
    size = _size(fields)
    requests = tuple(
        GenerationRequest(prompt, size, steps, _following(seed, index)) for index in range(count)
    )
    for request in requests:
        request.check()
    return Order(requests, _as_url(fields), _flag(fields, "stream"))


def answer(images: list[Image], created: int, *, as_url: bool) -> dict[str, object]:
    """Return the body of a finished order; `created` is in seconds since 1970."""
    return {
        "created": created,
        "data": [image.to_json(as_url=as_url) for image in images],
        "size": str(images[0].size),
        "output_format": OUTPUT_FORMAT,
    }


def progress(event: GenerationEvent, index: int) -> str:
    """Return the server-sent event that says how far picture `index` (from 0) is."""
    kind = "image_generation.progress"
    return sent(kind, {"type": kind, "image_index": index, **to_json(event)})


def completed(image: Image, created: int, index: int) -> str:
    """Return the server-sent event that carries finished picture `index` (from 0)."""
    kind = "image_generation.completed"
    facts = {
        "type": kind,
        **image.to_json(),
        "created_at": created,
        "size": str(image.size),
        "output_format": OUTPUT_FORMAT,
        "image_index": index,
    }
    return sent(kind, facts)


def sent(kind: str, data: Mapping[str, object]) -> str:
    """Return one server-sent event with JSON data (WHATWG HTML, "Server-sent events")."""
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"


def _object(body: bytes) -> Mapping[str, object]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as why:
        raise InvalidRequest("body", f"the body is not JSON: {why}") from None
    if not isinstance(fields, dict):
        raise InvalidRequest("body", "the body is not a JSON object with a prompt in it")
    return fields


def _whole(fields: Mapping[str, object], name: str, default: int) -> int:
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidRequest(name, f"{name} is {_shown(value)}; give a whole number")
    if value.bit_length() > 64:
        raise InvalidRequest(
            name, f"{name} is a number of {value.bit_length()} bits; give a smaller one"
        )
    return value


def _flag(fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool | None):
        raise InvalidRequest(name, f"{name} is {_shown(value)}; give true or false")
    return value is True


def _size(fields: Mapping[str, object]) -> Size | None:
    value = fields.get("size")
    if value is None or value == "auto":
        return None
    if not isinstance(value, str):
        raise InvalidRequest("size", f"size is {_shown(value)}; write for example 512x512")
    return Size.parse(value)


def _as_url(fields: Mapping[str, object]) -> bool:
    value = fields.get("response_format")
    if value not in (None, "b64_json", "url"):
        raise InvalidRequest(
            "response_format", f"response_format is {_shown(value)}; choose b64_json or url"
        )
    return value == "url"


def _following(seed: int | None, index: int) -> int | None:
    if seed is None or not 0 <= seed <= MAX_SEED:
        return seed
    return (seed + index) % (MAX_SEED + 1)


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."
