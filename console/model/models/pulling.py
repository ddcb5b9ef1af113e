"""Files on their way from the hub to a directory: what has to come, how far it is, how long yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later
from console.model.models.parts import ModelPart
from console.model.models.progress import Progress, Way
from console.model.models.published import PublishedFile, memory_bytes
from console.model.text import SafeText

SPARE_BYTES: Final = 64 * 2**20
"""What is left free on the disk beside the files, so that it does not fill up to the last byte."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SHA1: Final = re.compile(r"[0-9a-f]{40}")


class Digest(StrEnum):
    """How a checksum is made of a file."""

    SHA256 = "sha256"
    GIT = "git"
    """SHA-1 of git's header and the file, as git names small files."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum, in hexadecimal."""

    digest: Digest
    value: str

    def __str__(self) -> str:
        return f"{self.digest} {self.value}"


def stated_checksum(tag: str | None) -> Checksum | None:
    """Read the hub's entity tag of a file: SHA-256 of a large one, git's of a small one."""
    if tag and _SHA256.fullmatch(tag):
        return Checksum(Digest.SHA256, tag)
    if tag and _SHA1.fullmatch(tag):
        return Checksum(Digest.GIT, tag)
    return None


@dataclass(frozen=True, slots=True)
class StatedFile:
    """A file as the hub states it now; `revision` is the commit that this holds for."""

    file: PublishedFile
    size: int
    checksum: Checksum
    revision: str

    @property
    def as_known(self) -> bool:
        """Return whether the checksum was known before the hub stated it, and is that."""
        return self.file.sha256 is not None and self.file.sha256 == self.checksum.value

    @property
    def other_than_known(self) -> bool:
        """Return whether the hub states another file than the one that is known."""
        return self.file.sha256 is not None and self.file.sha256 != self.checksum.value

    @property
    def part_name(self) -> str:
        """Return under which name the file grows: never continued by one of other content."""
        return f".{self.file.name}.{self.checksum.value[:12]}.part"


class Standing(StrEnum):
    """How a file stands in the directory that it is meant for."""

    MISSING = tr_later("to fetch")
    BEGUN = "begun"
    HERE = tr_later("here")
    DIFFERENT = tr_later("differs")


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of the plan; `have` bytes of it are on the disk already."""

    stated: StatedFile
    standing: Standing
    have: int = 0

    @property
    def missing(self) -> int:
        """Return how many bytes have to come."""
        return 0 if self.standing is Standing.HERE else max(0, self.stated.size - self.have)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullPlan:
    """What a pull would do.

    `free` bytes are on the disk. `beside` are other files in the directory that hold parts which
    these files hold, too. `rate` is in bytes a second, None where `measured` is False or in vain.
    """

    directory: str
    endpoint: SafeText
    files: tuple[PlannedFile, ...]
    free: int
    beside: tuple[SafeText, ...] = ()
    measured: bool = False
    rate: float | None = None

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(each.stated.size for each in self.files)

    @property
    def missing(self) -> int:
        """Return how many bytes have to come."""
        return sum(each.missing for each in self.files)

    @property
    def lacking(self) -> int:
        """Return how many bytes of disk are lacking; 0 if there is room for all."""
        return max(0, self.missing + SPARE_BYTES - self.free) if self.missing else 0

    @property
    def seconds(self) -> float | None:
        """Return how long the rest takes at the measured rate; None if none was measured."""
        if self.missing == 0:
            return 0.0
        return self.missing / self.rate if self.rate else None

    @property
    def memory(self) -> int:
        """Return the least memory that pictures of 1024×1024 take with these files."""
        sizes: dict[ModelPart, int] = {
            each.stated.file.part: each.stated.size for each in self.files
        }
        return memory_bytes(sizes)

    @property
    def different(self) -> tuple[PlannedFile, ...]:
        """Return the files in whose place something else lies."""
        return tuple(each for each in self.files if each.standing is Standing.DIFFERENT)


class Stage(StrEnum):
    """What is being done about a file."""

    WAITING = tr_later("waiting")
    CHECKING = tr_later("checking")
    FETCHING = tr_later("fetching")
    HERE = tr_later("was here")
    DONE = tr_later("fetched")
    FAILED = tr_later("failed")


_WAYS: Final = {
    Stage.WAITING: Way.NOT_BEGUN,
    Stage.CHECKING: Way.LOOKED_AT,
    Stage.FETCHING: Way.PASSING,
    Stage.HERE: Way.ARRIVED,
    Stage.DONE: Way.ARRIVED,
    Stage.FAILED: Way.FAILED,
}


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far a file is. `fetched` counts what came over the wire now, twice what came twice.

    `rate` is how fast it alone comes, in bytes a second over the last seconds, None at first.
    `note` says what is being waited for, `problem` why it failed.
    """

    name: str
    size: int
    done: int = 0
    fetched: int = 0
    rate: float | None = None
    stage: Stage = Stage.WAITING
    note: SafeText | None = None
    problem: SafeText | None = None

    @property
    def ended(self) -> bool:
        """Return whether nothing more will happen."""
        return self.stage in (Stage.HERE, Stage.DONE, Stage.FAILED)

    @property
    def kept(self) -> int:
        """Return the bytes that are on the disk."""
        return self.done

    @property
    def passed(self) -> int:
        """Return the bytes that came now."""
        return self.fetched

    @property
    def doing(self) -> str:
        """Return what is done about it."""
        return tr(self.stage.value)

    @property
    def way(self) -> Way:
        """Return where it is."""
        return _WAYS[self.stage]


PullProgress = Progress[FileProgress]
"""How far all files of a pull are."""
