"""What a push would do: which files it sends, which are there already, what that takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.model.models.local_set import LocalFile
from console.model.models.parts import NEEDED, part_of
from console.model.models.upload_record import FileIdentity
from console.model.storage import Kept, ObjectList, StoredObject


class Standing(StrEnum):
    """How a file stands to what is in the bucket under its name."""

    NEW = "new"
    SAME = "there already"
    DIFFERENT = "differs"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file, and what becomes of it.

    `stored` is what is in the bucket under its name; `begun` bytes of it were sent by a push that
    did not come to its end.
    """

    file: LocalFile
    identity: FileIdentity
    standing: Standing
    stored: StoredObject | None = None
    begun: int = 0

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.identity.size

    @property
    def missing(self) -> int:
        """The bytes that have to be sent."""
        return 0 if self.standing is Standing.SAME else max(0, self.size - self.begun)

    @property
    def generation(self) -> int:
        """Which version of an object it may take the place of; 0 for none."""
        return 0 if self.stored is None else self.stored.generation


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPlan:
    """What a push of a directory into a bucket would do.

    `rate` is in bytes a second, as measured, None if it was not. `others` are in the bucket beside
    what is sent and would keep a service from starting.
    """

    bucket: str
    directory: str
    files: tuple[PlannedFile, ...]
    others: tuple[StoredObject, ...] = ()
    rate: float | None = None

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(each.size for each in self.files)

    @property
    def missing(self) -> int:
        """The bytes that have to be sent."""
        return sum(each.missing for each in self.files)

    @property
    def added(self) -> int:
        """By how many bytes the bucket would grow, apart from what is kept of replaced objects."""
        return sum(each.size for each in self.files if each.standing is Standing.NEW) + sum(
            each.size - (each.stored.size if each.stored else 0) for each in self.replaced
        )

    @property
    def replaced(self) -> tuple[PlannedFile, ...]:
        """The files that take the place of something else."""
        return tuple(each for each in self.files if each.standing is Standing.DIFFERENT)

    @property
    def sent(self) -> tuple[PlannedFile, ...]:
        """The files that are sent."""
        return tuple(each for each in self.files if each.standing is not Standing.SAME)

    @property
    def seconds(self) -> float | None:
        """How long sending takes at the measured rate; None if that is not known."""
        if not self.missing:
            return 0.0
        return self.missing / self.rate if self.rate else None


def other_parts(files: tuple[LocalFile, ...], found: ObjectList) -> tuple[StoredObject, ...]:
    """Return what is in a bucket for parts that are sent under other names.

    A service that finds two files for one part does not start. It looks into no folders.
    """
    names = {each.name for each in files}
    parts = {each.part for each in files} & set(NEEDED)
    return tuple(
        each
        for each in found.of(Kept.LIVE)
        if "/" not in each.name and each.name not in names and part_of(each) in parts
    )
