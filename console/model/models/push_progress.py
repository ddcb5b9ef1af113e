"""How far files are on their way to a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.model.text import SafeText


class FileStage(StrEnum):
    """What is done about a file."""

    WAITING = "waiting"
    SENDING = "sending"
    FINISHING = "being put together"
    THERE = "was there"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PushedFile:
    """How far a file is, in bytes.

    `there` arrived earlier, `sent` now, and `arrived` is both together; `passing` is on its way.
    `wire` counts all that was handed on now, `again` what of it was lost on its way. `failures`
    counts what did not work at first; `note` says why it waits now, `problem` why it failed.
    """

    name: str
    size: int
    there: int = 0
    sent: int = 0
    arrived: int = 0
    passing: int = 0
    wire: int = 0
    again: int = 0
    failures: int = 0
    stage: FileStage = FileStage.WAITING
    note: SafeText | None = None
    problem: SafeText | None = None

    @property
    def done(self) -> int:
        """The bytes that are there, or on their way."""
        ended = self.stage in (FileStage.THERE, FileStage.SENT, FileStage.FINISHING)
        return self.size if ended else min(self.size, self.arrived + self.passing)


@dataclass(frozen=True, slots=True)
class PushProgress:
    """How far all files are; `rate` is in bytes a second over the last seconds, None at first."""

    files: tuple[PushedFile, ...]
    rate: float | None = None

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(each.size for each in self.files)

    @property
    def done(self) -> int:
        """The bytes that are there, or on their way."""
        return sum(each.done for each in self.files)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate; None if that is not known."""
        return (self.size - self.done) / self.rate if self.rate else None
