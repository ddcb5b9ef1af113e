"""Whether what is in a bucket is what it should be, file by file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later
from console.model.models.parts import SHA256_NOTE
from console.model.storage import StoredObject


class Verdict(StrEnum):
    """What came of looking at an object."""

    SAME = "the same"
    DIFFERENT = tr_later("differs")
    MISSING = tr_later("not in the bucket")
    SOUND = tr_later("as it was sent")
    DAMAGED = tr_later("not as it was sent")

    @property
    def words(self) -> str:
        """What is said of it."""
        return tr(_THE_SAME).strip() if self is Verdict.SAME else tr(self.value)


_THE_SAME: Final = tr_later(" the same")
"""The space tells what is the same here and there from what is the same as before, which other
languages have another word for."""


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
        why = tr("{there:,} bytes in the bucket, {here:,} here", there=stored.size, here=local.size)
        return Verified(name, local.size, Verdict.DIFFERENT, why)
    if stored.crc32c != local.crc32c:
        return Verified(name, local.size, Verdict.DIFFERENT, tr("its CRC32C is another"))
    if noted and noted != local.sha256:
        return Verified(name, local.size, Verdict.DIFFERENT, tr("its SHA-256 is another"))
    return Verified(name, local.size, Verdict.SAME)


def against_notes(stored: StoredObject, read: Digests) -> Verified:
    """Compare the bytes that were read of an object with the checksums noted with it."""
    noted = stored.said(SHA256_NOTE)
    if read.size != stored.size or (stored.crc32c and read.crc32c != stored.crc32c):
        return Verified(stored.name, stored.size, Verdict.DAMAGED, tr("its CRC32C does not fit"))
    if not noted:
        why = tr("by its CRC32C; no SHA-256 was noted with it")
        return Verified(stored.name, stored.size, Verdict.SOUND, why)
    if noted != read.sha256:
        return Verified(stored.name, stored.size, Verdict.DAMAGED, tr("its SHA-256 does not fit"))
    return Verified(stored.name, stored.size, Verdict.SOUND)
