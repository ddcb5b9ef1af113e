"""An engine over HTTP: is it ready, how did it start, and pictures with their progress."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import httpx

from console.language import tr
from console.model.images import Preview
from console.model.text import SafeText
from console.sources.base import (
    Denied,
    EngineFailed,
    Malformed,
    Missing,
    Offline,
    SourceError,
    Throttled,
)
from console.sources.engine_output import startup_event
from console.sources.event_stream import EventStreamReader, ServerSentEvent
from console.terminal.sanitise import sanitise
from engine.schema import (
    Decoded,
    Encoded,
    GenerationRequest,
    Queued,
    Readiness,
    Size,
    StartupEvent,
    Step,
    event_from_json,
)

ANSWER_SECONDS: Final = 10.0
"""How long a short question may take; an engine busy with a picture answers slowly."""

SILENCE_SECONDS: Final = 300.0
"""How long a stream may say nothing at all; the engine sends keep-alives far more often."""

MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
MAX_PREVIEWS: Final = 3
"""How many partial images OpenAI's interface lets a stream have."""

_PNG_START: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Finished:
    """The picture as PNG, its size, the seed that makes it again, and the seconds in all."""

    png: bytes = field(repr=False)
    size: Size
    seed: int
    seconds: float


Progress = Queued | Encoded | Step | Decoded


