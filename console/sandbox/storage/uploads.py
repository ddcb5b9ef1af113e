"""Objects sent in one request: bytes alone, or metadata and bytes in two parts (RFC 2387).

Source: https://cloud.google.com/storage/docs/uploading-objects.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.sandbox.storage.checksums import Claims
from console.sandbox.storage.conditions import Conditions
from console.sandbox.storage.contents import Incoming, gathered
from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.records import JsonObject, Version
from console.sandbox.storage.refusals import invalid, unknown
from console.sandbox.storage.requests import document
from console.sandbox.storage.resources import class_named, object_resource, properties
from console.sandbox.storage.resumable import Resumable
from console.sandbox.storage.warehouse import Draft, Warehouse, check_name

_BOUNDARY: Final = re.compile(r"""boundary=(?:"'?([^"']+)'?"|'([^']+)'|([^\s;"']+))""", re.I)


class Uploads:
    """The methods under `/upload/…/b/BUCKET/o`; all of them raise `Refused`."""

    def __init__(
        self, warehouse: Warehouse, disturbances: Disturbances, resumable: Resumable
    ) -> None:
        self._warehouse = warehouse
        self._disturbances = disturbances
        self._resumable = resumable

    async def answer(self, request: Request, bucket: str) -> Response:
        """Answer a request; `bucket` is the one that the path names."""
        query = request.query_params
        if query.get("upload_id"):
            return await self._resumable.go_on(request, query["upload_id"])
        self._disturbances.permit("storage.objects.create", "object")
        kind = query.get("uploadType") or request.headers.get("x-goog-upload-protocol", "")
        if request.method in ("POST", "PUT"):
            if kind == "resumable":
                return await self._resumable.begin(request, bucket)
            if kind in ("media", "multipart"):
                return await self._in_one(request, bucket, kind == "multipart")
            raise invalid(f"Unknown upload type: '{kind}'")
        raise unknown()

    async def _in_one(self, request: Request, bucket: str, in_two: bool) -> Response:
        self._warehouse.bucket(bucket)
        body = self._disturbances.body(request)
        incoming = self._warehouse.incoming()
        try:
            if in_two:
                said = await related(request.headers.get("content-type", ""), body, incoming)
            else:
                said = {"contentType": request.headers.get("content-type")}
                async for piece in gathered(body):
                    await incoming.write(piece)
            version = self._stored(request, bucket, said, incoming)
        except BaseException:
            incoming.discard()
            raise
        incoming.close()
        return JSONResponse(object_resource(version, request.headers.get("host", "")))

    def _stored(
        self, request: Request, bucket: str, said: JsonObject, incoming: Incoming
    ) -> Version:
        query = request.query_params
        if query.get("contentEncoding"):
            said = {**said, "contentEncoding": query["contentEncoding"]}
        name = check_name(str(query.get("name") or said.get("name") or ""))
        hashes = request.headers.getlist("x-goog-hash")
        Claims.made(hashes, request.headers, said).check(incoming.digest)
        Conditions.of(query).check(self._warehouse.catalogue.live(bucket, name))
        draft = replace(
            Draft.of(incoming), properties=properties(said), storage_class=class_named(said)
        )
        return self._warehouse.store(self._warehouse.bucket(bucket), name, draft)


async def related(content_type: str, body: AsyncIterator[bytes], incoming: Incoming) -> JsonObject:
    """Write the second part of a body of two; return the first, which is JSON."""
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise invalid("Missing or malformed multipart boundary.")
    boundary = b"--" + next(each for each in match.groups() if each).encode("latin-1")
    pieces = gathered(body)
    held = await anext(pieces, b"")
    head = re.compile(
        # Some clients end lines with a line feed alone.
        rb"\s*%b[^\r\n]*\r?\n.*?\r?\n\r?\n(.*?)\r?\n%b[^\r\n]*\r?\n(?:.*?\n)?(\r?\n)"
        % (re.escape(boundary), re.escape(boundary)),
        re.DOTALL,
    ).match(held)
    if head is None:
        raise invalid("Malformed multipart body.")
    said = document(head[1])
    if "contentType" not in said:
        said["contentType"] = _content_type(head[0])
    end = head[2] + boundary + b"--"
    tail = held[head.end() :]
    keep = len(end) + 64
    async for piece in pieces:
        await incoming.write(tail[:-keep])
        tail = tail[-keep:] + piece
    last = tail.rfind(end)
    if last < 0 and incoming.size == 0 and tail.startswith(boundary + b"--"):
        last = 0
    if last < 0:
        raise invalid("Malformed multipart body.")
    await incoming.write(tail[:last])
    return said


def _content_type(head: bytes) -> str | None:
    found = re.findall(rb"^content-type:[ \t]*([^\r\n]+)", head, re.IGNORECASE | re.MULTILINE)
    return found[-1].decode("latin-1") if len(found) > 1 else None
