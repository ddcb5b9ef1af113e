"""Whether what is in a bucket is what it should be, file by file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.model.models.parts import SHA256_NOTE
from console.model.storage import StoredObject


class Verdict(StrEnum):
    """What came of looking at an object."""

    SAME = "the same"
    DIFFERENT = "differs"
    MISSING = "not in the bucket"
    SOUND = "as it was sent"
    DAMAGED = "not as it was sent"


@dataclass(frozen=True, slots=True)
class Verified:
    """An object or a file, and what came of looking at it; `why` says more, or nothing."""

    name: str
    size: int
    verdict: Verdict
    why: str = ""

    @property
    def good(self) -> bool:
        """Whether it is what it should be."""
        return self.verdict in (Verdict.SAME, Verdict.SOUND)


@dataclass(frozen=True, slots=True)
class Digests:
    """Of the bytes that there are: CRC32C in base 64, SHA-256 in hexadecimal."""

    size: int
    crc32c: str
    sha256: str


def against_file(name: str, local: Digests, stored: StoredObject | None) -> Verified:
    """Compare an object with a file that was read, without reading the object."""
    if stored is None:
        return Verified(name, local.size, Verdict.MISSING)
    noted = stored.said(SHA256_NOTE)
    if stored.size != local.size:
        why = f"{stored.size:,} bytes in the bucket, {local.size:,} here"
        return Verified(name, local.size, Verdict.DIFFERENT, why)
    if stored.crc32c != local.crc32c:
        return Verified(name, local.size, Verdict.DIFFERENT, "its CRC32C is another")
    if noted and noted != local.sha256:
        return Verified(name, local.size, Verdict.DIFFERENT, "its SHA-256 is another")
    return Verified(name, local.size, Verdict.SAME)


def against_notes(stored: StoredObject, read: Digests) -> Verified:
    """Compare the bytes that were read of an object with the checksums noted with it."""
    noted = stored.said(SHA256_NOTE)
    if read.size != stored.size or (stored.crc32c and read.crc32c != stored.crc32c):
        return Verified(stored.name, stored.size, Verdict.DAMAGED, "its CRC32C does not fit")
    if not noted:
        why = "by its CRC32C; no SHA-256 was noted with it"
        return Verified(stored.name, stored.size, Verdict.SOUND, why)
    if noted != read.sha256:
        return Verified(stored.name, stored.size, Verdict.DAMAGED, "its SHA-256 does not fit")
    return Verified(stored.name, stored.size, Verdict.SOUND)
