"""Objects' bytes, whole or a range of them.

Sources: https://cloud.google.com/storage/docs/json_api/v1/objects/get and RFC 9110 §14.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from console.sandbox.storage.conditions import Conditions, number
from console.sandbox.storage.contents import read
from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.records import Version
from console.sandbox.storage.refusals import Refused
from console.sandbox.storage.resources import etag
from console.sandbox.storage.warehouse import Warehouse

_RANGE: Final = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
_AS_HEADERS: Final = {
    "cacheControl": "Cache-Control",
    "contentDisposition": "Content-Disposition",
    "contentEncoding": "Content-Encoding",
    "contentLanguage": "Content-Language",
}


class Downloads:
    """Sends objects' bytes; raises `Refused`."""

    def __init__(self, warehouse: Warehouse, disturbances: Disturbances) -> None:
        self._warehouse = warehouse
        self._disturbances = disturbances

    def answer(self, request: Request, bucket: str, name: str) -> Response:
        """Answer a request for the bytes of an object."""
        self._disturbances.permit("storage.objects.get", "object")
        query = request.query_params
        found = self._warehouse.find(bucket, name, number(query, "generation"))
        Conditions.of(query).check(found, reading=True)
        tags = (etag(found.generation, found.metageneration), f'"{_entity_tag(found)}"')
        if request.headers.get("if-none-match") in tags:
            return Response(status_code=304)
        if request.headers.get("if-match", tags[0]) not in (*tags, "*"):
            raise Refused(412, "conditionNotMet", "Precondition Failed")
        start, length = asked(request.headers.get("range", ""), found.size)
        headers = _headers(found) | {"Content-Length": str(length)}
        whole = length == found.size
        if not whole:
            headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{found.size}"
        status = 200 if whole and "range" not in request.headers else 206
        if status == 206 and whole:
            headers["Content-Range"] = f"bytes 0-{max(0, length - 1)}/{found.size}"
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        data = read(self._warehouse.file(found.content), start, length)
        return StreamingResponse(
            self._disturbances.download(request, data, length), status, headers
        )


def asked(text: str, size: int) -> tuple[int, int]:
    """Return the first byte and the number of bytes that a `Range` header asks for.

    One that makes no sense asks for all; raises `Refused` when there is nothing of it.
    """
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return 0, size
    first, last, suffix = match.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        if length:
            return size - length, length
    else:
        start, end = int(first), int(last) if last else size - 1
        if end < start and last:
            return 0, size
        if start < size:
            return start, min(end, size - 1) - start + 1
    raise Refused(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")


def _entity_tag(version: Version) -> str:
    return version.parts_tag or version.md5 or f"{version.generation:x}"


def _headers(version: Version) -> dict[str, str]:
    hashes = [f"crc32c={version.crc32c}", *([f"md5={version.md5}"] if version.md5 else [])]
    said = {
        header: str(version.properties[key])
        for key, header in _AS_HEADERS.items()
        if version.properties.get(key)
    }
    encoding = version.properties.get("contentEncoding") or "identity"
    headers = {
        "Content-Type": str(version.properties.get("contentType") or "application/octet-stream"),
        "ETag": etag(version.generation, version.metageneration),
        "Accept-Ranges": "bytes",
        "X-Goog-Generation": str(version.generation),
        "X-Goog-Metageneration": str(version.metageneration),
        "X-Goog-Hash": ",".join(hashes),
        "X-Goog-Storage-Class": version.storage_class,
        "X-Goog-Stored-Content-Encoding": str(encoding),
        "X-Goog-Stored-Content-Length": str(version.size),
        **said,
    }
    return {key: _in_header(value) for key, value in headers.items()}


def _in_header(value: str) -> str:
    """Return what a header can carry of a text."""
    return "".join(each for each in value if each.isprintable()).encode().decode("latin-1")
