"""Buckets and objects, by Google's client of Cloud Storage.

The client blocks and is slow to import: both are done in a thread, and not before somebody asks.
Source: https://cloud.google.com/storage/docs/json_api/v1.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from google.api_core import exceptions as google

from console.language import tr
from console.model.storage import Bucket, ObjectList, UnfinishedUpload
from console.sources.base import Malformed, Offline
from console.sources.google_errors import Asked, refusals
from console.sources.off_loop import off_loop
from console.terminal.sanitise import sanitise

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from console.sources.bucket_making import BucketMaker
    from console.sources.writing import ObjectWriter

MOST_OBJECTS: Final = 10_000
MOST_MEASURED: Final = 50
"""Of how many unfinished uploads it is asked how large their parts are, one question for each."""

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 15.0
_TIMEOUT: Final = (CONNECT_SECONDS, ANSWER_SECONDS)
_INTERFACE: Final = "storage.googleapis.com"
_Result = TypeVar("_Result")


class CloudStorage:
    """A `StorageSource` over the client that `opened` returns, which is called once, in a thread.

    The client's own retries are off: whoever asks knows better when to ask again.
    """

    def __init__(self, opened: Callable[[], Any]) -> None:
        self._opened = opened
        self._client: Any = None
        self._opening = threading.Lock()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    async def buckets(self, project: str) -> tuple[Bucket, ...]:
        """Return the buckets of a project, by name; raises `SourceError`."""
        asked = Asked(
            tr("list the buckets of {project}", project=project),
            project,
            _INTERFACE,
            "storage.buckets.list",
        )
        return await self.ask(asked, partial(_buckets, project))

    async def bucket(self, name: str) -> Bucket:
        """Return what is known about a bucket; raises `SourceError`."""
        asked = Asked(tr("read gs://{bucket}", bucket=name), "", _INTERFACE, "storage.buckets.get")
        return await self.ask(asked, partial(_bucket, name))

    async def objects(self, bucket: str, prefix: str = "", limit: int = MOST_OBJECTS) -> ObjectList:
        """Return up to `limit` objects of a bucket; raises `SourceError`."""
        asked = Asked(
            tr("list gs://{bucket}", bucket=bucket), "", _INTERFACE, "storage.objects.list"
        )
        return await self.ask(asked, partial(_objects, bucket, prefix, limit))

    async def unfinished_uploads(self, bucket: str) -> tuple[UnfinishedUpload, ...]:
        """Return the uploads in parts that are under way or left; raises `SourceError`."""
        asked = Asked(
            tr("list the unfinished uploads of gs://{bucket}", bucket=bucket),
            "",
            _INTERFACE,
            "storage.multipartUploads.list",
        )
        return await self.ask(asked, partial(_uploads, bucket))

    async def writer(self, bucket: str) -> ObjectWriter:
        """Return what puts objects into a bucket, for threads to call; raises `SourceError`."""
        from console.sources.object_writer import BucketWriter

        asked = Asked(
            tr("write to gs://{bucket}", bucket=bucket), "", _INTERFACE, "storage.objects.create"
        )
        with refusals(asked), transport_errors(asked):
            client = await off_loop(self._open, "storage")
        return BucketWriter(client, bucket)

    def maker(self) -> BucketMaker:
        """Return what makes and changes buckets."""
        from console.sources.bucket_maker import GoogleBucketMaker

        return GoogleBucketMaker(self.ask)

    async def ask(self, asked: Asked, question: Callable[[Any], _Result]) -> _Result:
        """Return what `question` returns, which is given Google's client in a thread.

        Raises `SourceError`.
        """
        with refusals(asked), transport_errors(asked):
            return await off_loop(lambda: question(self._open()), "storage")

    def _open(self) -> Any:
        with self._opening:
            if self._client is None:
                self._client = self._opened()
            return self._client


def on_loopback(address: str) -> Any:
    """Return a client of the cloud at `HOST:PORT` on this machine, which asks nobody who he is."""
    import requests
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    session = requests.Session()
    # The environment's proxies are no way to this machine.
    session.trust_env = False
    return storage.Client(
        project="-",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": f"http://{address}"},
        _http=session,
    )


def on_google(credentials: Credentials) -> Any:
    """Return a client of Google's Cloud Storage."""
    from google.cloud import storage

    return storage.Client(project="-", credentials=credentials)


def _buckets(project: str, client: Any) -> tuple[Bucket, ...]:
    from console.sources.storage_facts import bucket_facts

    found = client.list_buckets(project=project, retry=None, timeout=_TIMEOUT)
    return tuple(bucket_facts(each._properties) for each in islice(found, MOST_OBJECTS))


