"""Names in a bucket that can be asked what `pathlib.Path` can: the folder of a model, its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Literal

from engine.errors import MalformedFile, ModelNotFound
from engine.weights.ahead.checksum import quick_checksum
from engine.weights.ahead.read_ahead import THREADS
from engine.weights.ahead.shelf import AheadSource
from engine.weights.bucket.address import BucketAddress
from engine.weights.bucket.bucket import StoredObject
from engine.weights.bucket.line import Patience
from engine.weights.bucket.shelf import Shelf


def open_bucket(
    address: BucketAddress,
    environ: Mapping[str, str],
    patience: Patience | None = None,
    threads: int = THREADS,
    processes: int | None = None,
) -> BucketPlace:
    """Return the folder of a bucket, without asking for anything yet.

    `STORAGE_EMULATOR_HOST` names a server that stands in for Cloud Storage, without credentials.
    Files are read by so many `threads`, each with a connection of its own, in so many `processes`
    beside this one; None is as many as are useful.
    """
    shelf = Shelf(address, environ, patience or Patience(), threads=threads, processes=processes)
    return BucketPlace(shelf, address.folder)


@dataclass(frozen=True, slots=True)
class BucketStatus:
    """What a listing says of a file."""

    st_size: int


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A name in a bucket; an empty key is the bucket itself."""

    shelf: Shelf
    key: str

    def __str__(self) -> str:
        return str(BucketAddress(self.shelf.address.bucket, self.key))

    @property
    def name(self) -> str:
        """The last part of the name."""
        return self.key.rpartition("/")[2] or self.shelf.address.bucket

    @property
    def stem(self) -> str:
        """The name without its ending."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The name's ending with its dot."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> BucketPlace:
        """The folder that it lies in."""
        return BucketPlace(self.shelf, self.key.rpartition("/")[0])

    def __truediv__(self, name: str, /) -> BucketPlace:
        return BucketPlace(self.shelf, f"{self.key}/{name}" if self.key else name)

    def with_name(self, name: str, /) -> BucketPlace:
        """Return the file of another name beside it."""
        return self.parent / name

    def is_file(self) -> bool:
        """Whether there is an object of this name."""
        return self.shelf.find(self.key) is not None

    def is_dir(self) -> bool:
        """Whether something lies in a folder of this name."""
        folder, _, name = self.key.rpartition("/")
        return name in self.shelf.folder(folder).folders

    def iterdir(self) -> Iterator[BucketPlace]:
        """Yield what the folder holds; raises `ModelNotFound` if that is nothing."""
        found = self.shelf.folder(self.key)
        if not found.objects and not found.folders:
            raise ModelNotFound(
                f"{self} holds no files; put the model's files there, or name another place with "
                "--models or ZIMAGE_MODELS"
            )
        for name in sorted({*found.objects, *found.folders}):
            yield self / name

    def stat(self) -> BucketStatus:
        """Return what the listing says."""
        return BucketStatus(self.stored().bytes)

    def open(self, mode: Literal["rb"] = "rb", /) -> BinaryIO:
        """Open the object to read its header."""
        return self.shelf.beginnings.open(self.stored())

    def read_bytes(self) -> bytes:
        """Return the whole object, checked; raises `MalformedFile` if it arrives damaged."""
        stored = self.stored()
        data = memoryview(bytearray(stored.bytes))
        checksum = quick_checksum()
        for _ in range(2):
            self.shelf.read(stored, 0, data)
            if checksum is None or stored.crc32c in (None, checksum(data)):
                return bytes(data)
        raise MalformedFile(
            f"{self} does not have the checksum that its metadata states; upload it again"
        )

    def stored(self) -> StoredObject:
        """Return the object; raises `ModelNotFound` if there is none."""
        found = self.shelf.find(self.key)
        if found is None:
            raise ModelNotFound(f"{self} is not there; put it there, or name another place")
        return found

    def source(self, extents: Sequence[tuple[int, int]]) -> AheadSource[StoredObject]:
        """Open the object to read `extents` of it, in this order."""
        return self.shelf.source(str(self), self.stored(), extents)

    def leave_out(self) -> None:
        """Read no more of the object, if that was begun."""
        self.shelf.leave_out(self.stored())
