"""A bucket of Cloud Storage: what is in its folders, and ranges of its objects.

Sources: https://cloud.google.com/storage/docs/json_api/v1/objects/list and …/objects/get,
https://cloud.google.com/storage/docs/retry-strategy, and …/transcoding for `Accept-Encoding`.
An object is read as it was when its folder was listed: its generation is part of every request,
so that bytes of two files that had the same name one after the other are never mixed.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from engine.errors import MalformedFile, ModelNotFound
from engine.weights.ahead.checksum import decoded
from engine.weights.ahead.read_ahead import Interrupted
from engine.weights.bucket.line import Answer, Endpoint, Line, Patience, TokenSource, Trust

MAX_PAGES: Final = 20
READER: Final = "Storage Object Viewer (roles/storage.objectViewer)"

_AGAIN: Final = frozenset({0, 408, 429, 500, 502, 503, 504})
_FIELDS: Final = "items(name,size,generation,crc32c),prefixes,nextPageToken"
_LONGEST_RETRY_AFTER: Final = 30


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One version of an object; `crc32c` None where its metadata has no checksum."""

    key: str
    bytes: int
    generation: int
    crc32c: int | None


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies directly in a folder: objects and folders by name."""

    objects: Mapping[str, StoredObject]
    folders: frozenset[str]


class Bucket:
    """Asks for listings and ranges; every request may be repeated, and is, within `patience`.

    `stopped` is set when nobody waits for anything any more; `jitter` gives a number from 0 to 1.
    `trust` may be shared with others.
    """

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        tokens: TokenSource,
        patience: Patience,
        jitter: Callable[[], float] = random.random,
        trust: Trust | None = None,
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self.tokens = tokens
        self.patience = patience
        self._jitter = jitter
        self._trust = trust or Trust()
        self._lock = threading.Lock()
        self._mended = 0
        self._last_trouble = ""

    @property
    def interruptions(self) -> tuple[int, str]:
        """How many interruptions were mended so far, and what the last one was."""
        with self._lock:
            return self._mended, self._last_trouble

    def mended(self, count: int, trouble: str) -> None:
        """Count interruptions that changed nothing, the last because of `trouble`."""
        with self._lock:
            self._mended += count
            self._last_trouble = trouble

    def line(self) -> Line:
        """Return a new connection, for one thread."""
        return Line(self.endpoint, self.tokens, self.patience, trust=self._trust)

    def list_folder(self, folder: str, line: Line) -> Folder:
        """Return what lies directly in `folder`, empty for the bucket itself.

        Raises `ModelNotFound` with the reason and the mend.
        """
        prefix = f"{folder}/" if folder else ""
        objects: dict[str, StoredObject] = {}
        folders: set[str] = set()
        page = ""
        for _ in range(MAX_PAGES):
            said = self._page(prefix, page, line)
            for item in said.get("items") or ():
                stored = _stored(item)
                if name := stored.key.removeprefix(prefix):
                    objects[name] = stored
            for each in said.get("prefixes") or ():
                folders.add(str(each).removeprefix(prefix).rstrip("/"))
            page = str(said.get("nextPageToken") or "")
            if not page:
                return Folder(objects, frozenset(folders))
        raise ModelNotFound(
            f"gs://{self.name}/{prefix} holds more than {MAX_PAGES * 1000:,} objects; put the "
            "model into a folder of its own, and name that"
        )

    def read(
        self,
        stored: StoredObject,
        offset: int,
        buffer: memoryview,
        line: Line,
        stopped: threading.Event | None = None,
    ) -> None:
        """Fill `buffer` with the object's bytes from `offset`, going on where a line broke.

        Raises `MalformedFile` if the object is not the one that was listed any more,
        `ModelNotFound` if it cannot be read, `Interrupted` when `stopped` is set.
        """
        path = (
            f"/storage/v1/b/{self.name}/o/{quote(stored.key, safe='')}"
            f"?alt=media&generation={stored.generation}"
        )
        done, failures = 0, 0
        while done < len(buffer):
            first = offset + done
            # Bytes as they are stored, even if somebody uploaded them as gzip.
            headers = {
                "Range": f"bytes={first}-{offset + len(buffer) - 1}",
                "Accept-Encoding": "gzip",
            }
            answer = line.get(path, headers, buffer[done:])
            self._check(stored, first, answer)
            done += answer.received
            if done < len(buffer):
                failures = 1 if answer.received else failures + 1
                self._wait(f"gs://{self.name}/{stored.key}", answer, failures, stopped)

    def _page(self, prefix: str, page: str, line: Line) -> dict[str, list[dict[str, object]]]:
        query = {"prefix": prefix, "delimiter": "/", "maxResults": "1000", "fields": _FIELDS}
        if page:
            query["pageToken"] = page
        path = f"/storage/v1/b/{self.name}/o?{urlencode(query)}"
        failures = 0
        while True:
            answer = line.get(path, {})
            if answer.status == 200:
                said = json.loads(answer.words)
                return said if isinstance(said, dict) else {}
            self._refuse(answer, f"gs://{self.name}", "storage.objects.list")
            if answer.status == 404:
                raise ModelNotFound(
                    f"there is no bucket gs://{self.name}; check its name, or create it and put "
                    "the model's files there"
                )
            failures += 1
            self._wait(f"gs://{self.name}", answer, failures)

    def _check(self, stored: StoredObject, first: int, answer: Answer) -> None:
        """Raise for an answer that no repetition would change."""
        what = f"gs://{self.name}/{stored.key}"
        if answer.status in (200, 206):
            generation = answer.header("x-goog-generation") or str(stored.generation)
            total = answer.header("content-range").partition("/")[2] or str(stored.bytes)
            begins = answer.header("content-range").removeprefix("bytes ").partition("-")[0]
            if generation != str(stored.generation) or total != str(stored.bytes):
                raise _changed(what)
            if begins != str(first) and not (answer.status == 200 and first == 0):
                raise ModelNotFound(f"{what}: the server sends other bytes than it is asked for")
            return
        self._refuse(answer, what, "storage.objects.get")
        if answer.status in (404, 412, 416):
            raise _changed(what)

    def _refuse(self, answer: Answer, what: str, permission: str) -> None:
        status = answer.status
        throttled = status == 403 and b"ateLimitExceeded" in answer.words
        if status in (401, 403) and not throttled:
            raise ModelNotFound(
                f"{what} may not be read by {self.tokens.whose}: it lacks {permission}; grant it "
                f"the role {READER} on the bucket"
            )
        if status not in (*_AGAIN, 200, 404, 412, 416) and not throttled:
            raise ModelNotFound(f"{what} cannot be read: Cloud Storage answers HTTP {status}")

    def _wait(
        self, what: str, answer: Answer, failures: int, stopped: threading.Event | None = None
    ) -> None:
        """Wait until it is time for another try; raises `ModelNotFound` after too many."""
        trouble = answer.trouble or f"HTTP {answer.status}"
        if failures >= self.patience.tries:
            raise ModelNotFound(
                f"{what} cannot be read: {trouble}, {failures} times in a row; check the network, "
                "then start again"
            )
        self.mended(1, trouble)
        wait = min(self.patience.longest_wait, self.patience.first_wait * 2 ** (failures - 1))
        wait *= 0.5 + self._jitter() / 2
        asked = answer.header("retry-after")
        if asked.isdecimal():
            wait = max(wait, min(int(asked), _LONGEST_RETRY_AFTER))
        if (stopped or threading.Event()).wait(wait):
            raise Interrupted(f"{what} is not read any more")


def _stored(item: Mapping[str, object]) -> StoredObject:
    return StoredObject(
        key=str(item.get("name")),
        bytes=int(str(item.get("size") or 0)),
        generation=int(str(item.get("generation") or 0)),
        crc32c=decoded(str(item.get("crc32c") or "")),
    )


def _changed(what: str) -> MalformedFile:
    return MalformedFile(
        f"{what} was replaced or deleted while it was being read; start again to read what is "
        "there now"
    )