def _bucket(name: str, client: Any) -> Bucket:
    from console.sources.storage_facts import bucket_facts

    found = client.get_bucket(client.bucket(name), retry=None, timeout=_TIMEOUT)
    return bucket_facts(found._properties)


def _objects(bucket: str, prefix: str, limit: int, client: Any) -> ObjectList:
    from console.sources.storage_facts import object_facts

    def listed(**which: bool) -> Iterator[Any]:
        found: Iterator[Any] = iter(
            client.list_blobs(bucket, prefix=prefix, retry=None, timeout=_TIMEOUT, **which)
        )
        return found

    kept = list(islice(listed(versions=True), limit + 1))
    kept += islice(listed(soft_deleted=True), limit + 1 - len(kept))
    facts = sorted(
        (object_facts(each._properties) for each in kept[:limit]),
        key=lambda each: (each.name, each.generation),
    )
    return ObjectList(tuple(facts), complete=len(kept) <= limit)


def _uploads(bucket: str, client: Any) -> tuple[UnfinishedUpload, ...]:
    """Ask the XML interface, since neither the client nor JSON knows them."""
    from console.sources.storage_facts import upload_page

    found: list[UnfinishedUpload] = []
    after: dict[str, str] = {}
    while True:
        page, following = upload_page(_xml(client, bucket, "", {"uploads": "", **after}))
        found += page
        if not following or following == after or len(found) >= MOST_OBJECTS:
            break
        after = following
    measured = [_with_size(client, bucket, each) for each in found[:MOST_MEASURED]]
    return (*measured, *found[MOST_MEASURED:MOST_OBJECTS])


def _with_size(client: Any, bucket: str, upload: UnfinishedUpload) -> UnfinishedUpload:
    """Add how large the parts of an upload are, unless that is refused or it is gone by now."""
    from console.sources.storage_facts import part_page

    size, after = 0, "0"
    try:
        while True:
            asked = {"uploadId": upload.id, "part-number-marker": after}
            page, following = part_page(_xml(client, bucket, upload.name, asked))
            size += sum(each for _, each in page.values())
            if not following or following == after:
                return replace(upload, bytes=size)
            after = following
    except google.ClientError:
        return upload


def _xml(client: Any, bucket: str, name: str, asked: Mapping[str, str]) -> bytes:
    """Ask the XML interface about a bucket, or about what is stored under a name in it."""
    address = f"{client._connection.API_BASE_URL}/{quote(bucket, safe='')}"
    if name:
        address += f"/{quote(name, safe='')}"
    answer = client._http.get(address, params=asked, timeout=_TIMEOUT)
    if not answer.ok:
        raise google.from_http_response(XmlRefusal(answer))
    body: bytes = answer.content
    return body


class XmlRefusal:
    """A refusal in XML, as Google's library looks at one in JSON."""

    def __init__(self, answer: Any) -> None:
        self.status_code = answer.status_code
        self.request = answer.request
        self._answer = answer

    def json(self) -> object:
        """Return the refusal as it would be in JSON."""
        from console.sources.storage_facts import refusal_text

        reason = refusal_text(self._answer.content) or str(self._answer.reason)
        return {"error": {"message": reason}}


@contextmanager
def transport_errors(asked: Asked) -> Iterator[None]:
    """Turn into `SourceError` what the client lets through of the libraries it uses."""
    try:
        yield
    except google.GoogleAPICallError as error:
        # The client puts the address first, which is no news to anybody.
        error.message = _without_address(str(error.message))
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise Malformed(
            sanitise(
                tr(
                    "cannot {what}: {interface} answered what makes no sense",
                    what=asked.words,
                    interface=asked.interface,
                )
            )
        ) from None
    except OSError as error:
        # All errors of `requests` are of this kind, and some of the kind above too.
        raise _offline(asked, error) from None


def _without_address(message: str) -> str:
    method, space, rest = message.partition(" ")
    if space and method.isupper() and rest.startswith(("http://", "https://")):
        return rest.partition(": ")[2] or message
    return message


def _offline(asked: Asked, error: OSError) -> Offline:
    if "Timeout" in type(error).__name__:
        return Offline(
            sanitise(
                tr(
                    "cannot {what}: {interface} did not answer in time",
                    what=asked.words,
                    interface=asked.interface,
                )
            )
        )
    return Offline(
        sanitise(
            tr(
                "cannot {what}: {interface} is out of reach ({why}); is there a network?",
                what=asked.words,
                interface=asked.interface,
                why=type(error).__name__,
            )
        )
    )
