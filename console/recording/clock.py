"""The time of a replay: that of the recording, which goes as fast as is wished and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta


class ReplayClock:
    """Begins at `recorded_at` when it is first asked, and stands still `seconds` later.

    `speed` is how many recorded seconds one second of `monotonic` is.
    """

    def __init__(
        self,
        recorded_at: datetime,
        seconds: float,
        speed: float,
        monotonic: Callable[[], float],
    ) -> None:
        self.speed = speed
        self._recorded_at = recorded_at
        self._seconds = seconds
        self._monotonic = monotonic
        self._began: float | None = None

    @property
    def at(self) -> float:
        """How many recorded seconds have passed."""
        return min(self._seconds, self.elapsed())

    @property
    def over(self) -> bool:
        """Whether the recording has come to its end."""
        return self.at >= self._seconds

    def elapsed(self) -> float:
        """Return seconds at the speed of the replay, which go on after its end."""
        if self._began is None:
            self._began = self._monotonic()
        return (self._monotonic() - self._began) * self.speed

    def now(self) -> datetime:
        """Return the time of day as it was then."""
        return self._recorded_at + timedelta(seconds=self.at)

    async def until(self, at: float) -> None:
        """Wait until so many recorded seconds have passed."""
        if (left := at - self.at) > 0:
            await asyncio.sleep(left / self.speed)
