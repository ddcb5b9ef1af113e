"""What a bucket's folder gives while one model is loaded: listings, beginnings, and whole files.

Folders are listed once, so that everything is seen as it was at one moment. Beginnings of files
are read in blocks, which are kept until the model is loaded: a header is looked at more than once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from engine.weights.ahead.checksum import quick_checksum
from engine.weights.ahead.pieces import Wanted
from engine.weights.ahead.read_ahead import RING, ReadAhead
from engine.weights.ahead.slots import PIECE, Slots
from engine.weights.bucket.address import BucketAddress
from engine.weights.bucket.bucket import Bucket, Folder, StoredObject
from engine.weights.bucket.credentials import Nobody, Tokens, find_credentials
from engine.weights.bucket.line import PUBLIC, Endpoint, Line, Patience
from engine.weights.bucket.station import InProcess

BLOCK: Final = 1 << 20
_BLOCKS_AT_ONCE: Final = 4
_RING_ALONE: Final = 192 << 20


class Shelf:
    """A model's folder in a bucket as it is while one model is loaded; any thread may ask."""

    def __init__(
        self, address: BucketAddress, environ: Mapping[str, str], patience: Patience, threads: int
    ) -> None:
        self.address = address
        self._environ, self._patience, self._threads = environ, patience, threads
        self._lock = threading.RLock()
        self._bucket: Bucket | None = None
        self._line: Line | None = None
        self._folders: dict[str, Folder] = {}
        self._blocks: dict[tuple[str, int], bytes] = {}
        self._ahead: ReadAhead[StoredObject] | None = None

    @property
    def bucket(self) -> Bucket:
        """The bucket; raises `ModelNotFound` for credentials that cannot be used."""
        with self._lock:
            if self._bucket is None:
                emulator = self._environ.get("STORAGE_EMULATOR_HOST")
                credentials = Nobody() if emulator else find_credentials(self._environ)
                endpoint = Endpoint.parse(emulator or PUBLIC)
                tokens = Tokens(credentials)
                self._bucket = Bucket(self.address.bucket, endpoint, tokens, self._patience)
            return self._bucket

    def folder(self, key: str) -> Folder:
        """Return what a folder holds; nothing is seen of what lies outside the model's."""
        inside = key == self.address.folder or key.startswith(self._within)
        if not inside:
            return Folder({}, frozenset())
        with self._lock:
            if key not in self._folders:
                self._folders[key] = self.bucket.list_folder(key, self._own_line())
            return self._folders[key]

    def find(self, key: str) -> StoredObject | None:
        """Return the object of a name, None if there is none."""
        folder, _, name = key.rpartition("/")
        return self.folder(folder).objects.get(name) if name else None

    def read(self, stored: StoredObject, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` from `offset` on; see `Bucket.read` for what it raises."""
        with self._lock:
            self.bucket.read(stored, offset, buffer, self._own_line())

    def block(self, stored: StoredObject, index: int) -> bytes:
        """Return one of the blocks that an object is read in for its header."""
        with self._lock:
            if (stored.key, index) not in self._blocks:
                start = index * BLOCK
                ahead = _BLOCKS_AT_ONCE if index else 1
                data = bytearray(max(0, min(ahead * BLOCK, stored.bytes - start)))
                self.read(stored, start, memoryview(data))
                for at in range(0, len(data), BLOCK):
                    self._blocks[stored.key, index + at // BLOCK] = bytes(data[at : at + BLOCK])
            return self._blocks.get((stored.key, index), b"")

    def agrees(self, stored: StoredObject, offset: int, data: memoryview) -> bool:
        """Whether bytes that were read now are those that a header was read from."""
        with self._lock:
            for index in range(offset // BLOCK, (offset + len(data) - 1) // BLOCK + 1):
                kept = self._blocks.get((stored.key, index))
                if kept is None:
                    continue
                at = index * BLOCK
                first, last = max(at, offset), min(at + len(kept), offset + len(data))
                if data[first - offset : last - offset] != memoryview(kept)[first - at : last - at]:
                    return False
            return True

    def read_ahead(
        self, wanted: Sequence[Wanted[StoredObject]], early: int = 0, ring: int = RING
    ) -> ReadAhead[StoredObject]:
        """Begin to read files; see `ReadAhead`."""
        checksum = quick_checksum()
        slots = Slots(max(ring, early) // PIECE + self._threads + 2, ring // PIECE)
        return ReadAhead(
            wanted,
            slots,
            lambda ahead: InProcess(self.bucket, slots, checksum, ahead.stopped),
            agrees=self.agrees,
            read=self.read,
            checking=checksum is not None,
            early=early,
            ring=ring,
            threads=self._threads,
        )

    def begin(self, wanted: Sequence[Wanted[StoredObject]], early: int) -> None:
        """Begin to read the files of a model, which `source` then finds."""
        self._ahead = self.read_ahead(wanted, early)

    def leave_out(self, stored: StoredObject) -> None:
        """Read no more of a file that was begun and will not be used now."""
        if self._ahead is not None and self._ahead.has(stored):
            self._ahead.finish(stored)

    def source(
        self, name: str, stored: StoredObject, extents: Sequence[tuple[int, int]]
    ) -> BucketSource:
        """Open a file that was begun, or any other; its `extents` are needed, in this order.

        `name` is what messages call it.
        """
        if self._ahead is not None and self._ahead.has(stored):
            return BucketSource(name, stored, self._ahead)
        alone = self.read_ahead((Wanted(stored, tuple(extents)),), ring=_RING_ALONE)
        return BucketSource(name, stored, alone, self.hang_up)

    def close(self) -> tuple[int, str]:
        """Give back what reading took; return how many interruptions were mended, and the last.

        What is asked for afterwards is asked anew.
        """
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None
        with self._lock:
            self._blocks.clear()
            self.hang_up()
            return self._bucket.interruptions if self._bucket is not None else (0, "")

    def hang_up(self) -> None:
        """Close the connection, until somebody asks for something again."""
        with self._lock:
            if self._line is not None:
                self._line.close()
                self._line = None

    @property
    def _within(self) -> str:
        return f"{self.address.folder}/" if self.address.folder else ""

    def _own_line(self) -> Line:
        if self._line is None:
            self._line = self.bucket.line()
        return self._line


class BucketSource:
    """A file of a bucket that is read in pieces; see `engine.weights.source.Source`."""

    def __init__(
        self,
        name: str,
        stored: StoredObject,
        ahead: ReadAhead[StoredObject],
        hang_up: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._hang_up = hang_up
        self._stored = stored
        self._ahead = ahead

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`; raises `ModelError`."""
        self._ahead.read_into(self._stored, offset, buffer)

    def check(self) -> None:
        """Compare what was read with the file's checksum, or say in the log why that is not done.

        Raises `DamagedRead` if it is another.
        """
        if reason := self._ahead.check(self._stored):
            words = f"{self.name} was not compared with its checksum: {reason}"
            logging.getLogger(__name__).warning(words)

    def close(self) -> None:
        """Read no more of the file."""
        self._ahead.finish(self._stored)
        self._hang_up()
