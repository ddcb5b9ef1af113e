"""Large objects put into a bucket of Cloud Storage, in parts that are sent side by side.

Parts go by the XML interface, which checks each one's CRC32C; but it knows no preconditions, so the
object is put together under a name of its own and then moved, which does. Moving takes no time and,
unlike copying and deleting, leaves nothing behind that is paid for; where a server knows no moving,
it is copied and deleted all the same. Sources:
https://cloud.google.com/storage/docs/multipart-uploads and
https://cloud.google.com/storage/docs/json_api/v1/objects/move.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from urllib.parse import quote
from xml.etree import ElementTree

from google.api_core import exceptions as google
from requests.adapters import HTTPAdapter

from console.language import tr
from console.model.models.staging import final_name
from console.model.storage import StoredObject
from console.sources.base import Missing
from console.sources.google_errors import Asked, refusals
from console.sources.storage import CONNECT_SECONDS, XmlRefusal, transport_errors
from console.sources.storage_facts import object_facts, part_page, refusal_code, upload_id
from console.sources.writing import Corrupted, Gone, Payload, Taken
from console.terminal.sanitise import sanitise

STALLED_SECONDS: Final = 60.0
"""How long is waited for an answer, or for room for another byte, unless somebody says else."""

CONNECTIONS: Final = 32
"""How many connections are kept open at most."""

FINISH_SECONDS: Final = 600.0
"""How long it may take to make an object of its parts."""

CONTENT_TYPE: Final = "application/octet-stream"

PERMISSIONS: Final = (
    "storage.objects.create",
    "storage.objects.delete",
    "storage.objects.get",
    "storage.objects.update",
)
"""What it takes to store an object: it is deleted under the name that it was sent under.

