"""What an engine and the processes that read for it say to each other."""

from __future__ import annotations

from typing import NamedTuple

from engine.errors import ModelError
from engine.weights.bucket.bucket import StoredObject


class Job(NamedTuple):
    """Read `length` bytes from `offset` into a place."""

    stored: StoredObject
    offset: int
    length: int
    slot: int


class TokenWanted(NamedTuple):
    """Which token may be sent along? Not `refused`. Answered by its text, or by a `ModelError`."""

    refused: str

    def __repr__(self) -> str:
        return "TokenWanted()"


class Brought(NamedTuple):
    """The bytes are there; `interruptions` were mended meanwhile, the last because of `trouble`."""

    checksum: int
    interruptions: int
    trouble: str


class Failed(NamedTuple):
    """The bytes do not come."""

    error: ModelError
    interruptions: int
    trouble: str
