"""Checksums of what is stored: computed as it arrives, compared with what the sender claims.

Source: https://cloud.google.com/storage/docs/data-validation.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import google_crc32c

from console.sandbox.storage.refusals import Refused


class Digest:
    """CRC32C, MD5 and number of bytes of what it was fed with."""

    def __init__(self) -> None:
        self._crc32c = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.size = 0

    def update(self, data: bytes) -> None:
        """Take in what comes next."""
        self._crc32c = google_crc32c.extend(self._crc32c, data)
        self._md5.update(data)
        self.size += len(data)

    @property
    def crc32c(self) -> str:
        """As the interfaces write it: big-endian, in base 64."""
        return base64.b64encode(self._crc32c.to_bytes(4, "big")).decode()

    @property
    def md5(self) -> str:
        """As the interfaces write it: in base 64."""
        return base64.b64encode(self._md5.digest()).decode()


@dataclass(frozen=True, slots=True)
class Claims:
    """What the sender says the checksums are; empty where it says nothing."""

    crc32c: str = ""
    md5: str = ""

    @classmethod
    def made(cls, hashes: Iterable[str], headers: Mapping[str, str], said: object = None) -> Claims:
        """Read the values of `X-Goog-Hash`, `Content-MD5`, and the metadata of an object."""
        named = dict(
            part.strip().partition("=")[::2] for value in hashes for part in value.split(",")
        )
        told = said if isinstance(said, dict) else {}
        return cls(
            crc32c=named.get("crc32c") or str(told.get("crc32c") or ""),
            md5=named.get("md5") or headers.get("content-md5") or str(told.get("md5Hash") or ""),
        )

    def or_else(self, others: Claims) -> Claims:
        """Return these, and those of `others` where nothing is claimed here."""
        return Claims(self.crc32c or others.crc32c, self.md5 or others.md5)

    def check(self, digest: Digest) -> None:
        """Raise `Refused` when a claim is wrong."""
        if self.crc32c and self.crc32c != digest.crc32c:
            raise Refused(
                400,
                "invalid",
                f'Provided CRC32C "{self.crc32c}" doesn\'t match calculated CRC32C '
                f'"{digest.crc32c}".',
                "CrcMismatch",
            )
        if self.md5 and self.md5 != digest.md5:
            raise Refused(
                400,
                "invalid",
                f'Provided MD5 hash "{self.md5}" doesn\'t match calculated MD5 hash '
                f'"{digest.md5}".',
                "BadDigest",
            )