class EngineClient:
    """One engine at `url`, spoken to with `key`; an empty one is not sent.

    Every method raises `SourceError`. The environment's proxies are not used.
    """

    def __init__(
        self, url: str, key: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        headers = {"Accept-Encoding": "identity"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._http = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            timeout=httpx.Timeout(ANSWER_SECONDS),
            transport=transport,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def readiness(self) -> Readiness:
        """Return whether pictures can be made, and how far the start has come."""
        answer = await self._get("/readyz", also=503)
        try:
            readiness = Readiness.from_json(answer)
        except ValueError as error:
            raise _malformed("/readyz", error) from None
        return replace(readiness, message=sanitise(readiness.message))

    async def timeline(self) -> tuple[StartupEvent, ...]:
        """Return the moments of the engine's start so far, in order."""
        answer = await self._get("/v1/timeline")
        try:
            return tuple(startup_event(event) for event in _objects(answer, "events"))
        except ValueError as error:
            raise _malformed("/v1/timeline", error) from None

    async def models(self) -> tuple[SafeText, ...]:
        """Return the names of the models that the engine serves."""
        answer = await self._get("/v1/models")
        try:
            return tuple(sanitise(str(model["id"])) for model in _objects(answer, "data"))
        except (KeyError, ValueError) as error:
            raise _malformed("/v1/models", error) from None

    async def generate(
        self, request: GenerationRequest, trace: str = ""
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        """Make one picture: yields its progress, previews if asked for, and last `Finished`.

        The request is one of the trace with the hexadecimal number `trace`, if there is one.
        Leaving early closes the connection, upon which the engine stops within one step.
        """
        reader = EventStreamReader()
        async with self._stream(_body(request), _traced(trace)) as response:
            async for chunk in response.aiter_raw():
                for event in _fed(reader, chunk):
                    outcome = _outcome(event)
                    if outcome is not None:
                        yield outcome
                    if isinstance(outcome, Finished):
                        return
        raise Offline(
            sanitise(tr("the engine broke off before the picture was finished; try again"))
        )

    async def _get(self, path: str, also: int = 200) -> Mapping[str, object]:
        try:
            async with self._http.stream("GET", path) as response:
                body = await _read(response, path)
        except httpx.HTTPError as error:
            raise _offline(error) from None
        if response.status_code not in (200, also):
            raise _refusal(response, body)
        return _object(body, path)

    @asynccontextmanager
    async def _stream(
        self, body: Mapping[str, object], headers: Mapping[str, str]
    ) -> AsyncIterator[httpx.Response]:
        timeout = httpx.Timeout(ANSWER_SECONDS, read=SILENCE_SECONDS)
        path = "/v1/images/generations"
        try:
            async with self._http.stream(
                "POST", path, json=body, headers=headers, timeout=timeout
            ) as response:
                if response.status_code != 200:
                    raise _refusal(response, await _read(response, path))
                if "text/event-stream" not in response.headers.get("content-type", ""):
                    raise _malformed(path, ValueError(tr("not a stream of events")))
                yield response
        except httpx.HTTPError as error:
            raise _offline(error) from None


def _body(request: GenerationRequest) -> dict[str, object]:
    body: dict[str, object] = {"prompt": request.prompt, "n": 1, "stream": True}
    body |= {"response_format": "b64_json", "output_format": "png", "steps": request.steps}
    if request.size is not None:
        body["size"] = str(request.size)
    if request.seed is not None:
        body["seed"] = request.seed
    if request.previews:
        body["partial_images"] = min(request.previews, MAX_PREVIEWS)
    return body


def _traced(trace: str) -> dict[str, str]:
    """Return the header that names a trace (https://www.w3.org/TR/trace-context)."""
    return {"traceparent": f"00-{trace}-{trace[:16]}-01"} if trace else {}


def _fed(reader: EventStreamReader, chunk: bytes) -> list[ServerSentEvent]:
    try:
        return reader.feed(chunk)
    except ValueError as error:
        raise _malformed(tr("the stream"), error) from None


def _outcome(event: ServerSentEvent) -> Progress | Preview | Finished | None:
    """Read one event; None for those that say nothing to us."""
    if event.data == "[DONE]":
        return None
    data = _object(event.data.encode(), tr("the stream"))
    if "error" in data:
        raise EngineFailed(
            _error_message(data) or sanitise(tr("the engine failed without a reason"))
        )
    try:
        if event.name == "image_generation.progress":
            return event_from_json(data)
        if event.name == "image_generation.partial_image":
            return Preview(_png(data))
        if event.name == "image_generation.completed":
            return _finished(data)
    except (ValueError, KeyError, binascii.Error) as error:
        raise _malformed(tr("the stream"), error) from None
    return None


def _finished(data: Mapping[str, object]) -> Finished:
    png = _png(data)
    seed, seconds = data["seed"], data["seconds"]
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ValueError(tr("seed {seed!r} is not a whole number", seed=seed))
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError(tr("{seconds!r} seconds are not a number", seconds=seconds))
    return Finished(png, Size(*struct.unpack(">II", png[16:24])), seed, float(seconds))


def _png(data: Mapping[str, object]) -> bytes:
    png = base64.b64decode(str(data["b64_json"]), validate=True)
    if not png.startswith(_PNG_START) or len(png) < 24:
        raise ValueError(tr("the picture is not a PNG"))
    return png


async def _read(response: httpx.Response, path: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            words = tr("more than {most:,} bytes", most=MAX_ANSWER_BYTES)
            raise _malformed(path, ValueError(words))
    return bytes(body)


def _object(body: bytes, path: str) -> Mapping[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _malformed(path, error) from None
    if not isinstance(answer, dict):
        raise _malformed(path, ValueError(tr("not a JSON object")))
    return answer


def _objects(answer: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    found = answer.get(key)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError(tr("no list of objects under {key!r}", key=key))
    return found


def _error_message(answer: Mapping[str, object]) -> SafeText | None:
    """Read the message of OpenAI's error shape, or of the plain `{"error": "text"}`."""
    error = answer.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    return sanitise(message) if isinstance(message, str) and message.strip() else None


def _refusal(response: httpx.Response, body: bytes) -> SourceError:
    status = response.status_code
    try:
        said = _error_message(_object(body, ""))
    except Malformed:
        said = None
    answer = f"{status} {response.reason_phrase}".rstrip()
    message = said or sanitise(tr("the engine answered {answer}", answer=answer))
    match status:
        case 401 | 403:
            return Denied(message)
        case 404:
            return Missing(message)
        case 429:
            return Throttled(message, _seconds(response.headers.get("retry-after", "")))
        case _:
            return EngineFailed(message)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _offline(error: httpx.HTTPError) -> Offline:
    if isinstance(error, httpx.TimeoutException):
        return Offline(sanitise(tr("the engine did not answer in time; it may be busy or stuck")))
    if isinstance(error, httpx.ConnectError):
        return Offline(
            sanitise(tr("nothing answers at the engine's address; its process may be gone"))
        )
    reason = str(error) or type(error).__name__
    return Offline(sanitise(tr("the connection to the engine broke: {why}", why=reason)))


def _malformed(where: str, error: Exception) -> Malformed:
    return Malformed(
        sanitise(tr("the engine's answer makes no sense ({what}: {why})", what=where, why=error))
    )
