"""How far files are on their way, whichever way that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, Protocol, TypeVar

from console.model.text import SafeText


class Way(Enum):
    """Where a file is on its way."""

    NOT_BEGUN = auto()
    LOOKED_AT = auto()
    """Something is done about it, but none of its bytes pass: it is read, or put together."""
    PASSING = auto()
    ARRIVED = auto()
    FAILED = auto()


class FileOnItsWay(Protocol):
    """How far a file is, in bytes."""

    @property
    def name(self) -> str:
        """What it is called where it goes."""
        ...

    @property
    def size(self) -> int:
        """All its bytes."""
        ...

    @property
    def done(self) -> int:
        """Those that are where they belong, or nearly."""
        ...

    @property
    def kept(self) -> int:
        """Those that need not come again if it is stopped now."""
        ...

    @property
    def passed(self) -> int:
        """Those that came there now."""
        ...

    @property
    def rate(self) -> float | None:
        """How fast it alone passes, in bytes a second; None if that is not known."""
        ...

    @property
    def way(self) -> Way:
        """Where it is."""
        ...

    @property
    def doing(self) -> str:
        """What is done about it, in a word or two."""
        ...

    @property
    def note(self) -> SafeText | None:
        """Why it waits."""
        ...

    @property
    def problem(self) -> SafeText | None:
        """Why it failed."""
        ...


FileT_co = TypeVar("FileT_co", bound=FileOnItsWay, covariant=True)


@dataclass(frozen=True)
class Progress(Generic[FileT_co]):
    """How far all files are; `rate` is in bytes a second over the last seconds, None at first."""

    files: tuple[FileT_co, ...]
    rate: float | None = None

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(each.size for each in self.files)

    @property
    def done(self) -> int:
        """The bytes that are where they belong, or nearly."""
        return sum(each.done for each in self.files)

    @property
    def kept(self) -> int:
        """The bytes that need not come again if it is stopped now."""
        return sum(each.kept for each in self.files)

    @property
    def passed(self) -> int:
        """The bytes that came there now."""
        return sum(each.passed for each in self.files)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate; None if that is not known."""
        return (self.size - self.done) / self.rate if self.rate else None
