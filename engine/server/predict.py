"""`instances` in, `predictions` out: how Vertex AI, KServe and Gemini's clients ask for pictures.

After Vertex AI's custom containers and KServe's V1 protocol (`{"instances": [...]}`), with the
fields of Vertex AI's Imagen for what is in an instance and in `parameters`. Open WebUI's Gemini
engine sends one instance that is not in a list.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine.encode import BEST_QUALITY, ImageFormat
from engine.schema import DEFAULT_STEPS, MAX_COUNT, GenerationRequest, InvalidRequest, Size
from engine.server.desk import FileKind, Image, OrderDesk
from engine.server.fields import Fields, read_fields, shown
from engine.server.openai import following

PREDICT_PATH: Final = "/predict"
MODEL_PATHS: Final = ("/v1/models/{name}:predict", "/v1beta/models/{name}:predict")
ASPECT_RATIOS: Final = ("1:1", "3:4", "4:3", "9:16", "16:9")
MIME_TYPES: Final = tuple(kind.mime for kind in ImageFormat)
# Imagen's own, where the model's is not known yet.
_USUAL_SIZE: Final = Size(1024, 1024)
_WITHOUT_RATIO: Final = "1:1"


@dataclass(frozen=True, slots=True)
class Prediction:
    """One order: `sampleCount` requests for each instance in turn, and the files it wants."""

    requests: tuple[GenerationRequest, ...]
    kind: FileKind


class PredictService:
    """The endpoint, where model servers have it and at one `path` more."""

    def __init__(self, desk: OrderDesk, path: str = "") -> None:
        self._desk = desk
        self._path = path or PREDICT_PATH

    def routes(self) -> list[Route]:
        """Return where the endpoint is."""
        paths = dict.fromkeys((self._path, PREDICT_PATH, *MODEL_PATHS))
        return [Route(path, self.create, methods=["POST"]) for path in paths]

    async def create(self, request: Request) -> Response:
        """Make pictures and answer with all of them."""
        native = self._desk.native_size or _USUAL_SIZE
        order = parse_prediction(await read_fields(request), native)
        ticket = self._desk.take(request, order.requests)
        images = await self._desk.fulfil(request, ticket, order.kind)
        return await asyncio.to_thread(JSONResponse, answer(images))


def parse_prediction(fields: Fields, native: Size) -> Prediction:
    """Read a request; raises `InvalidRequest` naming the field that is wrong.

    An `aspectRatio` other than 1:1 gets a size with as many pixels as `native`.
    """
    instances = _instances(fields)
    parameters = _object(fields, "parameters")
    samples = parameters.whole_between("sampleCount", 1, MAX_COUNT, 1)
    count = samples * len(instances)
    if count > MAX_COUNT:
        raise InvalidRequest("instances", f"{count} pictures in all; ask for 1 to {MAX_COUNT}")
    size = _size(parameters, native)
    seed = None if parameters.value("seed") is None else parameters.whole("seed", 0)
    requests = tuple(
        GenerationRequest(
            instances[index // samples].text("prompt"),
            size,
            parameters.whole("steps", DEFAULT_STEPS),
            following(seed, index),
            parameters.text("negativePrompt"),
            parameters.number("guidanceScale", 0.0),
        )
        for index in range(count)
    )
    for request in requests:
        request.check()
    return Prediction(requests, _file_kind(_object(parameters, "outputOptions")))


def answer(images: list[Image]) -> dict[str, object]:
    """Return the body of a finished order."""
    return {
        "predictions": [
            {
                "mimeType": image.kind.format.mime,
                "bytesBase64Encoded": image.b64,
                "seed": image.seed,
            }
            for image in images
        ]
    }


def _instances(fields: Fields) -> list[Fields]:
    given = fields.value("instances")
    listed = given if isinstance(given, list) else [given]
    instances = [Fields(each) for each in listed if isinstance(each, dict)]
    if not instances or len(instances) < len(listed):
        raise InvalidRequest(
            "instances",
            f'instances is {shown(given)}; write for example [{{"prompt": "a red circle"}}]',
        )
    return instances


def _object(fields: Fields, name: str) -> Fields:
    given = fields.value(name)
    if given is None:
        return Fields({})
    if not isinstance(given, dict):
        raise InvalidRequest(name, f"{name} is {shown(given)}; give a JSON object")
    return Fields(given)


def _size(parameters: Fields, native: Size) -> Size | None:
    ratio = parameters.choice("aspectRatio", ASPECT_RATIOS, _WITHOUT_RATIO)
    if parameters.value("size") is not None:
        return Size.parse(parameters.text("size"))
    if ratio == _WITHOUT_RATIO:
        return None
    across, down = map(int, ratio.split(":"))
    unit = math.sqrt(native.width * native.height / (across * down))
    return Size(round(across * unit), round(down * unit)).nearest()


def _file_kind(output: Fields) -> FileKind:
    mime = output.choice("mimeType", MIME_TYPES, ImageFormat.PNG.mime)
    quality = output.whole_between("compressionQuality", 0, BEST_QUALITY, BEST_QUALITY)
    return FileKind(ImageFormat(mime.removeprefix("image/")), quality)
