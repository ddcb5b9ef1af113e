"""Files of bytes: written in threads as they arrive, read in threads as they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import BinaryIO, Final

from console.sandbox.storage.checksums import Digest

PIECE: Final = 1 << 20
"""How much is read or written at once, in bytes."""


class Incoming:
    """A file that is being written, and the checksums of what is in it so far.

    One that exists is gone on with; `keep` bytes of it count. Every method may raise `OSError`.
    """

    def __init__(self, path: Path, keep: int = 0) -> None:
        self.path = path
        self.digest = Digest()
        self._file = self._open(keep)

    @classmethod
    async def resumed(cls, path: Path, unit: int) -> Incoming:
        """Go on with a file, at the last multiple of `unit` bytes that is in it."""

        def opened() -> Incoming:
            size = path.stat().st_size if path.exists() else 0
            return cls(path, size - size % unit)

        return await asyncio.to_thread(opened)

    def _open(self, keep: int) -> BinaryIO:
        file = self.path.open("r+b" if keep else "wb", buffering=0)
        try:
            while self.digest.size < keep:
                self.digest.update(file.read(min(PIECE, keep - self.digest.size)))
            file.truncate(keep)
        except BaseException:
            file.close()
            raise
        return file

    @property
    def size(self) -> int:
        """How many bytes are in it."""
        return self.digest.size

    async def write(self, data: bytes) -> None:
        """Add to it."""
        await asyncio.to_thread(self._write, data)

    async def copy(self, files: Iterable[Path]) -> None:
        """Add what is in files."""
        for file in files:
            await asyncio.to_thread(self._copy, file)

    def close(self) -> None:
        """Close it; it stays."""
        self._file.close()

    def discard(self) -> None:
        """Close and remove it."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self.digest.update(data)

    def _copy(self, source: Path) -> None:
        with source.open("rb", buffering=0) as file:
            while data := file.read(PIECE):
                self._write(data)


async def gathered(
    chunks: AsyncIterator[bytes], unit: int = 1, size: int = PIECE
) -> AsyncIterator[bytes]:
    """Yield what comes in pieces of `size` bytes and a smaller last one.

    When the stream breaks, whole multiples of `unit` bytes of what came are yielded before the
    error is raised; `size` is one of them.
    """
    held = bytearray()
    try:
        async for chunk in chunks:
            held += chunk
            while len(held) >= size:
                yield bytes(held[:size])
                del held[:size]
    except Exception:
        if whole := len(held) - len(held) % unit:
            yield bytes(held[:whole])
        raise
    if held:
        yield bytes(held)


async def after(chunks: AsyncIterator[bytes], skip: int) -> AsyncIterator[bytes]:
    """Yield what comes after the first `skip` bytes."""
    async for chunk in chunks:
        if rest := chunk[skip:]:
            yield rest
        skip = max(0, skip - len(chunk))


async def read(path: Path, start: int, length: int) -> AsyncIterator[bytes]:
    """Yield `length` bytes of a file from `start` on; it may be removed meanwhile."""
    with await asyncio.to_thread(path.open, "rb", 0) as file:
        file.seek(start)
        while length > 0 and (data := await asyncio.to_thread(file.read, min(PIECE, length))):
            length -= len(data)
            yield data
