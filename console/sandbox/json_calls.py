"""Google's interfaces in JSON over HTTP: a call, what answers it, and lists in pages.

Source: https://google.aip.dev/127 (HTTP and gRPC transcoding), https://google.aip.dev/158 (pages).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import grpc
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.sandbox.gateway import refusal
from console.sandbox.run.refused import Refused, invalid
from console.sandbox.run.services import BadState

LARGEST: Final = 4 * 1024 * 1024
"""How many bytes a request may have."""

JsonObject = dict[str, object]
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked: the variables in the path, the query, and the body."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject


Answer = Callable[[Call], JsonObject]
"""Answers a call; raises `Refused`."""


class Detailed(Refused):
    """A refusal with `details` for programs (https://google.aip.dev/193)."""

    def __init__(self, code: grpc.StatusCode, message: str, *details: JsonObject) -> None:
        super().__init__(code, message)
        self.details = details


def json_route(path: str, **answers: Answer) -> Route:
    """Return the route of `path`, whose methods are answered by the arguments of their names."""

    async def endpoint(request: Request) -> Response:
        try:
            call = Call(request.path_params, request.query_params, await read_body(request))
            return JSONResponse(answers[request.method](call))
        except Detailed as refused:
            return detailed(refused)
        except Refused as refused:
            return refusal(refused.http_status, str(refused))
        except BadState as error:
            return refusal(500, str(error))

    route = Route(path, endpoint, methods=sorted(answers))
    # It would answer HEAD as well, for which there is nothing here.
    route.methods = set(answers)
    return route


def detailed(refused: Detailed) -> Response:
    """Return a refusal with its details as an answer by HTTP."""
    status = refused.http_status
    error = {"code": status, "message": str(refused), "status": refused.code.name}
    return JSONResponse({"error": {**error, "details": list(refused.details)}}, status)


async def read_body(request: Request) -> JsonObject:
    """Return the object that a request carries, an empty one for none; raises `Refused`."""
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST:
            raise invalid(f"The request is larger than {LARGEST} bytes.")
        parts.append(chunk)
    try:
        said = json.loads(b"".join(parts) or b"{}")
        # Half a character, or a number that is none, could be read but never be answered.
        json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise invalid("Invalid JSON payload received.") from None
    if not isinstance(said, dict):
        raise invalid("Invalid JSON payload received: it is no object.")
    return said


def page(items: Sequence[_Item], call: Call, field: str, most: int = 1_000) -> JsonObject:
    """Return the page that `call` asks for, with the items in `field`."""
    size, token = call.query.get("pageSize", ""), call.query.get("pageToken", "")
    for number in (size, token):
        if number and not (number.isascii() and number.isdigit() and len(number) < 10):
            raise invalid(f"{number!r} in pageSize or pageToken is invalid.")
    first = int(token or 0)
    last = first + (min(int(size or 0), most) or most)
    answer: JsonObject = {field: list(items[first:last])} if items[first:last] else {}
    if last < len(items):
        answer["nextPageToken"] = str(last)
    return answer


def unknown(resource: str) -> Refused:
    """Return the refusal for a resource that there is not."""
    return Refused(grpc.StatusCode.NOT_FOUND, f"Requested entity was not found: {resource}")


def denied(permission: str, resource: str) -> Refused:
    """Return the refusal for want of a permission."""
    return Refused(
        grpc.StatusCode.PERMISSION_DENIED,
        f"Permission '{permission}' denied on resource '{resource}' (or it may not exist).",
    )


def text(value: object) -> str:
    """Return `value` if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def strings(value: object) -> list[str]:
    """Return the texts in a list, none when `value` is no list."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def objects(value: object) -> list[JsonObject]:
    """Return the objects in a list, none when `value` is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def an_object(value: object) -> JsonObject:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
