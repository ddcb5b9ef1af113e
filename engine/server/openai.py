"""OpenAI's Images interface as data: what a request body means, what the answers look like.

After the reference of `POST /v1/images/generations` and the types of the `openai` client. Beyond
it, `seed`, `steps` (or `num_inference_steps`), `negative_prompt`, `guidance_scale` and `noise`
are read, and `seed` and `seconds` are told with every picture. Unknown fields are ignored, and so
is the model's name, because clients have theirs built in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from engine.encode import BEST_QUALITY, ImageFormat
from engine.schema import (
    MAX_COUNT,
    MAX_SEED,
    GenerationEvent,
    GenerationRequest,
    InvalidRequest,
    Noise,
    Size,
    to_json,
)
from engine.server.desk import PNG_FILE, FileKind, Image
from engine.server.fields import Fields, shown

MAX_PARTIAL_IMAGES: Final = 3
STEPS_NAMES: Final = ("steps", "num_inference_steps")
GUIDANCE_NAMES: Final = ("guidance_scale", "guidance")
COMPLETED: Final = "image_generation.completed"
PARTIAL: Final = "image_generation.partial_image"
PROGRESS: Final = "image_generation.progress"
# Fields that the official events and answers must have, of what there is no choice here.
_LOOKS: Final = {"background": "opaque", "quality": "high"}


@dataclass(frozen=True, slots=True)
class Order:
    """What one HTTP request asks for: one `GenerationRequest` per picture.

    `as_url` puts each picture into a `data:` URL instead of the field `b64_json`.
    """

    requests: tuple[GenerationRequest, ...]
    as_url: bool = False
    stream: bool = False
    kind: FileKind = PNG_FILE


def parse_order(fields: Fields) -> Order:
    """Read a request; raises `InvalidRequest` naming the field that is wrong.

    Several pictures from one seed take the seeds that follow it, so that they differ.
    """
    if not isinstance(fields.value("prompt"), str):
        raise InvalidRequest(
            "prompt", "prompt is missing; give the text that describes the picture"
        )
    count = fields.whole("n", 1)
    if not 1 <= count <= MAX_COUNT:
        raise InvalidRequest("n", f"n is {count}; ask for 1 to {MAX_COUNT} pictures")
    stream = fields.flag("stream")
    previews = fields.whole_between("partial_images", 0, MAX_PARTIAL_IMAGES, 0)
    wish = replace(_wish(fields), previews=previews if stream else 0)
    requests = tuple(replace(wish, seed=following(wish.seed, index)) for index in range(count))
    return Order(requests, _as_url(fields), stream, _file_kind(fields))


def following(seed: int | None, index: int) -> int | None:
    """Return the seed of picture `index` of an order; a seed that cannot be stays what it is."""
    if seed is None or not 0 <= seed <= MAX_SEED:
        return seed
    return (seed + index) % (MAX_SEED + 1)


def _wish(fields: Fields) -> GenerationRequest:
    """Return the first picture's request; of fields with two names the first that is given."""
    wish = GenerationRequest(
        fields.text("prompt"),
        _size(fields),
        seed=None if fields.value("seed") is None else fields.whole("seed", 0),
        negative_prompt=fields.text("negative_prompt"),
        noise=Noise(fields.choice("noise", tuple(Noise), Noise.CPU)),
    )
    wish.check()
    for name in reversed(STEPS_NAMES):
        wish = _checked(replace(wish, steps=fields.whole(name, wish.steps)), name)
    for name in reversed(GUIDANCE_NAMES):
        wish = _checked(replace(wish, guidance=fields.number(name, wish.guidance)), name)
    return wish


def _checked(wish: GenerationRequest, name: str) -> GenerationRequest:
    """Return a request that can be carried out, or blame the field as the client spelt it."""
    try:
        wish.check()
    except InvalidRequest as why:
        raise InvalidRequest(name, str(why)) from None
    return wish


def answer(images: list[Image], created: int, *, as_url: bool) -> dict[str, object]:
    """Return the body of a finished order; `created` is in seconds since 1970."""
    return {
        "created": created,
        "data": [_element(image, as_url=as_url) for image in images],
        "size": str(images[0].size),
        "output_format": images[0].kind.format,
        **_LOOKS,
        "usage": _usage(images),
    }


class StreamWriter:
    """Writes the events of one order as server-sent events.

    `image_index` is the picture that is being made, from 0, and `prompt_tokens` its prompt's.
    """

    def __init__(self, order: Order, now: Callable[[], int]) -> None:
        self._order = order
        self._now = now
        self._partials = 0
        self.image_index = 0
        self.prompt_tokens = 0

    def progress(self, event: GenerationEvent) -> str:
        """Say how far the picture is."""
        return self._written(PROGRESS, to_json(event))

    def partial(self, b64: str) -> str:
        """Send a preview, a file in base64, as the official partial image."""
        size = self._order.requests[self.image_index].size
        facts = {
            "b64_json": b64,
            "partial_image_index": self._partials,
            "created_at": self._now(),
            "size": str(size) if size else "auto",
            "output_format": self._order.kind.format,
            **_LOOKS,
        }
        self._partials += 1
        return self._written(PARTIAL, facts)

    def completed(self, image: Image) -> str:
        """Send a finished picture, and turn to the next."""
        facts = {
            **_element(image, as_url=False),
            "created_at": self._now(),
            "size": str(image.size),
            "output_format": image.kind.format,
            **_LOOKS,
            "usage": _usage([image]),
        }
        text = self._written(COMPLETED, facts)
        self.image_index, self._partials = self.image_index + 1, 0
        return text

    def _written(self, kind: str, facts: Mapping[str, object]) -> str:
        return sent(kind, {"type": kind, "image_index": self.image_index, **facts})


def sent(kind: str, data: Mapping[str, object]) -> str:
    """Return one server-sent event with JSON data (WHATWG HTML, "Server-sent events")."""
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"


def _element(image: Image, *, as_url: bool) -> dict[str, object]:
    mime = image.kind.format.mime
    content = {"url": f"data:{mime};base64,{image.b64}"} if as_url else {"b64_json": image.b64}
    return {**content, "seed": image.seed, "seconds": round(image.seconds, 4)}


def _usage(images: list[Image]) -> dict[str, object]:
    """Return the tokens that the text encoder read and the transformer drew."""
    text = sum(image.prompt_tokens for image in images)
    drawn = sum(image.image_tokens for image in images)
    return {
        "input_tokens": text,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": text},
        "output_tokens": drawn,
        "output_tokens_details": {"image_tokens": drawn, "text_tokens": 0},
        "total_tokens": text + drawn,
    }


def _size(fields: Fields) -> Size | None:
    value = fields.value("size")
    if value is None or value == "auto":
        return None
    if not isinstance(value, str):
        raise InvalidRequest("size", f"size is {shown(value)}; write for example 512x512")
    return Size.parse(value)


def _as_url(fields: Fields) -> bool:
    """Whether pictures go out as URLs; DALL·E's are URLs unless the client says otherwise."""
    model = fields.value("model")
    default = "url" if isinstance(model, str) and model.startswith("dall-e") else "b64_json"
    return fields.choice("response_format", ("b64_json", "url"), default) == "url"


def _file_kind(fields: Fields) -> FileKind:
    kind = ImageFormat(fields.choice("output_format", tuple(ImageFormat), ImageFormat.PNG))
    return FileKind(kind, fields.whole_between("output_compression", 0, BEST_QUALITY, BEST_QUALITY))
