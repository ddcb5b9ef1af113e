"""The XML interface: objects' bytes, and uploads in parts that are put together at the end.

Source: https://cloud.google.com/storage/docs/multipart-uploads.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from console.sandbox.storage.checksums import Claims
from console.sandbox.storage.contents import gathered
from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.downloads import Downloads
from console.sandbox.storage.records import JsonObject, Part, Upload, Version
from console.sandbox.storage.refusals import Refused, invalid, no_upload
from console.sandbox.storage.requests import collected
from console.sandbox.storage.resources import class_named, properties
from console.sandbox.storage.warehouse import Draft, Warehouse, check_name
from console.sandbox.storage.xml_documents import element, read, text_element, written

SMALLEST_PART: Final = 5 << 20
"""How long a part must be that is not the last, in bytes."""

_MOST_PARTS: Final = 10_000
_LARGEST_PAGE: Final = 1_000
_HEADERS: Final = {
    "cache-control": "cacheControl",
    "content-disposition": "contentDisposition",
    "content-encoding": "contentEncoding",
    "content-language": "contentLanguage",
    "content-type": "contentType",
}


class XmlInterface:
    """The methods under `/BUCKET/OBJECT`; all of them raise `Refused`."""

    def __init__(
        self, warehouse: Warehouse, disturbances: Disturbances, downloads: Downloads
    ) -> None:
        self._warehouse = warehouse
        self._disturbances = disturbances
        self._downloads = downloads

    async def answer(self, request: Request, bucket: str, name: str) -> Response:
        """Answer a request; `name` is that of an object, empty for the bucket itself."""
        query = request.query_params
        upload = query.get("uploadId", "")
        match request.method:
            case "GET" | "HEAD" if name and not upload:
                return self._downloads.answer(request, bucket, name)
            case "GET" if "uploads" in query:
                return self._unfinished(request, bucket)
            case "GET" if name:
                return self._parts(request, self._found(bucket, name, upload))
            case "POST" if name and "uploads" in query:
                return self._begin(request, bucket, name)
            case "PUT" if name and upload:
                return await self._take(request, self._found(bucket, name, upload))
            case "POST" if name and upload:
                return await self._complete(request, self._found(bucket, name, upload))
            case "DELETE" if name and upload:
                self._disturbances.permit("storage.multipartUploads.abort", "object")
                self._warehouse.abandon(self._found(bucket, name, upload).id)
                return Response(status_code=204)
        raise Refused(501, "notImplemented", "A header or query you provided is not implemented.")

    def _found(self, bucket: str, name: str, upload: str) -> Upload:
        self._warehouse.bucket(bucket)
        found = self._warehouse.catalogue.upload(upload)
        if found is None or not found.in_parts or (found.bucket, found.name) != (bucket, name):
            raise no_upload()
        if self._warehouse.has_ended(found):
            raise no_upload()
        return found

    def _begin(self, request: Request, bucket: str, name: str) -> Response:
        self._disturbances.permit("storage.multipartUploads.create", "object")
        self._warehouse.bucket(bucket)
        metadata = _metadata(request)
        properties(metadata)
        class_named(metadata)
        upload = Upload(
            id=self._warehouse.new_name(),
            bucket=bucket,
            name=check_name(name),
            started=self._warehouse.now(),
            in_parts=True,
            metadata=metadata,
        )
        self._warehouse.catalogue.put_upload(upload)
        return written(
            element("InitiateMultipartUploadResult", Bucket=bucket, Key=name, UploadId=upload.id)
        )

    async def _take(self, request: Request, upload: Upload) -> Response:
        self._disturbances.permit("storage.multipartUploads.create", "object")
        number = _part_number(request.query_params.get("partNumber", ""))
        incoming = self._warehouse.incoming()
        try:
            async for piece in gathered(self._disturbances.body(request)):
                await incoming.write(piece)
            digest = incoming.digest
            Claims.made(request.headers.getlist("x-goog-hash"), request.headers).check(digest)
            # It may have been finished or given up meanwhile.
            self._found(upload.bucket, upload.name, upload.id)
        except BaseException:
            incoming.discard()
            raise
        incoming.close()
        part = Part(number, digest.size, digest.md5, digest.crc32c, incoming.path.name)
        replaced = [each for each in self._parts_of(upload) if each.number == number]
        self._warehouse.catalogue.put_part(upload.id, part)
        for old in replaced:
            self._warehouse.file(old.stored).unlink(missing_ok=True)
        headers = {"ETag": _tag(part), "X-Goog-Hash": f"crc32c={part.crc32c},md5={part.md5}"}
        return Response(headers=headers)

    def _parts_of(self, upload: Upload) -> list[Part]:
        return self._warehouse.catalogue.parts(upload.id)

    async def _complete(self, request: Request, upload: Upload) -> Response:
        self._disturbances.permit("storage.multipartUploads.create", "object")
        asked = _listed(await collected(self._disturbances.body(request)))
        parts = _chosen(asked, self._parts_of(upload))
        incoming = self._warehouse.incoming()
        try:
            await incoming.copy([self._warehouse.file(part.stored) for part in parts])
            self._found(upload.bucket, upload.name, upload.id)
            draft = replace(
                Draft.of(incoming),
                md5="",
                properties=properties(upload.metadata),
                storage_class=class_named(upload.metadata),
                components=len(parts),
                parts_tag=_tag_of_all(parts),
            )
            bucket = self._warehouse.bucket(upload.bucket)
            version = self._warehouse.store(bucket, upload.name, draft)
        except BaseException:
            incoming.discard()
            raise
        incoming.close()
        self._warehouse.abandon(upload.id)
        return self._completed(request, version)

    def _completed(self, request: Request, version: Version) -> Response:
        location = f"http://{request.headers.get('host', '')}{request.url.path}"
        answer = written(
            element(
                "CompleteMultipartUploadResult",
                Location=location,
                Bucket=version.bucket,
                Key=version.name,
                ETag=f'"{version.parts_tag}"',
            )
        )
        answer.headers["X-Goog-Generation"] = str(version.generation)
        answer.headers["X-Goog-Hash"] = f"crc32c={version.crc32c}"
        return answer

    def _parts(self, request: Request, upload: Upload) -> Response:
        self._disturbances.permit("storage.multipartUploads.listParts", "object")
        after = request.query_params.get("part-number-marker", "0")
        marker = int(after) if after.isdigit() and len(after) < 10 else 0
        parts = [part for part in self._parts_of(upload) if part.number > marker]
        root = element(
            "ListPartsResult",
            Bucket=upload.bucket,
            Key=upload.name,
            UploadId=upload.id,
            StorageClass=class_named(upload.metadata) or "STANDARD",
            PartNumberMarker=str(marker),
            IsTruncated="true" if len(parts) > _LARGEST_PAGE else "false",
        )
        for part in parts[:_LARGEST_PAGE]:
            entry = element("Part", PartNumber=str(part.number), ETag=_tag(part))
            entry.append(text_element("Size", str(part.size)))
            root.append(entry)
        if len(parts) > _LARGEST_PAGE:
            root.append(text_element("NextPartNumberMarker", str(parts[_LARGEST_PAGE - 1].number)))
        return written(root)

    def _unfinished(self, request: Request, bucket: str) -> Response:
        self._disturbances.permit("storage.multipartUploads.list", "bucket")
        self._warehouse.bucket(bucket)
        query = request.query_params
        after = (query.get("key-marker", ""), query.get("upload-id-marker", ""))
        uploads = [
            each
            for each in self._warehouse.catalogue.uploads()
            if each.in_parts
            and each.bucket == bucket
            and each.name.startswith(query.get("prefix", ""))
            and (each.name, each.id) > after
            and not self._warehouse.has_ended(each)
        ]
        uploads.sort(key=lambda each: (each.name, each.id))
        page = uploads[:_LARGEST_PAGE]
        truncated = len(uploads) > len(page)
        root = element(
            "ListMultipartUploadsResult",
            Bucket=bucket,
            IsTruncated="true" if truncated else "false",
        )
        if truncated:
            root.append(text_element("NextKeyMarker", page[-1].name))
            root.append(text_element("NextUploadIdMarker", page[-1].id))
        for upload in page:
            root.append(
                element(
                    "Upload",
                    Key=upload.name,
                    UploadId=upload.id,
                    StorageClass=class_named(upload.metadata) or "STANDARD",
                    Initiated=upload.started,
                )
            )
        return written(root)


def _metadata(request: Request) -> JsonObject:
    said: JsonObject = {
        key: request.headers[header]
        for header, key in _HEADERS.items()
        if request.headers.get(header)
    }
    said["metadata"] = {
        key.removeprefix("x-goog-meta-"): value
        for key, value in request.headers.items()
        if key.startswith("x-goog-meta-")
    }
    said["storageClass"] = request.headers.get("x-goog-storage-class", "")
    return said


def _part_number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= _MOST_PARTS:
        raise invalid(f"Part number must be an integer between 1 and {_MOST_PARTS}, inclusive")
    return number


def _listed(body: bytes) -> list[tuple[int, str]]:
    """Return the numbers and tags of the parts that an upload is to be completed with."""
    return [
        (_part_number(part.findtext("{*}PartNumber", "")), part.findtext("{*}ETag", ""))
        for part in read(body).iterfind("{*}Part")
    ]


def _chosen(asked: list[tuple[int, str]], stored: list[Part]) -> list[Part]:
    by_number = {part.number: part for part in stored}
    numbers = [number for number, _ in asked]
    if not asked or numbers != sorted(set(numbers)):
        message = "The list of parts was not in ascending order."
        raise Refused(400, "invalid", message, "InvalidPartOrder")
    chosen = []
    for number, tag in asked:
        part = by_number.get(number)
        if part is None or tag.strip('"') != _tag(part).strip('"'):
            message = "One or more of the specified parts could not be found."
            raise Refused(400, "invalid", message, "InvalidPart")
        chosen.append(part)
    if any(part.size < SMALLEST_PART for part in chosen[:-1]):
        message = "Your proposed upload is smaller than the minimum allowed object size."
        raise Refused(400, "invalid", message, "EntityTooSmall")
    return chosen


def _tag(part: Part) -> str:
    return f'"{base64.b64decode(part.md5).hex()}"'


def _tag_of_all(parts: list[Part]) -> str:
    # What Google makes it of is not said; it is only ever compared.
    return f"{parts[0].stored}-{len(parts)}"
