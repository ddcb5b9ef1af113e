"""Objects sent bit by bit, over as many requests as it takes.

Source: https://cloud.google.com/storage/docs/performing-resumable-uploads.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.sandbox.storage.checksums import Claims
from console.sandbox.storage.conditions import Conditions
from console.sandbox.storage.contents import Incoming, after, gathered
from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.records import Upload, Version
from console.sandbox.storage.refusals import invalid, no_object, no_upload, unknown
from console.sandbox.storage.requests import collected, document
from console.sandbox.storage.resources import class_named, object_resource, properties
from console.sandbox.storage.warehouse import Draft, Warehouse, check_name

UNIT: Final = 262_144
"""What has arrived is kept in multiples of so many bytes, the end of the object apart."""

_RANGE: Final = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(?:(\d{1,18})|\*)")


@dataclass(slots=True)
class _Session:
    """An upload that goes on: one request at a time writes to it."""

    upload: Upload
    incoming: Incoming
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a request says it sends: from which byte on, and of how many in all.

    `start` is None when it sends nothing and asks how far the upload is; `to_end` means that
    the object ends where the body does.
    """

    start: int | None
    total: int | None
    to_end: bool = False

    @classmethod
    def of(cls, request: Request) -> _Sent:
        text = request.headers.get("content-range", "")
        said = request.headers.get("content-length", "")
        length = int(said) if said.isdigit() else None
        if not text:
            return cls(0, length, to_end=length is None)
        match = _RANGE.fullmatch(text.strip())
        if match is None:
            raise invalid(f"Failed to parse Content-Range header: {text[:80]}")
        first, last, of = match.groups()
        total = None if of is None else int(of)
        if first is None:
            return cls(None, total)
        count = int(last) - int(first) + 1
        if count < 0 or (total is not None and int(last) >= total):
            raise invalid(f"Failed to parse Content-Range header: {text[:80]}")
        if length is not None and length != count:
            raise invalid(
                f"Invalid request. There were {length} byte(s) in the request body. There should "
                f"have been {count} byte(s) (starting at offset {first} and ending at offset "
                f"{last}) according to the Content-Range header."
            )
        return cls(int(first), total)


