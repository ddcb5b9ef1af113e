"""How what passes by itself is waited out while a plan is carried out, and how that is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from console.model.models.patience import Patience
from console.sources.base import Offline, SourceError, Throttled

LOOK_SECONDS: Final = 1.0
"""How often it is looked how far long work has come."""

_Result = TypeVar("_Result")

PATIENT: Final = Patience(quiet_seconds=600.0, first_seconds=1.0, longest_seconds=20.0)


class Stopped(Exception):
    """Somebody stopped what was going on; it can be gone on with."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is looked, how patiently, and whether to go on.

    `clock` counts seconds, `jitter` gives numbers from 0 to 1, and `stop` is set to end it all.
    """

    clock: Callable[[], float]
    jitter: Callable[[], float]
    patience: Patience = PATIENT
    look_seconds: float = LOOK_SECONDS
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def check(self) -> None:
        """Raise `Stopped` if somebody stopped it."""
        if self.stop.is_set():
            raise Stopped

    async def pause(self, seconds: float) -> None:
        """Wait; raises `Stopped`."""
        self.check()
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return
        raise Stopped

    async def look_again(self) -> None:
        """Wait until it is worth looking again; raises `Stopped`."""
        await self.pause(self.look_seconds)


class Tries:
    """Tries something again and again, as long as it fails for what passes by itself.

    `waiting` hears why, and how many seconds are waited.
    """

    def __init__(self, pace: Pace, waiting: Callable[[SourceError, float], None]) -> None:
        self._pace = pace
        self._waiting = waiting
        self._failures = 0
        self._since = pace.clock()

    def progressed(self) -> None:
        """Note that something was answered: patience begins anew."""
        self._failures, self._since = 0, self._pace.clock()

    async def until_done(
        self, work: Callable[[], Awaitable[_Result]], passes: Callable[[SourceError], bool]
    ) -> _Result:
        """Do it; raises the `SourceError` that does not pass, or not in time, and `Stopped`.

        `passes` says of other errors than those of the network whether they do.
        """
        while True:
            self._pace.check()
            try:
                return await work()
            except SourceError as error:
                if not isinstance(error, (Offline, Throttled)) and not passes(error):
                    raise
                await self._wait(error)

    async def _wait(self, error: SourceError) -> None:
        self._failures += 1
        patience = self._pace.patience
        asked = error.retry_after if isinstance(error, Throttled) else None
        seconds = patience.delay(self._failures, self._pace.jitter(), asked=asked)
        if self._pace.clock() - self._since + seconds > patience.quiet_seconds:
            raise error
        self._waiting(error, seconds)
        await self._pace.pause(seconds)
