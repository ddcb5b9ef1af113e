"""Where the bytes of a weight file come from: ranges read into memory that is already there."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from engine.errors import MalformedFile, ModelNotFound
from engine.weights.tensors import Shard


class Source(Protocol):
    """Bytes that can be read by range."""

    @property
    def name(self) -> str:
        """What messages call the source."""

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`.

        Raises `MalformedFile` if the bytes end, `ModelNotFound` if they cannot be read.
        """


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
    """A file of this machine or of a mount, read with plain reads and never mapped."""

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

    def _unreadable(self, error: OSError) -> ModelNotFound:
        return ModelNotFound(
            f"{self.name} cannot be read ({error.strerror}); mend its permissions, disk or mount"
        )


class JoinedFiles(_Closed):
    """The files that a part is stored in, read as though they were one."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self.name = shards[0].path.name
        self._starts = [0, *accumulate(shard.bytes for shard in shards)]
        with ExitStack() as opened:
            self._files = [opened.enter_context(LocalFile(shard.path)) for shard in shards]
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Close every file."""
        self._opened.close()

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`; a tensor lies in one file as a whole.

        Raises `MalformedFile` if the bytes end, `ModelNotFound` if they cannot be read.
        """
        index = min(bisect_right(self._starts, offset), len(self._files)) - 1
        self._files[index].read_into(offset - self._starts[index], buffer)
