"""CRC32C as Cloud Storage keeps it, of parts that arrive in any order.

The checksum of a text and another after it follows from the two and the length of the second:
polynomials over GF(2), modulo Castagnoli's (RFC 3720 §B.4), with the lowest power in the highest
bit. Cloud Storage writes it as base64 of four bytes, the highest first.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

_POLYNOMIAL: Final = 0x82F63B78
_ONE: Final = 1 << 31
_SLICE: Final = 1 << 18

Checksum = Callable[[memoryview], int]


def quick_checksum() -> Checksum | None:
    """Return what computes the checksum of some bytes, None where nothing fast is installed."""
    try:
        import google_crc32c
    except ImportError:
        return None
    if google_crc32c.implementation != "c":
        return None
    extend: Callable[[int, bytes], int] = google_crc32c.extend

    def checksum(data: memoryview) -> int:
        # The library takes nothing but `bytes`; a copy of this size stays in the cache.
        value = 0
        for start in range(0, len(data), _SLICE):
            value = extend(value, bytes(data[start : start + _SLICE]))
        return value

    return checksum


def decoded(text: str) -> int | None:
    """Return the checksum that an object's metadata states, None where it states none."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return int.from_bytes(raw, "big") if len(raw) == 4 else None


def joined(parts: Iterable[tuple[int, int]]) -> int:
    """Return the checksum of parts that stand one after another, each (checksum, bytes)."""
    whole = 0
    for checksum, length in parts:
        whole = _product(whole, _shift(length)) ^ checksum
    return whole


@lru_cache(maxsize=64)
def _shift(length: int) -> int:
    """Return x to the power of the bits in `length` bytes."""
    power, square, bits = _ONE, _ONE >> 1, length * 8
    while bits:
        if bits & 1:
            power = _product(power, square)
        square = _product(square, square)
        bits >>= 1
    return power


def _product(a: int, b: int) -> int:
    product = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return product
