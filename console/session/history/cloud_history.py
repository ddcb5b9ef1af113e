"""What outlives the log of a service on Google Cloud, as its session keeps it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from console.model.log.lines import LogRecord
from console.model.service import ServiceName
from console.session.history.backfill import Backfill
from console.session.history.deployment import DeploymentWatch
from console.session.history.keeper import HistoryKeeper
from console.session.history.live import Follower, LiveCoverage
from console.session.racing import first_of
from console.sources.base import LogSource, ServiceSource
from console.store import Store


class CloudHistory:
    """Feeds `keeper` with the lines of a log: those of now, and those that it lacks.

    `began` is the moment from which on the lines of now are whole.
    """

    def __init__(
        self,
        store: Store,
        keeper: HistoryKeeper,
        logs: LogSource,
        name: ServiceName,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
    ) -> None:
        self._keeper = keeper
        self._name = name
        self._began = clock()
        self._backfill = Backfill(logs, name, keeper, self._began, clock, jitter)
        self._deployment = DeploymentWatch(store, keeper)
        self._live: LiveCoverage | None = None

    def note(self, record: LogRecord) -> None:
        """Take in a line of now."""
        self._keeper.note(record)
        if self._live is not None:
            self._live.note(record)

    async def run(self, services: ServiceSource, follower: Follower) -> None:
        """Read and keep until cancelled; `follower` follows the log."""
        self._live = LiveCoverage(follower, self._keeper, self._backfill, self._began)
        await first_of(
            self._backfill.run(),
            self._live.run(),
            self._deployment.run(services, self._name),
        )
