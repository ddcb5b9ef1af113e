"""`/openapi.json`: the whole HTTP interface as an OpenAPI 3.1 document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.server import a1111
from engine.server.openapi_schemas import Schema, reference, schemas
from engine.server.predict import MODEL_PATHS, PREDICT_PATH

PATH: Final = "/openapi.json"
_JSON: Final = "application/json"
_VERSION: Final = "1"
_DESCRIPTION: Final = """\
Text to image. Every answer carries `x-request-id`. Errors have OpenAI's shape; those that asking
again cannot mend carry `x-should-retry: false`, and 429 carries `Retry-After` in seconds."""

# What may refuse any request at all, and what refuses requests for pictures.
_ANYWHERE: Final = {
    400: "not valid HTTP, or a field that makes no sense, which `param` names",
    403: "a web page of another site asks, or by a name that is not this machine's",
    408: "the request did not arrive in time",
    431: "too many or too large headers",
    500: "an error of the engine itself",
    503: "no more connections, or the process ends",
}
_BODY: Final = {413: "the body is too long", 415: "the body is not application/json"}
_PICTURES: Final = {
    **_BODY,
    429: "too many requests wait already",
    499: "the request was cancelled",
    500: "the picture could not be computed",
    503: "the model could not be loaded, memory ran out, or the process ends",
    504: "the picture was not finished in time",
}
_KEY: Final = {401: "the key is missing or wrong"}


class OpenApi:
    """The document; `with_key` says that the service asks for one."""

    def __init__(self, *, with_key: bool) -> None:
        self._with_key = with_key

    def routes(self) -> list[Route]:
        """Return where the document is."""
        return [Route(PATH, self.show)]

    async def show(self, request: Request) -> Response:
        """Answer with the document."""
        return Response(self._written, media_type=_JSON)

    @cached_property
    def _written(self) -> bytes:
        return json.dumps(self.document()).encode()

    def document(self) -> Schema:
        """Return the document as plain JSON values."""
        security: list[Schema] = [{name: []} for name in _SECURITY] if self._with_key else []
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Z-Image engine",
                "version": _VERSION,
                "description": _DESCRIPTION,
            },
            "security": security,
            "paths": {**self._pictures(), **self._a1111(), **self._state()},
            "components": {
                "schemas": schemas(),
                "securitySchemes": _SECURITY if self._with_key else {},
            },
        }

    def _pictures(self) -> dict[str, Schema]:
        name = _parameter("path", "name", {"type": "string", "pattern": "^[^/:]+$"})
        predict = self._posting("Make pictures, Vertex AI's way", "Prediction", "PredictionAnswer")
        streamed = {"description": "with `stream`: server-sent events that end in [DONE]"}
        content = {
            _JSON: {"schema": reference("ImageAnswer")},
            "text/event-stream": {"schema": streamed},
        }
        images = self._posting(
            "Make pictures, OpenAI's way",
            "ImageOrder",
            "ImageAnswer",
            {"200": {"description": "done", "content": content}},
        )
        return {
            "/v1/images/generations": {"post": images},
            PREDICT_PATH: {"post": predict},
            **{path: {"parameters": [name], "post": predict} for path in MODEL_PATHS},
        }

    def _a1111(self) -> dict[str, Schema]:
        prefix = "/sdapi/v1"
        text = {"type": "string"}
        skip = _parameter("query", "skip_current_image", text, "true: without the preview")
        making = self._posting("Make pictures, AUTOMATIC1111's way", "Txt2Img", "Txt2ImgAnswer")
        setting = {
            **self._operation("Change nothing", {"type": "null"}, _BODY),
            "requestBody": _json_body({"type": "object"}),
        }
        asking = self._operation("How far the present order is", reference("Progress"))
        stop = "Stop the present order at its next step"
        paths: dict[str, Schema] = {
            "txt2img": {"post": making},
            "progress": {"get": {**asking, "parameters": [skip]}},
            "interrupt": {"post": self._operation(stop, {"type": "object"})},
            "skip": {"post": self._operation(stop, {"type": "object"})},
            "options": {
                "get": self._operation("The settings clients look for", {"type": "object"}),
                "post": setting,
            },
            "sd-models": {"get": self._operation("The loaded model", {"type": "array"})},
        }
        for name, value in a1111.LISTS.items():
            kind = "array" if isinstance(value, list) else "object"
            paths[name] = {"get": self._operation(f"The {name} there are", {"type": kind})}
        return {f"{prefix}/{name}": path for name, path in paths.items()}

    def _state(self) -> dict[str, Schema]:
        name = _parameter("path", "name", {"type": "string"})
        listed = {"type": "array", "items": reference("Model")}
        models = {"type": "object", "required": ["data"], "properties": {"data": listed}}
        unknown = {404: "that model is not loaded"}
        either = {"anyOf": [reference("Readiness"), reference("Error")]}
        ready = self._operation(
            "Whether pictures can be made",
            reference("Readiness"),
            key=False,
            answers={"503": _answer(either, "not yet, or no more")},
        )
        return {
            "/healthz": {
                "get": self._operation("The process listens", {"type": "object"}, key=False)
            },
            "/readyz": {"get": ready},
            "/v1/timeline": {
                "get": self._operation("The moments of the start", {"type": "object"})
            },
            "/v1/models": {"get": self._operation("The loaded model", models)},
            "/v1/models/{name}": {
                "parameters": [name],
                "get": self._operation("One model", reference("Model"), unknown),
            },
            "/metrics": {"get": self._operation("Figures for Prometheus", None)},
            PATH: {"get": self._operation("This document", {"type": "object"})},
        }

    def _posting(
        self, summary: str, order: str, answer: str, answers: Mapping[str, Schema] | None = None
    ) -> Schema:
        operation = self._operation(summary, reference(answer), _PICTURES, answers=answers)
        return {**operation, "requestBody": _json_body(reference(order))}

    def _operation(
        self,
        summary: str,
        schema: Schema | None,
        refusals: Mapping[int, str] | None = None,
        *,
        key: bool = True,
        answers: Mapping[str, Schema] | None = None,
    ) -> Schema:
        """Return an operation; `schema` None means plain text, `answers` replace the usual."""
        asks_key = key and self._with_key
        reasons = {**_ANYWHERE, **(_KEY if asks_key else {}), **(refusals or {})}
        responses: Schema = {
            "200": _answer(schema, "done"),
            **{str(status): _refusal(status, reason) for status, reason in reasons.items()},
            **(answers or {}),
        }
        operation: Schema = {"summary": summary, "responses": responses}
        return operation if key else {**operation, "security": []}


_SECURITY: Final[dict[str, Schema]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic", "description": "the key is the password"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def _parameter(place: str, name: str, schema: Schema, description: str = "") -> Schema:
    told = {"description": description} if description else {}
    return {"in": place, "name": name, "required": place == "path", "schema": schema, **told}


def _json_body(schema: Schema) -> Schema:
    return {"required": True, "content": {_JSON: {"schema": schema}}}


def _answer(schema: Schema | None, description: str) -> Schema:
    content: Schema = {"text/plain": {}} if schema is None else {_JSON: {"schema": schema}}
    return {"description": description, "content": content}


def _refusal(status: int, reason: str) -> Schema:
    answer = _answer(reference("Error"), reason)
    if status != 429:
        return answer
    wait = {"required": True, "schema": {"type": "integer"}, "description": "seconds"}
    return {**answer, "headers": {"retry-after": wait}}
