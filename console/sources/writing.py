"""What it takes to put large objects into a bucket, and what can go wrong besides `SourceError`.

Making and changing buckets themselves is in `bucket_making`.

An object is sent in parts, under a name of its own, looked at, and then given its final name in
one step that fails if something else has that name meanwhile. All calls block: they are for
threads, of which several may send parts of one object at a time.

    SourceError
    ├── Corrupted   what arrived is not what was sent
    ├── Gone        there is no such upload: finished, given up, or never begun
    └── Taken       another object has the name, or is not the one that was expected
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from console.model.storage import StoredObject
from console.sources.base import SourceError
from console.sources.bucket_making import BucketMaker


class Corrupted(SourceError):
    """What arrived is not what was sent."""


class Gone(SourceError):
    """There is no such upload: it was finished or given up, or never begun."""


class Taken(SourceError):
    """The object under a name is not the one that was expected there, or not none."""


class Payload(Protocol):
    """The bytes of a part, which may be asked for again from the beginning."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[memoryview]: ...


class ObjectWriter(Protocol):
    """Puts objects into one bucket; every method raises `SourceError`."""

    def lacking(self) -> tuple[str, ...]:
        """Return which permissions are missing of those that it takes to store an object."""
        ...

    def begin(self, name: str, notes: Mapping[str, str]) -> str:
        """Begin an upload in parts of an object, with `notes` beside it; return its id."""
        ...

    def send(self, name: str, upload: str, number: int, data: Payload, crc32c: str) -> str:
        """Send a part, and return its tag; `Corrupted` if it did not arrive whole.

        `number` is from 1 on; `crc32c` is in base 64. A part sent again replaces the one before.
        """
        ...

    def sent(self, name: str, upload: str) -> Mapping[int, tuple[str, int]]:
        """Return the tag and the size of each part that arrived; raises `Gone`."""
        ...

    def finish(self, name: str, upload: str, parts: Sequence[tuple[int, str]]) -> None:
        """Make an object of parts, given by number and tag; raises `Gone`."""
        ...

    def give_up(self, name: str, upload: str) -> None:
        """Forget an upload and its parts; no matter if there is none."""
        ...

    def look(self, name: str) -> StoredObject | None:
        """Return what is stored under a name, None if nothing is."""
        ...

    def read(self, stored: StoredObject, start: int, count: int) -> bytes:
        """Return some bytes of an object; raises `Gone` if it was replaced or deleted."""
        ...

    def note(self, stored: StoredObject, notes: Mapping[str, str]) -> StoredObject:
        """Note something with an object; raises `Taken` if it was replaced meanwhile."""
        ...

    def rename(self, stored: StoredObject, name: str, expected: int) -> StoredObject:
        """Give an object its final name in the place of generation `expected`, 0 for none.

        Raises `Taken` if another object has that name, and `Gone` if there is no `stored`.
        """
        ...

    def remove(self, stored: StoredObject) -> None:
        """Delete an object, unless it was replaced meanwhile."""
        ...


class UploadSource(Protocol):
    """Where objects can be put, and buckets for them made."""

    def maker(self) -> BucketMaker:
        """Return what makes and changes buckets."""
        ...

    async def writer(self, bucket: str) -> ObjectWriter:
        """Return what puts objects into a bucket; raises `SourceError`."""
        ...
