"""The real console against a real Google Cloud of its own: the sandbox, spoken to by the official
clients, whose instances are real engine processes."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from console_scenes import settled, text_of
from running_session import run_ended, service, until
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.config import SANDBOX, Config
from console.contexts.opening import open_cloud
from console.model.cost.life_records import lives_told_by
from console.model.images import RunState
from console.model.service import ServiceState
from console.screens.base import Surroundings
from console.session.cloud_session import CloudSession
from console.store import Store

IDLE_SECONDS = 2


@asynccontextmanager
async def console(
    config: Config, environment: dict[str, str], state: Path
) -> AsyncIterator[tuple[ConsoleApp, Store, Pilot[int]]]:
    """A console in the context of a sandbox whose instances are kept for two seconds."""
    store = Store()
    command = [sys.executable, "-m", "console.sandbox", "--exit-on-stdin-eof"]
    command += ["--state", str(state), "--idle", str(IDLE_SECONDS)]
    app = ConsoleApp(
        Surroundings(store, time.monotonic, restarts=False),
        lambda one: CloudSession(
            one,
            replace(config, context=SANDBOX),
            partial(open_cloud, SANDBOX, environment, command),
        ),
        repaint_interval=0.0,
    )
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        try:
            yield app, store, pilot
        finally:
            await app.end_session()


async def test_a_prompt_wakes_the_service_and_its_picture_and_its_log_are_seen_until_it_sleeps(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with console(config, environment, tmp_path / "state") as (app, store, pilot):
        await service(store, ServiceState.AT_ZERO)
        await settled(app, pilot)
        assert "◎ AT ZERO" in text_of(app)
        assert "sandbox › local-1 › zimage" in text_of(app)
        assert "at zero: this starts an instance" in text_of(app)

        await pilot.press("g", *"a red circle", "enter")
        run = await run_ended(store, 1)
        assert run.state is RunState.DONE, run.problem
        assert run.result is not None
        assert run.result.path is not None
        await until(store, lambda: store.service.ready_after is not None)

        await pilot.press("f3")
        await service(store, ServiceState.AT_ZERO)
        await until(store, lambda: "Container called exit" in store.logs.tail(1)[0].message)
        await settled(app, pilot)
        said = [entry.message for entry in store.logs]
        in_order = ["Starting new instance. Reason: AUTOSCALING", "Default STARTUP TCP probe"]
        in_order += ["ready after", "Container called exit(0)"]
        places = [[words in line for line in said].index(True) for words in in_order]
        assert places == sorted(places), said
        assert any("POST /v1/images/generations 200" in line for line in said)
        ((life,),) = lives_told_by(store.logs).values()
        assert [life.start <= each.end <= life.end for each in life.requests if life.end] == [True]
        assert "Starting new instance. Reason: AUTOSCALING" in text_of(app)

        await pilot.press("f1")
        await settled(app, pilot)
        assert "◎ AT ZERO" in text_of(app)
        assert "0 running" in text_of(app)
