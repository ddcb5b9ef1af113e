"""A file as it was when reading began."""

from __future__ import annotations

from typing import Protocol


class Stored(Protocol):
    """One version of a file, in a bucket or on a mount."""

    @property
    def key(self) -> str:
        """What names it, and what messages call it."""

    @property
    def bytes(self) -> int:
        """Its size."""

    @property
    def crc32c(self) -> int | None:
        """The checksum of the whole that is stated beside it, None where there is none."""
