"""How long to wait before something is tried again, and when to leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 30.0
BRIEF_SECONDS: Final = 2.0
ATTEMPT_SECONDS: Final = 660.0
"""How long one attempt can take: ten minutes are waited for a large object to be put together."""


class AwakeTime:
    """Counts the seconds between one look and the next, without those that were slept through.

    A laptop that is closed, or a process that is stopped, loses no patience meanwhile. An attempt
    takes `attempt_seconds` at most, so what is beyond that, and was not waited, was sleep.
    """

    def __init__(self, now: float, attempt_seconds: float) -> None:
        self._attempt_seconds = attempt_seconds
        self._looked = now
        self._waited = 0.0
        self._awake = 0.0

    def look(self, now: float) -> float:
        """Return how many seconds were spent awake until `now`."""
        gap = max(0.0, now - self._looked)
        self._awake += min(gap, self._waited + self._attempt_seconds)
        self._looked, self._waited = now, 0.0
        return self._awake

    def waits(self, seconds: float) -> None:
        """Note that so long is waited before the next look."""
        self._waited = seconds


@dataclass(frozen=True, slots=True)
class Patience:
    """`quiet_seconds` is for how long nothing at all may get through, and `attempt_seconds` how
    long one attempt may take.

    `corrupted` and `refused` say how often in a row a part may arrive damaged, and the login be
    refused although it was renewed.
    """

    quiet_seconds: float = 3_600.0
    corrupted: int = 8
    refused: int = 4
    first_seconds: float = FIRST_SECONDS
    longest_seconds: float = LONGEST_SECONDS
    brief_seconds: float = BRIEF_SECONDS
    attempt_seconds: float = ATTEMPT_SECONDS

    def delay(
        self, failures: int, jitter: float, *, alone: bool = False, asked: float | None = None
    ) -> float:
        """Return how many seconds to wait after so many failures in a row, from 1 on.

        `jitter` is from 0 to 1, and spreads those that failed together. `alone` says that others
        get through meanwhile: then it was bad luck, and the wait is brief. `asked` is what the
        other side wants at least.
        """
        doubled = self.first_seconds * float(2 ** min(failures - 1, 16))
        most = min(self.longest_seconds, self.brief_seconds) if alone else self.longest_seconds
        return max(min(most, doubled) * (0.5 + jitter / 2), asked or 0.0)
