"""Asking again and again: the pace that all questions share, and what one failure means."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from console.sources.base import Denied, Missing, Offline, SourceError, Throttled, Unauthenticated

_Answer = TypeVar("_Answer")

LONGEST_SECONDS: Final = 60.0
OFFLINE_SECONDS: Final = 15.0
"""The longest wait where nothing answered: asking costs nothing then, and a network comes back."""

_NO_ANSWERS: Final = (Denied, Missing, Unauthenticated)


@dataclass(frozen=True, slots=True)
class Intervals:
    """How many seconds lie between two questions.

    `calm` for a service that stands as it is, `changing` for one that is rolled out or of which
    nothing is known yet, `seldom` for what hardly changes or is measured by the minute.
    """

    calm: float = 5.0
    changing: float = 1.5
    seldom: float = 60.0


class Pace:
    """When to ask again; one call hurries or pauses whoever rests here."""

    def __init__(self) -> None:
        self.paused = False
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """End every rest now, also while paused: everything is asked once."""
        self._hurried.set()
        self._hurried = asyncio.Event()

    def pause(self) -> None:
        """Let every rest go on until `resume` or `hurry`."""
        self.paused = True

    def resume(self) -> None:
        """Ask everything now, and go on as before."""
        self.paused = False
        self.hurry()

    async def rest(self, seconds: float) -> None:
        """Wait for `seconds`, less when hurried, longer while paused."""
        hurried = self._hurried
        try:
            async with asyncio.timeout(seconds):
                await hurried.wait()
        except TimeoutError:
            if self.paused:
                await hurried.wait()


async def poll(
    ask: Callable[[], Awaitable[_Answer]],
    answered: Callable[[_Answer], None],
    failed: Callable[[SourceError, int, float], None],
    *,
    pace: Pace,
    every: Callable[[], float],
    jitter: Callable[[], float],
) -> None:
    """Ask until cancelled, every so many seconds and less often while that fails.

    `failed` hears what went wrong, how often in a row, and in how many seconds it is tried again.
    """
    failures = 0
    while True:
        try:
            answer = await ask()
        except SourceError as error:
            failures += 1
            seconds = _patience(error, failures, every(), jitter())
            failed(error, failures, seconds)
        else:
            failures = 0
            answered(answer)
            seconds = every() * _spread(jitter())
        await pace.rest(seconds)


def _patience(error: SourceError, failures: int, usual: float, jitter: float) -> float:
    """Return how many seconds to wait after a failure."""
    longest = OFFLINE_SECONDS if isinstance(error, Offline) else LONGEST_SECONDS
    doubled = usual * 2.0 ** min(failures - 1, 5)
    if isinstance(error, _NO_ANSWERS):
        # It was answered; what helps is a person who mends it, and then it should be seen soon.
        doubled, longest = usual * 2, OFFLINE_SECONDS
    said = (error.retry_after or 0.0) if isinstance(error, Throttled) else 0.0
    return max(said, min(longest, doubled) * _spread(jitter))


def _spread(jitter: float) -> float:
    return 0.75 + jitter / 2