class Resumable:
    """Resumable uploads; they survive the sandbox. All methods raise `Refused`."""

    def __init__(self, warehouse: Warehouse, disturbances: Disturbances) -> None:
        self._warehouse = warehouse
        self._disturbances = disturbances
        self._sessions: dict[str, _Session] = {}

    def close(self) -> None:
        """Close the files; what arrived stays."""
        for session in self._sessions.values():
            session.incoming.close()

    async def begin(self, request: Request, bucket: str) -> Response:
        """Open an upload, and say where it goes on."""
        query = request.query_params
        said = document(await collected(self._disturbances.body(request)))
        self._warehouse.bucket(bucket)
        if kind := request.headers.get("x-upload-content-type"):
            said = {"contentType": kind, **said}
        name = check_name(str(query.get("name") or said.get("name") or ""))
        properties(said)
        class_named(said)
        Conditions.of(query).check(self._warehouse.catalogue.live(bucket, name))
        total = request.headers.get("x-upload-content-length", "")
        upload = Upload(
            id=self._warehouse.new_name(),
            bucket=bucket,
            name=name,
            started=self._warehouse.now(),
            in_parts=False,
            metadata=said,
            conditions=Conditions.asked(query),
            total=int(total) if total.isdigit() and len(total) < 19 else None,
        )
        self._warehouse.catalogue.put_upload(upload)
        headers = {
            "Location": f"http://{request.headers.get('host', '')}{request.url.path}"
            f"?uploadType=resumable&upload_id={upload.id}",
            "X-GUploader-UploadID": upload.id,
        }
        return Response(headers=headers)

    async def go_on(self, request: Request, name: str) -> Response:
        """Take in more of an upload, say how far it is, or cancel it."""
        self._disturbances.permit("storage.objects.create", "object")
        if request.method not in ("PUT", "POST", "DELETE"):
            raise unknown()
        sent = _Sent.of(request)
        session = await self._session(name)
        if session is None:
            return self._finished(request, name)
        async with session.lock:
            # Another request may have finished or cancelled it meanwhile.
            if self._sessions.get(name) is not session:
                return self._finished(request, name)
            if request.method == "DELETE":
                self._drop(session)
                return Response(status_code=499)
            return await self._take(request, session, sent)

    async def _session(self, name: str) -> _Session | None:
        """Return an upload that goes on, None when it is finished."""
        if name in self._sessions:
            return self._sessions[name]
        upload = self._warehouse.catalogue.upload(name)
        if upload is None or upload.in_parts:
            raise no_upload()
        if upload.result:
            return None
        incoming = await Incoming.resumed(self._warehouse.file(name), UNIT)
        # Another request may have been quicker.
        session = self._sessions.setdefault(name, _Session(upload, incoming))
        if session.incoming is not incoming:
            incoming.close()
        return session

    def _drop(self, session: _Session) -> None:
        del self._sessions[session.upload.id]
        session.incoming.discard()
        self._warehouse.abandon(session.upload.id)

    def _finished(self, request: Request, name: str) -> Response:
        """Say again what an upload became, for a client that missed it."""
        upload = self._warehouse.catalogue.upload(name)
        if upload is None:
            raise no_upload()
        found = self._warehouse.catalogue.version(upload.bucket, upload.name, upload.result)
        if found is None:
            raise no_object(upload.bucket, upload.name)
        return JSONResponse(object_resource(found, request.headers.get("host", "")))

    async def _take(self, request: Request, session: _Session, sent: _Sent) -> Response:
        total = session.upload.total if sent.total is None else sent.total
        if session.upload.total not in (None, total):
            raise invalid(
                f"Invalid request. The number of bytes announced was {session.upload.total}, not "
                f"{total}."
            )
        if sent.start is not None:
            await self._receive(request, session, sent, total)
            if sent.to_end:
                total = session.incoming.size
        size = session.incoming.size
        if total is None or size < total:
            return _incomplete(size)
        if size > total:
            raise invalid(
                f"Invalid request. The upload has {size} byte(s) already, more than the {total} "
                "byte(s) of the Content-Range header."
            )
        version = self._complete(request, session)
        return JSONResponse(object_resource(version, request.headers.get("host", "")))

    async def _receive(
        self, request: Request, session: _Session, sent: _Sent, total: int | None
    ) -> None:
        """Write what is new of a body; of its end only whole units, unless it is the last."""
        incoming, start = session.incoming, sent.start or 0
        if start > incoming.size:
            raise invalid(
                f"Invalid request. According to the Content-Range header, the upload offset is "
                f"{start} byte(s), which exceeds already uploaded size of {incoming.size} byte(s)."
            )
        new = after(self._disturbances.body(request), incoming.size - start)
        async for piece in gathered(new, UNIT):
            end = incoming.size + len(piece)
            last = sent.to_end or end == total
            await incoming.write(piece if last else piece[: len(piece) - end % UNIT])

    def _complete(self, request: Request, session: _Session) -> Version:
        upload, incoming = session.upload, session.incoming
        claims = Claims.made(request.headers.getlist("x-goog-hash"), request.headers)
        try:
            claims.or_else(Claims.made((), {}, upload.metadata)).check(incoming.digest)
            live = self._warehouse.catalogue.live(upload.bucket, upload.name)
            Conditions.of(upload.conditions).check(live)
        except BaseException:
            self._drop(session)
            raise
        draft = replace(
            Draft.of(incoming),
            properties=properties(upload.metadata),
            storage_class=class_named(upload.metadata),
        )
        bucket = self._warehouse.bucket(upload.bucket)
        version = self._warehouse.store(bucket, upload.name, draft)
        self._warehouse.catalogue.put_upload(replace(upload, result=version.generation))
        del self._sessions[upload.id]
        incoming.close()
        return version


def _incomplete(size: int) -> Response:
    """Say how much is kept."""
    headers = {"Range": f"bytes=0-{size - 1}"} if size else {}
    return Response(status_code=308, headers=headers)
