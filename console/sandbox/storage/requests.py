"""Reading requests: JSON bodies of bounded size, switches and page tokens of queries."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Mapping
from typing import Final
from urllib.parse import unquote

from starlette.requests import Request

from console.sandbox.storage.records import JsonObject
from console.sandbox.storage.refusals import Refused, invalid

LARGEST_DOCUMENT: Final = 2 << 20
"""How long a body may be that is held in memory, in bytes."""

LARGEST_PAGE: Final = 1_000


def segments(request: Request) -> list[str]:
    """Return the parts of the path as it was sent, decoded one by one."""
    raw: bytes = request.scope["raw_path"]
    path = raw.partition(b"?")[0].decode("latin-1")
    return [unquote(each) for each in path.split("/") if each]


def object_name(request: Request) -> str:
    """Return what follows the first part of the path, decoded: slashes are part of a name."""
    raw: bytes = request.scope["raw_path"]
    path = raw.partition(b"?")[0].decode("latin-1")
    return unquote(path.lstrip("/").partition("/")[2])


async def collected(body: AsyncIterator[bytes], most: int = LARGEST_DOCUMENT) -> bytes:
    """Return a whole body; raises `Refused` when it has more than `most` bytes."""
    data = bytearray()
    async for chunk in body:
        data += chunk
        if len(data) > most:
            raise Refused(413, "uploadTooLarge", "The request is too large.", "EntityTooLarge")
    return bytes(data)


def document(data: bytes) -> JsonObject:
    """Return the object that a JSON body is, an empty one for none; raises `Refused`."""
    if not data.strip():
        return {}
    try:
        value = json.loads(data)
        # Half of a surrogate pair and what is no number can be read, and then not be written.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise Refused(400, "parseError", "Parse Error") from None
    if not isinstance(value, dict):
        raise Refused(400, "parseError", "Parse Error")
    return value


def is_on(query: Mapping[str, str], name: str) -> bool:
    """Say whether a switch of the query is on."""
    return query.get(name, "").lower() in ("true", "1")


def page_size(query: Mapping[str, str]) -> int:
    """Return how many results a page is to have at most; raises `Refused`."""
    text = query.get("maxResults", "")
    if not text:
        return LARGEST_PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(400, "invalidParameter", f"Invalid value for: maxResults, '{text}'")
    return min(int(text), LARGEST_PAGE) or LARGEST_PAGE


def page_token(*where: str | int) -> str:
    """Return the token of the page that begins at `where`."""
    return base64.urlsafe_b64encode(json.dumps(where).encode()).decode()


def page_begin(query: Mapping[str, str]) -> tuple[str, int]:
    """Return the name and the generation at which a page begins; raises `Refused`."""
    token = query.get("pageToken", "")
    if not token:
        return "", 0
    try:
        name, generation = json.loads(base64.urlsafe_b64decode(token.encode()))
        return str(name), int(generation)
    except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError):
        raise invalid("Invalid page token.") from None
