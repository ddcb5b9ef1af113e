"""Which stretch of the log who follows it has delivered whole, told to the keeper now and then."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final, Protocol

from console.model.log.lines import LogRecord
from console.session.history.backfill import Backfill
from console.session.history.keeper import HistoryKeeper
from console.session.log_feed import LINES_NOT_READ

OFTEN_SECONDS: Final = 0.5
"""How often it is looked until there is anything to tell."""

SELDOM_SECONDS: Final = 15.0


class Follower(Protocol):
    """Who follows a log; `console.session.log_feed.LogFeed` is one."""

    @property
    def whole_until(self) -> datetime | None:
        """The moment until which all that the cloud received was delivered."""
        ...


class LiveCoverage:
    """Tells `keeper` until when `follower` delivered everything, from `began` on."""

    def __init__(
        self, follower: Follower, keeper: HistoryKeeper, backfill: Backfill, began: datetime
    ) -> None:
        self._follower = follower
        self._keeper = keeper
        self._backfill = backfill
        self._since = began

    async def run(self) -> None:
        """Tell it until cancelled, and once more then."""
        try:
            while True:
                told = self._tell()
                await asyncio.sleep(SELDOM_SECONDS if told else OFTEN_SECONDS)
        finally:
            self._tell()

    def note(self, record: LogRecord) -> None:
        """Take in a line of the follower; one may say that it could not take all."""
        if record.event != LINES_NOT_READ:
            return
        try:
            since = datetime.fromisoformat(str(record.fields["since"]))
            until = datetime.fromisoformat(str(record.fields["until"]))
        except (KeyError, ValueError):
            return
        self._keeper.cover(self._since, since)
        self._since = until
        self._backfill.lacking(until)

    def _tell(self) -> bool:
        until = self._follower.whole_until
        if until is None or until <= self._since:
            return False
        self._keeper.cover(self._since, until)
        self._keeper.live_until(until)
        return True
