"""A list to choose from by typing: rows, which of them match, and names that nobody listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from console.model.service import ServiceName

MOST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """Something that can be chosen: its name, and what there is to say about it.

    `shown` is what stands for it where that is not its name.
    """

    name: str
    detail: str = ""
    shown: str = ""

    @property
    def label(self) -> str:
        """What is read first of it."""
        return self.shown or self.name


@dataclass(frozen=True, slots=True)
class Matches:
    """The rows to show for what was typed; `more` match too but are not shown.

    `typed` is the name that was typed where it is none of the rows but can be one.
    """

    rows: tuple[Row, ...]
    more: int = 0
    typed: str | None = None

    def chosen(self, place: int) -> str | None:
        """Return the name at `place`, counted from 0 with the typed one behind the rows."""
        if 0 <= place < len(self.rows):
            return self.rows[place].name
        return self.typed if place == len(self.rows) else None


def matches(
    rows: Sequence[Row], text: str, can_be: Callable[[str], bool], most: int = MOST_SHOWN
) -> Matches:
    """Return the rows that have every word of `text`, those whose name begins with it first."""
    wanted = text.strip()
    words = wanted.casefold().split()
    found = [row for row in rows if all(word in _haystack(row) for word in words)]
    found.sort(key=lambda row: not row.label.casefold().startswith(wanted.casefold()))
    listed = any(row.name == wanted for row in rows)
    typed = wanted if wanted and not listed and can_be(wanted) else None
    return Matches(tuple(found[:most]), max(0, len(found) - most), typed)


def _haystack(row: Row) -> str:
    return f"{row.name} {row.shown} {row.detail}".casefold()


def can_be_project(text: str) -> bool:
    """Say whether a project can be called so."""
    return _is_name(text, "us-central1", "z-image")


def can_be_region(text: str) -> bool:
    """Say whether a region can be called so."""
    return _is_name("my-project", text, "z-image")


def can_be_service(text: str) -> bool:
    """Say whether a service can be called so."""
    return _is_name("my-project", "us-central1", text)


def _is_name(project: str, region: str, service: str) -> bool:
    try:
        ServiceName.parse(f"{project}/{region}/{service}")
    except ValueError:
        return False
    return True
