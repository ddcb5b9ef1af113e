"""Beginnings of files, read in blocks that are kept until the model is loaded.

A header is looked at more than once, and where every request takes a while that is told in
seconds. Beginnings of several files come side by side.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Generic, Protocol, TypeVar, cast

from engine.weights.ahead.stored import Stored

BLOCK: Final = 1 << 20
_BLOCKS_AT_ONCE: Final = 4

S = TypeVar("S", bound=Stored)
K = TypeVar("K", bound=Stored, contravariant=True)


class RangeReader(Protocol[K]):
    """Reads ranges, one after another."""

    def read(self, stored: K, offset: int, buffer: memoryview, /) -> None:
        """Fill `buffer` from `offset` on; raises `ModelError`."""

    def close(self) -> None:
        """Hang up, or close what was opened."""


@dataclass(slots=True)
class _Front(Generic[S]):
    """What is known of one file; whoever reads or changes it holds its lock."""

    reader: RangeReader[S]
    lock: threading.Lock = field(default_factory=threading.Lock)
    blocks: dict[int, bytes] = field(default_factory=dict)


class Beginnings(Generic[S]):
    """The beginnings of a model's files; each has a reader of its own. Any thread may ask."""

    def __init__(self, reader: Callable[[], RangeReader[S]]) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._fronts: dict[str, _Front[S]] = {}

    def open(self, stored: S) -> BinaryIO:
        """Open a file to read its header; reading raises `ModelError`."""
        file = io.BufferedReader(_Beginning(self, stored), buffer_size=1 << 16)
        return cast(BinaryIO, file)

    def block(self, stored: S, index: int) -> bytes:
        """Return one of the blocks of a file, empty behind its end; raises `ModelError`."""
        front = self._front(stored)
        with front.lock:
            if index not in front.blocks:
                start = index * BLOCK
                ahead = _BLOCKS_AT_ONCE if index else 1
                data = bytearray(max(0, min(ahead * BLOCK, stored.bytes - start)))
                front.reader.read(stored, start, memoryview(data))
                for at in range(0, len(data), BLOCK):
                    front.blocks[index + at // BLOCK] = bytes(data[at : at + BLOCK])
            return front.blocks.get(index, b"")

    def agrees(self, stored: S, offset: int, data: memoryview) -> bool:
        """Whether bytes that were read now are those that a header was read from."""
        front = self._front(stored)
        with front.lock:
            for index in range(offset // BLOCK, (offset + len(data) - 1) // BLOCK + 1):
                kept = front.blocks.get(index)
                if kept is None:
                    continue
                at = index * BLOCK
                first, last = max(at, offset), min(at + len(kept), offset + len(data))
                if data[first - offset : last - offset] != memoryview(kept)[first - at : last - at]:
                    return False
            return True

    def close(self) -> None:
        """Forget what was read, and hang up; what is asked for afterwards is read anew."""
        with self._lock:
            fronts = list(self._fronts.values())
            self._fronts.clear()
        for front in fronts:
            with front.lock:
                front.reader.close()

    def _front(self, stored: S) -> _Front[S]:
        with self._lock:
            if stored.key not in self._fronts:
                self._fronts[stored.key] = _Front(self._reader())
            return self._fronts[stored.key]


class _Beginning(io.RawIOBase, Generic[S]):
    """A file for whoever reads a little of it from the front."""

    def __init__(self, beginnings: Beginnings[S], stored: S) -> None:
        super().__init__()
        self._beginnings = beginnings
        self._stored = stored
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stored.bytes}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        index, begin = divmod(self._at, BLOCK)
        if self._at >= self._stored.bytes:
            return 0
        piece = self._beginnings.block(self._stored, index)[begin : begin + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
