"""A local file read from its beginning to its end, in parts, with the checksums of all of it."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import google_crc32c

from console.model.models.upload_record import FileIdentity, SentPart


class FileChanged(Exception):
    """The file is not the same any more, or turned out not to be while it was read."""


@dataclass(frozen=True, slots=True)
class PartData:
    """A part of a file: its number from 1 on, its bytes and their CRC32C."""

    number: int
    data: bytes
    crc32c: int


@dataclass(frozen=True, slots=True)
class Checksums:
    """Of a whole file: CRC32C in base 64, as Cloud Storage has it, and SHA-256 in hexadecimal."""

    crc32c: str
    sha256: str


def identity_of(path: Path) -> FileIdentity:
    """Return by what a file is known; raises `OSError`."""
    return _identity(path.stat())


def _identity(found: os.stat_result) -> FileIdentity:
    return FileIdentity(
        size=found.st_size,
        modified=found.st_mtime_ns,
        changed=found.st_ctime_ns,
        inode=found.st_ino,
        device=found.st_dev,
    )


class LocalReading:
    """Reads the file at `path` once; raises `FileChanged` unless it is and stays `identity`."""

    def __init__(self, path: Path, identity: FileIdentity, part_size: int) -> None:
        self._path = path
        self._identity = identity
        self._part_size = part_size
        self._crc32c = 0
        self._sha256 = hashlib.sha256()

    def parts(self, sent: Mapping[int, SentPart]) -> Iterator[PartData | SentPart]:
        """Yield every part: those in `sent` as they are there, after comparing, others as data.

        Raises `OSError` as well.
        """
        count = -(-self._identity.size // self._part_size)
        with self._path.open("rb", buffering=0) as file:
            self._hold(_identity(os.fstat(file.fileno())))
            for number in range(1, count + 1):
                data, crc32c = self._read(file, number)
                known = sent.get(number)
                if known is None:
                    yield PartData(number, data, crc32c)
                elif known.crc32c != crc32c:
                    raise FileChanged
                else:
                    yield known
            if file.read(1):
                raise FileChanged
            self._hold(_identity(os.fstat(file.fileno())))
        try:
            self._hold(identity_of(self._path))
        except FileNotFoundError:
            raise FileChanged from None

    def checksums(self) -> Checksums:
        """Return the checksums of what was read, which is all once `parts` has ended."""
        return Checksums(in_base64(self._crc32c), self._sha256.hexdigest())

    def _read(self, file: BinaryIO, number: int) -> tuple[bytes, int]:
        size = min(self._part_size, self._identity.size - (number - 1) * self._part_size)
        data = file.read(size)
        while len(data) < size:
            more = file.read(size - len(data))
            if not more:
                raise FileChanged
            data += more
        self._sha256.update(data)
        self._crc32c = google_crc32c.extend(self._crc32c, data)
        return data, google_crc32c.value(data)

    def _hold(self, found: FileIdentity) -> None:
        if found != self._identity:
            raise FileChanged


def in_base64(crc32c: int) -> str:
    """Return a CRC32C as Cloud Storage writes it."""
    return base64.b64encode(crc32c.to_bytes(4, "big")).decode()
