"""Which part of a model each object of a bucket is, and by what that is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from console.model.models.parts import PART_NOTE, ModelPart, part_by_name, part_called
from console.model.models.shapes import needed_memory
from console.model.models.stored_set import StoredSet, stored_set
from console.model.storage import ObjectList, StoredObject


class Told(StrEnum):
    """By what it is known which part an object is, the surest first."""

    HEADERS = "headers"
    NOTES = "notes"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class HeaderRead:
    """A file on this machine whose header was read: its part, None if it is none, and its bytes."""

    part: ModelPart | None
    size: int


@dataclass(frozen=True, slots=True)
class ToldParts:
    """What tells the parts of objects apart; `headers` by the names that files have in a bucket.

    A file here stands for an object of the same name and size; nothing of either is read for that.
    """

    headers: Mapping[str, HeaderRead] = field(default_factory=dict)

    def part(self, stored: StoredObject) -> ModelPart | None:
        """Return which part an object is, None if it is none."""
        return self._look(stored)[0]

    def by(self, stored: StoredObject) -> Told:
        """Return by what that is known."""
        return self._look(stored)[1]

    def whole(self, found: ObjectList) -> StoredSet:
        """Return what the objects make up."""
        return stored_set(found, self.part)

    def _look(self, stored: StoredObject) -> tuple[ModelPart | None, Told]:
        read = self.headers.get(stored.name)
        if read is not None and read.size == stored.size:
            return read.part, Told.HEADERS
        noted = part_called(stored.said(PART_NOTE))
        if noted is not None:
            return noted, Told.NOTES
        return part_by_name(stored.name), Told.NAMES


def told_by(whole: StoredSet, told: ToldParts) -> Counter[Told]:
    """Return how many of the objects that make up a model are known by what."""
    return Counter(told.by(each) for _, objects in whole.parts for each in objects)


def memory_of(whole: StoredSet) -> int | None:
    """Return how many bytes pictures of 1024×1024 take at least; None unless it is a whole model.

    An estimate, as `needed_memory` is.
    """
    if not whole.complete:
        return None
    return needed_memory(
        {part: sum(each.size for each in objects) for part, objects in whole.parts if objects}
    )
