"""What a bucket's folder gives while one model is loaded: listings, beginnings, and whole files.

Folders are listed once, so that everything is seen as it was at one moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial

from engine.weights.ahead.beginnings import Beginnings
from engine.weights.ahead.checksum import quick_checksum
from engine.weights.ahead.pieces import Wanted
from engine.weights.ahead.read_ahead import RING, Fetcher, ReadAhead
from engine.weights.ahead.shelf import AheadShelf, memory_for
from engine.weights.ahead.slots import Slots
from engine.weights.bucket.address import BucketAddress
from engine.weights.bucket.bucket import Bucket, Folder, StoredObject
from engine.weights.bucket.credentials import Nobody, Tokens, find_credentials
from engine.weights.bucket.crew import Apart, Crew, useful_processes
from engine.weights.bucket.line import PUBLIC, Endpoint, Line, Patience
from engine.weights.bucket.station import Station


class Shelf(AheadShelf[StoredObject]):
    """A model's folder in a bucket as it is while one model is loaded; any thread may ask.

    `threads` read ahead, in so many `processes` of their own; None is as many as are useful.
    """

    def __init__(
        self,
        address: BucketAddress,
        environ: Mapping[str, str],
        patience: Patience,
        *,
        threads: int,
        processes: int | None,
    ) -> None:
        super().__init__()
        self.address = address
        self._environ, self._patience = environ, patience
        self._threads, self._processes = threads, processes
        self._lock = threading.RLock()
        self._bucket: Bucket | None = None
        self._line: Line | None = None
        self._folders: dict[str, Folder] = {}
        self.beginnings = Beginnings[StoredObject](lambda: _OwnLine(self.bucket))

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

    def read_ahead(
        self,
        wanted: Sequence[Wanted[StoredObject]],
        early: int = 0,
        ring: int = RING,
        *,
        stay: bool = False,
    ) -> ReadAhead[StoredObject]:
        """Begin to read files, into memory where they can `stay`; see `ReadAhead`."""
        checksum = quick_checksum()
        memory = partial(memory_for, wanted, max(ring, early), ring, self._threads, stay=stay)
        needed = sum(size for each in wanted for _, size in each.extents)
        crew, slots = self._crew(needed, memory)

        def fetcher(ahead: ReadAhead[StoredObject]) -> Fetcher[StoredObject]:
            here = Station(self.bucket, slots, checksum, ahead.stopped)
            return Apart(crew, self.bucket, here, ahead.stopped) if crew else here

        return ReadAhead(
            wanted,
            slots,
            fetcher,
            agrees=self.beginnings.agrees,
            read=self.read,
            checking=checksum is not None,
            early=early,
            ring=ring,
            threads=self._threads,
            ended=crew.close if crew else lambda: None,
        )

    def close(self) -> tuple[int, str]:
        """Give back what reading took; return how many interruptions were mended, and the last.

        What is asked for afterwards is asked anew.
        """
        self.stop()
        self.beginnings.close()
        with self._lock:
            self.hang_up()
            return self._bucket.interruptions if self._bucket is not None else (0, "")

    def hang_up(self) -> None:
        """Close the connection, until somebody asks for something again."""
        with self._lock:
            if self._line is not None:
                self._line.close()
                self._line = None

    def _crew(self, needed: int, memory: Callable[..., Slots]) -> tuple[Crew | None, Slots]:
        """Return who reads in processes of their own, if anybody does, and the memory for it."""
        processes = self._processes
        if processes is None:
            processes = useful_processes(needed)
        if processes:
            with suppress(OSError), ExitStack() as undone:
                slots = memory(shared=True)
                undone.callback(slots.close)
                crew = Crew(self.bucket, slots, processes=processes, threads=self._threads)
                undone.pop_all()
                return crew, slots
        return None, memory(shared=False)

    @property
    def _within(self) -> str:
        return f"{self.address.folder}/" if self.address.folder else ""

    def _own_line(self) -> Line:
        if self._line is None:
            self._line = self.bucket.line()
        return self._line


class _OwnLine:
    """Reads ranges on a connection of its own; see `engine.weights.ahead.beginnings`."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket, self._line = bucket, bucket.line()

    def read(self, stored: StoredObject, offset: int, buffer: memoryview) -> None:
        self._bucket.read(stored, offset, buffer, self._line)

    def close(self) -> None:
        self._line.close()
