"""The real console before a service that is made up: so many lines, so many changes a second.

    python tools/console_stand.py [--kept 200000] [--lines-a-second 2000] [--changes-a-second 1]

What makes lines runs in the console's own process; what comes from a cloud, and how it is read, is
measured by `tools/log_flood.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from datetime import UTC, datetime
from itertools import islice

from speed.lines import records

from console.app import ConsoleApp
from console.config import Config
from console.model.freshness import LOADING, Freshnesses
from console.model.service import (
    Condition,
    ConditionState,
    ServiceFacts,
    ServiceName,
    ServiceSnapshot,
    ServiceState,
    TrafficShare,
)
from console.model.text import SafeText
from console.screens.base import Surroundings
from console.session.engine_session import Session
from console.startup.collecting import collect_seldom
from console.store import Store

PORTIONS = 20
"""How many portions of lines come in a second."""


class MadeUp(Session):
    """A session that makes lines and changes, as many a second as were asked for."""

    def __init__(self, store: Store, lines: float, changes: float) -> None:
        super().__init__(store, Config())
        self._shown, self._lines, self._changes = store, lines, changes

    async def run(self) -> None:
        """Make them until cancelled."""
        await asyncio.gather(self._write(), self._change(), asyncio.Event().wait())

    async def _write(self) -> None:
        made = records(self._shown.logs.next_seq)
        portions = min(PORTIONS, self._lines)
        while self._lines:
            self._shown.add_records(islice(made, max(1, int(self._lines / portions))))
            await asyncio.sleep(1 / portions)

    async def _change(self) -> None:
        """Change what changes at a question: when it was answered, and how many instances run."""
        while self._changes:
            await asyncio.sleep(1 / self._changes)
            service = self._shown.service
            instances = 1 + (service.instances or 1) % 3
            self._shown.set_service(awake(datetime.now(UTC), instances))


def awake(now: datetime, instances: int) -> ServiceSnapshot:
    """Return a service that serves, asked just now."""
    answered = LOADING.answered(now)
    facts = ServiceFacts(
        name=ServiceName("my-project", "us-central1", "zimage"),
        url=SafeText("https://zimage-1234567890.us-central1.run.app"),
        ready=Condition(SafeText("Ready"), ConditionState.SUCCEEDED),
        latest_ready_revision=SafeText("zimage-00042-vek"),
        latest_created_revision=SafeText("zimage-00042-vek"),
        traffic=(TrafficShare(100, SafeText("zimage-00042-vek")),),
        min_instances=0,
        max_instances=3,
        cpu=SafeText("8"),
        memory=SafeText("32Gi"),
        gpu=SafeText("nvidia-l4"),
    )
    return ServiceSnapshot(
        state=ServiceState.READY,
        source=str(facts.name),
        fetched_at=now,
        facts=facts,
        instances=instances,
        fresh=Freshnesses(answered, answered, answered, answered, answered),
    )


def main() -> int:
    """Run the console until it is left."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kept", type=int, default=0)
    parser.add_argument("--lines-a-second", type=float, default=0.0)
    parser.add_argument("--changes-a-second", type=float, default=0.0)
    options = parser.parse_args()
    collect_seldom()
    store = Store()
    store.add_records(islice(records(), options.kept))
    store.set_service(awake(datetime.now(UTC), 1))
    app = ConsoleApp(
        Surroundings(
            store,
            time.monotonic,
            context="my-project/us-central1/zimage",
            restarts=False,
        ),
        lambda one: MadeUp(one, options.lines_a_second, options.changes_a_second),
    )
    return app.run() or 0


if __name__ == "__main__":
    raise SystemExit(main())
