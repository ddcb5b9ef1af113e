"""What was seen while a session was recorded is seen again when it is replayed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from console_scenes import opened, settled, text_of
from recorded_sandbox import PROMPT, at_work, record_a_picture, replaying
from running_session import run_ended, until

from console.config import Config
from console.contexts.session_life import SessionLike
from console.model.contexts import SANDBOX
from console.model.images import RunState
from console.model.log.lines import Origin
from console.model.models.pull_offer import PullWish
from console.sources.base import SourceError
from console.store import Store
from engine.schema import InvalidRequest


def lines_of(store: Store) -> list[tuple[object, ...]]:
    """Return what was written elsewhere; the console's own lines are those of each session."""
    return [
        (each.time, each.message, each.severity, each.event, dict(each.fields), each.provenance)
        for each in store.logs
        if each.provenance.origin is not Origin.CONSOLE
    ]


async def refuses_everything(session: SessionLike) -> None:
    """Check that nothing that makes, changes or asks is carried out, whoever asks for it."""
    with pytest.raises(InvalidRequest, match="this is a replay"):
        session.submit(PROMPT)
    with pytest.raises(SourceError):
        await session.restart()
    wish = PullWish(directory="/nowhere")
    for refused in (
        lambda: session.measure_start(print),
        lambda: session.models.offer(print),
        lambda: session.models.pull_offer(wish, print),
    ):
        with pytest.raises(SourceError, match="this is a replay"):
            await refused()
    assert not session.cancel()


async def screens(store: Store, at: datetime) -> list[list[str]]:
    """Return what three screens show, without the lines that each console writes for itself."""
    shown = []
    async with opened(store, (120, 36), clock=lambda: at, restarts=False) as (app, pilot):
        for key, until_row in (("f1", "─ Log ─"), ("f2", ""), ("f3", "")):
            await pilot.press(key)
            await settled(app, pilot)
            rows = text_of(app).splitlines()
            ends = [number for number, row in enumerate(rows) if until_row and until_row in row]
            shown.append([row for row in rows[: ends[0] if ends else -1] if not _own(row)])
    return shown


def _own(row: str) -> bool:
    """Whether a row tells of the replay, or counts lines or is empty because of it."""
    told = ("a replay of what", "the recording ends here", " lines ")
    return any(words in row for words in told) or not row.strip("│ ")


async def test_a_prompt_and_the_start_it_caused_are_seen_again(
    config: Config, tmp_path: Path
) -> None:
    path = tmp_path / "session.jsonl.gz"
    config = replace(config, context=SANDBOX)
    live = await record_a_picture(config, tmp_path / "state", path)

    again, session, recording = replaying(config, path, 20.0)
    assert recording.damage is None
    async with at_work(session):
        run = await run_ended(again, 1)
        await until(again, lambda: "ends here" in again.logs.tail(1)[0].message)
        await until(again, lambda: again.starts.starts == live.starts.starts)
        # Asked for seldom: a minute that began at the end is told after it.
        await until(again, lambda: again.service.metrics == live.service.metrics)
        await refuses_everything(session)
    assert run.state is RunState.DONE, run.problem
    assert run.request == live.runs[0].request
    assert run.result is not None
    assert live.runs[0].result is not None
    assert run.result.size == live.runs[0].result.size
    assert run.result.png != live.runs[0].result.png
    assert lines_of(again) == lines_of(live)
    end = recording.header.recorded_at + timedelta(seconds=recording.seconds)
    assert await screens(again, end) == await screens(live, end)
    then, now = live.service, again.service
    assert (now.facts, now.access, now.weights) == (then.facts, then.access, then.weights)
    assert now.state is then.state
