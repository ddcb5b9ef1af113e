"""Whether the bytes of a file are those that were stated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from console.model.models.pulling import Checksum, Digest, StatedFile

_BLOCK: Final = 2**20


class ContentDigest:
    """The checksum of bytes as they come, of the kind that was stated."""

    def __init__(self, stated: StatedFile) -> None:
        self._stated = stated
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        if self._stated.checksum.digest is Digest.SHA256:
            self._hash = hashlib.sha256()
        else:
            self._hash = hashlib.sha1(b"blob %d\0" % self._stated.size, usedforsecurity=False)

    def add(self, block: bytes) -> None:
        """Go on with `block`."""
        self._hash.update(block)

    def checksum(self) -> Checksum:
        """Return the checksum of all that came."""
        return Checksum(self._stated.checksum.digest, self._hash.hexdigest())


def right_file(path: Path, stated: StatedFile, go_on: Callable[[int], None]) -> bool:
    """Return whether the file at `path` is the one that is stated; `go_on` hears of bytes read."""
    if not path.is_file() or path.stat().st_size != stated.size:
        return False
    digest = ContentDigest(stated)
    with path.open("rb") as file:
        for block in blocks(file):
            digest.add(block)
            go_on(len(block))
    return digest.checksum() == stated.checksum


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield all of a file from its beginning."""
    file.seek(0)
    while block := file.read(_BLOCK):
        yield block
