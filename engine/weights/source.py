"""Where the bytes of a weight file come from: ranges read into memory that is already there."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from engine.errors import MalformedFile


class Source(Protocol):
    """Bytes that can be read by range."""

    @property
    def name(self) -> str:
        """What messages call the source."""

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`; raises `MalformedFile` if they end."""


class LocalFile:
    """A file of this machine or of a mount, read with plain reads and never mapped."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`; raises `MalformedFile` if they end."""
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        done = 0
        while done < len(buffer):
            count = os.readv(self._descriptor, [buffer[done:]])
            if count == 0:
                raise MalformedFile(
                    f"{self.name} became shorter while it was read; download it again"
                )
            done += count
