"""Preconditions of requests.

Source: https://cloud.google.com/storage/docs/request-preconditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from console.sandbox.storage.refusals import Refused, not_met, not_modified

_NAMES: Final = (
    "GenerationMatch",
    "GenerationNotMatch",
    "MetagenerationMatch",
    "MetagenerationNotMatch",
)
_LARGEST: Final = 2**63


class Numbered(Protocol):
    """What preconditions are about."""

    @property
    def generation(self) -> int:
        """Which version of the content it is."""

    @property
    def metageneration(self) -> int:
        """Which version of its metadata it is."""


def number(query: Mapping[str, str], name: str) -> int | None:
    """Return a whole number of the query, None where it is not said; raises `Refused`."""
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < _LARGEST):
        raise Refused(
            400, "invalidParameter", f"Invalid value for: '{name}', no whole number: '{text}'"
        )
    return int(text)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is to hold for a request to be carried out; a generation of 0 means no live object."""

    generation: int | None = None
    not_generation: int | None = None
    metageneration: int | None = None
    not_metageneration: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str], prefix: str = "if") -> Conditions:
        """Read them from a query; raises `Refused`."""
        return cls(*(number(query, prefix + name) for name in _NAMES))

    @staticmethod
    def asked(query: Mapping[str, str]) -> dict[str, str]:
        """Return the part of a query that says them, to be read later."""
        return {key: query[key] for key in (f"if{name}" for name in _NAMES) if query.get(key)}

    def check(self, found: Numbered | None, reading: bool = False) -> None:
        """Raise `Refused` unless they hold for `found`, None being the absence of it."""
        generation = 0 if found is None else found.generation
        metageneration = 0 if found is None else found.metageneration
        if self.generation not in (None, generation):
            raise not_met()
        if self.metageneration not in (None, metageneration):
            raise not_met()
        if generation == self.not_generation or (
            found is not None and metageneration == self.not_metageneration
        ):
            raise not_modified() if reading else not_met()
