"""How failures of the network are waited out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from console.model.models.patience import AwakeTime
from console.sources.base import Offline, Throttled
from console.sources.hub_errors import Unreached


@dataclass(frozen=True, slots=True)
class WaitLimits:
    """How long is waited, in seconds: `first` after one failure, twice that after the next, up to
    `longest`; in all `before_contact` when nothing was ever reached, and `in_all` without a byte.
    One attempt takes `attempt` at most.
    """

    first: float = 1.0
    longest: float = 30.0
    before_contact: float = 20.0
    in_all: float = 900.0
    attempt: float = 60.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What fetching depends on beside its source.

    `clock` counts seconds; `wait` waits so many and returns whether to stop.
    """

    clock: Callable[[], float]
    wait: Callable[[float], bool]
    limits: WaitLimits = WaitLimits()


class Waiting:
    """Says how long to wait after each failure, until patience is at its end."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._failures = 0
        self._silent = self._from_now()
        self.contact = False
        """Whether anything was ever reached."""

    def progressed(self) -> None:
        """Note that bytes came: patience begins anew."""
        self._failures, self._silent, self.contact = 0, self._from_now(), True

    def after(self, error: Offline | Throttled) -> float | None:
        """Return how many seconds to wait after `error`; None if it is not worth it any more."""
        limits = self._around.limits
        self.contact = self.contact or not isinstance(error, Unreached)
        seconds = min(limits.longest, limits.first * float(2 ** min(self._failures, 16)))
        self._failures += 1
        if isinstance(error, Throttled) and error.retry_after is not None:
            seconds = max(seconds, error.retry_after)
        silent = self._silent.look(self._around.clock())
        limit = limits.in_all if self.contact else limits.before_contact
        if silent + seconds > limit:
            return None
        self._silent.waits(seconds)
        return seconds

    def _from_now(self) -> AwakeTime:
        return AwakeTime(self._around.clock(), self._around.limits.attempt)
