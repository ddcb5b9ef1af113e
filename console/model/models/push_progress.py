"""How far files are on their way to a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later
from console.model.models.progress import Progress, Way
from console.model.text import SafeText


class FileStage(StrEnum):
    """What is done about a file."""

    WAITING = tr_later("waiting")
    SENDING = tr_later("sending")
    FINISHING = tr_later("being put together")
    THERE = tr_later("was there")
    SENT = tr_later("sent")
    FAILED = tr_later("failed")


_WAYS: Final = {
    FileStage.WAITING: Way.NOT_BEGUN,
    FileStage.SENDING: Way.PASSING,
    FileStage.FINISHING: Way.LOOKED_AT,
    FileStage.THERE: Way.ARRIVED,
    FileStage.SENT: Way.ARRIVED,
    FileStage.FAILED: Way.FAILED,
}


@dataclass(frozen=True, slots=True)
class PushedFile:
    """How far a file is, in bytes.

    `there` arrived earlier, `sent` now, and `arrived` is both together; `passing` is on its way.
    `rate` is how fast it alone passes, in bytes a second over the last seconds, None at first.
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
    rate: float | None = None
    stage: FileStage = FileStage.WAITING
    note: SafeText | None = None
    problem: SafeText | None = None

    @property
    def done(self) -> int:
        """The bytes that are there, or on their way."""
        ended = self.stage in (FileStage.THERE, FileStage.SENT, FileStage.FINISHING)
        return self.size if ended else min(self.size, self.arrived + self.passing)

    @property
    def kept(self) -> int:
        """The bytes that are there."""
        return self.size if self.way is Way.ARRIVED else self.arrived

    @property
    def passed(self) -> int:
        """The bytes that arrived now."""
        return self.sent

    @property
    def doing(self) -> str:
        """Say what is done about it."""
        return tr(self.stage.value)

    @property
    def way(self) -> Way:
        """Say where it is."""
        return _WAYS[self.stage]


PushProgress = Progress[PushedFile]
"""How far all files of a push are."""
