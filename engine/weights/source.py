"""Where the bytes of a weight file come from: ranges read into memory that is already there.

A file lies in a directory of this machine, on a mount, or in a bucket.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from engine.errors import MalformedFile, ModelNotFound
from engine.weights.place import Place
from engine.weights.tensors import Shard


class DamagedRead(MalformedFile):
    """What was read is not what the file's checksum says; to read it again may help."""


class Source(Protocol):
    """Bytes that can be read by range."""

    @property
    def name(self) -> str:
        """What messages call the source."""

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`.

        Raises `MalformedFile` if the bytes end, `ModelNotFound` if they cannot be read.
        """

    def lend(self, offset: int, length: int) -> memoryview | None:
        """Return bytes that stay where they came, None where they have to be read into memory.

        Raises what `read_into` does.
        """

    def check(self) -> None:
        """Raise `DamagedRead` if the file has a checksum, and what was read has another."""

    def close(self) -> None:
        """Release what was opened."""


class _Closed(ABC):
    """What is closed at the end of a `with` block."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Release what was opened."""


class LocalFile(_Closed):
    """A file of this machine, read with plain reads and never mapped."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise self._unreadable(error) from None

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`.

        Raises `MalformedFile` if the bytes end, `ModelNotFound` if they cannot be read.
        """
        done = 0
        while done < len(buffer):
            try:
                count = os.preadv(self._descriptor, [buffer[done:]], offset + done)
            except OSError as error:
                raise self._unreadable(error) from None
            if count == 0:
                raise MalformedFile(
                    f"{self.name} became shorter while it was read; download it again"
                )
            done += count

    def lend(self, offset: int, length: int) -> None:
        """Return nothing: a file that is mapped may be damaged from outside."""
        return

    def check(self) -> None:
        """Do nothing: a directory states no checksums."""

    def _unreadable(self, error: OSError) -> ModelNotFound:
        return ModelNotFound(
            f"{self.name} cannot be read ({error.strerror}); mend its permissions, disk or mount"
        )


class JoinedFiles(_Closed):
    """The files that a part is stored in, read as though they were one.

    `extents` say what will be read, as (offset, bytes) in the order of use: a bucket's files are
    read ahead.
    """

    def __init__(self, shards: Sequence[Shard], extents: Iterable[tuple[int, int]] = ()) -> None:
        self.name = shards[0].path.name
        self._starts = [0, *accumulate(shard.bytes for shard in shards)]
        needs = by_file(shards, extents)
        self._files: list[Source] = []
        with ExitStack() as opened:
            for shard, needed in zip(shards, needs, strict=True):
                self._files.append(_opened(shard.path, needed))
                opened.callback(self._files[-1].close)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close every file."""
        self._opened.close()

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`; a tensor lies in one file as a whole.

        Raises `MalformedFile` if the bytes end, `ModelNotFound` if they cannot be read.
        """
        file, within = self._at(offset)
        file.read_into(within, buffer)

    def lend(self, offset: int, length: int) -> memoryview | None:
        """Return bytes that stay where they came; see `Source.lend`."""
        file, within = self._at(offset)
        return file.lend(within, length)

    def check(self) -> None:
        """Raise `DamagedRead` if one of the files is not what its checksum says."""
        for file in self._files:
            file.check()

    def _at(self, offset: int) -> tuple[Source, int]:
        index = min(bisect_right(self._starts, offset), len(self._files)) - 1
        return self._files[index], offset - self._starts[index]


def by_file(
    shards: Sequence[Shard], extents: Iterable[tuple[int, int]]
) -> list[list[tuple[int, int]]]:
    """Return which of the extents lie in each of a part's files, counted from its beginning."""
    starts = [0, *accumulate(shard.bytes for shard in shards)]
    needs: list[list[tuple[int, int]]] = [[] for _ in shards]
    for offset, size in extents:
        index = min(bisect_right(starts, offset), len(shards)) - 1
        needs[index].append((offset - starts[index], size))
    return needs


def _opened(place: Place, extents: Sequence[tuple[int, int]]) -> Source:
    if isinstance(place, Path):
        return LocalFile(place)
    from engine.weights.bucket.place import BucketPlace
    from engine.weights.mount.place import MountPlace

    assert isinstance(place, BucketPlace | MountPlace)
    return place.source(extents)