Those for parts are found out by the first request, before any byte is sent.
"""

_INTERFACE: Final = "storage.googleapis.com"
_CORRUPTED: Final = ("BadDigest", "CrcMismatch", "InvalidDigest")
_UNSENT_BYTES: Final = 262_144
_TCP_NOTSENT_LOWAT: Final = getattr(socket, "TCP_NOTSENT_LOWAT", None)
_Result = TypeVar("_Result")


class BucketWriter:
    """An `ObjectWriter` over Google's client; the client's own retries are off.

    A connection on which nothing passes for `stalled_seconds` is given up.
    """

    def __init__(self, client: Any, bucket: str, stalled_seconds: float = STALLED_SECONDS) -> None:
        self._client = client
        self._bucket = bucket
        self._timeout = (CONNECT_SECONDS, stalled_seconds)
        self._base = f"{client._connection.API_BASE_URL}/{quote(bucket, safe='')}"
        for scheme in ("http://", "https://"):
            client._http.mount(scheme, _Adapter(pool_maxsize=CONNECTIONS))

    def lacking(self) -> tuple[str, ...]:
        """Return which permissions are missing of those that it takes to store an object."""
        words = tr("ask what may be done in gs://{bucket}", bucket=self._bucket)
        with self._asking(words, "storage.buckets.get"):
            held = self._handle().test_iam_permissions(
                list(PERMISSIONS), retry=None, timeout=self._timeout
            )
            return tuple(each for each in PERMISSIONS if each not in held)

    def begin(self, name: str, notes: Mapping[str, str]) -> str:
        """Begin an upload in parts; return its id."""
        headers = {f"x-goog-meta-{key}": value for key, value in notes.items()}
        headers["content-type"] = CONTENT_TYPE
        words = self._words(tr("begin to upload {name} in gs://{bucket}"), name)
        with self._asking(words, "storage.multipartUploads.create"):
            answer = self._xml("POST", name, {"uploads": ""}, headers=headers)
            return upload_id(answer.content)

    def send(self, name: str, upload: str, number: int, data: Payload, crc32c: str) -> str:
        """Send a part and return its tag."""
        words = self._words(tr("upload {name} in gs://{bucket}"), name)
        with self._asking(words, "storage.multipartUploads.create"):
            answer = self._xml(
                "PUT",
                name,
                {"partNumber": str(number), "uploadId": upload},
                data=data,
                headers={"X-Goog-Hash": f"crc32c={crc32c}"},
            )
            if crc32c not in _hashes(answer.headers.get("X-Goog-Hash", "")):
                said = tr(
                    "part {number} of {name} did not arrive as it was sent",
                    number=number,
                    name=final_name(name),
                )
                raise Corrupted(sanitise(said))
            return str(answer.headers["ETag"])

    def sent(self, name: str, upload: str) -> Mapping[int, tuple[str, int]]:
        """Return the tag and the size of each part that arrived."""
        found: dict[int, tuple[str, int]] = {}
        after = "0"
        words = self._words(tr("list the parts of {name} in gs://{bucket}"), name)
        with self._asking(words, "storage.multipartUploads.listParts"):
            while True:
                asked = {"uploadId": upload, "part-number-marker": after}
                page, following = part_page(self._xml("GET", name, asked).content)
                found |= page
                if not following or following == after:
                    return found
                after = following

    def finish(self, name: str, upload: str, parts: Sequence[tuple[int, str]]) -> None:
        """Make an object of its parts."""
        root = ElementTree.Element("CompleteMultipartUpload")
        for number, tag in parts:
            part = ElementTree.SubElement(root, "Part")
            ElementTree.SubElement(part, "PartNumber").text = str(number)
            ElementTree.SubElement(part, "ETag").text = tag
        words = self._words(tr("put {name} together in gs://{bucket}"), name)
        with self._asking(words, "storage.multipartUploads.create"):
            self._xml(
                "POST",
                name,
                {"uploadId": upload},
                data=ElementTree.tostring(root),
                timeout=(CONNECT_SECONDS, FINISH_SECONDS),
            )

    def give_up(self, name: str, upload: str) -> None:
        """Forget an upload and its parts."""
        words = self._words(tr("give {name} up in gs://{bucket}"), name)
        try:
            with self._asking(words, "storage.multipartUploads.abort"):
                self._xml("DELETE", name, {"uploadId": upload})
        except Gone:
            return

    def look(self, name: str) -> StoredObject | None:
        """Return what is stored under a name."""
        words = self._words(tr("look at {name} in gs://{bucket}"), name)
        with self._asking(words, "storage.objects.get"):
            found = self._handle().get_blob(name, retry=None, timeout=self._timeout)
            return None if found is None else object_facts(found._properties)

    def read(self, stored: StoredObject, start: int, count: int) -> bytes:
        """Return some bytes of an object, as they are stored."""
        blob = self._handle().blob(stored.name, generation=stored.generation)
        words = tr("read {name} in gs://{bucket}", name=stored.name, bucket=self._bucket)
        with self._asking(words, "storage.objects.get"):
            return bytes(
                blob.download_as_bytes(
                    start=start,
                    end=start + count - 1,
                    raw_download=True,
                    checksum=None,
                    retry=None,
                    timeout=self._timeout,
                )
            )

    def note(self, stored: StoredObject, notes: Mapping[str, str]) -> StoredObject:
        """Note something with an object."""
        blob = self._handle().blob(stored.name)
        blob.metadata = {**dict(stored.metadata), **notes}
        words = self._words(tr("note with {name} what it is in gs://{bucket}"), stored.name)
        with self._asking(words, "storage.objects.update"):
            blob.patch(if_generation_match=stored.generation, retry=None, timeout=self._timeout)
            return object_facts(blob._properties)

    def rename(self, stored: StoredObject, name: str, expected: int) -> StoredObject:
        """Give an object its final name."""
        bucket = self._handle()
        only_if = {
            "if_generation_match": expected,
            "if_source_generation_match": stored.generation,
        }
        words = tr("store {name} in gs://{bucket}", name=name, bucket=self._bucket)
        with self._asking(words, "storage.objects.create"):
            try:
                moved = bucket.move_blob(
                    bucket.blob(stored.name), name, retry=None, timeout=self._timeout, **only_if
                )
            except (google.MethodNotImplemented, google.MethodNotAllowed, google.NotFound):
                # What is not there cannot be copied either, and that says so.
                moved = self._copied(bucket.blob(stored.name), bucket.blob(name), only_if)
                self.remove(stored)
            return object_facts(moved._properties)

    def remove(self, stored: StoredObject) -> None:
        """Delete an object."""
        blob = self._handle().blob(stored.name)
        try:
            words = self._words(tr("delete {name} in gs://{bucket}"), stored.name)
            with self._asking(words, "storage.objects.delete"):
                blob.delete(
                    if_generation_match=stored.generation, retry=None, timeout=self._timeout
                )
        except (Gone, Taken):
            return

    def _copied(self, source: Any, target: Any, only_if: Mapping[str, int]) -> Any:
        """Copy within the storage, where nothing can be moved."""
        token = None
        while True:
            token, _, _ = target.rewrite(
                source, token=token, retry=None, timeout=self._timeout, **only_if
            )
            if token is None:
                return target

    def _handle(self) -> Any:
        return self._client.bucket(self._bucket)

    def _xml(self, method: str, name: str, parameters: Mapping[str, str], **more: Any) -> Any:
        answer = self._client._http.request(
            method,
            f"{self._base}/{quote(name, safe='/~')}",
            params=parameters,
            **{"timeout": self._timeout, **more},
        )
        if answer.ok:
            return answer
        if refusal_code(answer.content) in _CORRUPTED:
            said = tr("what arrived of {name} is not what was sent", name=final_name(name))
            raise Corrupted(sanitise(said))
        raise google.from_http_response(XmlRefusal(answer))

    @contextmanager
    def _asking(self, words: str, permission: str) -> Iterator[None]:
        asked = Asked(words, "", _INTERFACE, permission)
        try:
            with refusals(asked), transport_errors(asked):
                try:
                    yield
                except google.PreconditionFailed:
                    said = tr(
                        "cannot {words}: it was changed by somebody else meanwhile", words=words
                    )
                    raise Taken(sanitise(said)) from None
        except Missing:
            raise Gone(sanitise(tr("cannot {words}: it is gone", words=words))) from None

    def _words(self, said: str, name: str) -> str:
        """Return what is done about an object of this bucket, in words."""
        return said.format(name=final_name(name), bucket=self._bucket)


class _Adapter(HTTPAdapter):
    """Keeps little in the kernel that is not sent yet, so that progress is what has left."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pool, with options of the sockets beside the usual ones."""
        from urllib3.connection import HTTPConnection

        choices = [*HTTPConnection.default_socket_options]
        if _TCP_NOTSENT_LOWAT is not None:
            choices.append((socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT_BYTES))
        super().init_poolmanager(*arguments, socket_options=choices, **options)


def _hashes(header: str) -> tuple[str, ...]:
    """Return the CRC32C values in a header such as `crc32c=n03x6A==,md5=…`."""
    pairs = (each.strip().partition("=") for each in header.split(","))
    return tuple(value for name, _, value in pairs if name == "crc32c")
