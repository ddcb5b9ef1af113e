"""What was seen while a session was recorded is seen again when it is replayed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from recorded_sandbox import at_work, record_a_picture, replaying
from running_session import run_ended, until

from console.config import Config
from console.model.contexts import SANDBOX
from console.model.images import RunState
from console.model.log.lines import Origin
from console.store import Store


def lines_of(store: Store) -> list[tuple[object, ...]]:
    """Return what was written elsewhere; the console's own lines are those of each session."""
    return [
        (each.time, each.message, each.severity, each.event, dict(each.fields), each.provenance)
        for each in store.logs
        if each.provenance.origin is not Origin.CONSOLE
    ]


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
    assert run.state is RunState.DONE, run.problem
    assert run.request == live.runs[0].request
    assert run.result is not None
    assert live.runs[0].result is not None
    assert run.result.size == live.runs[0].result.size
    assert run.result.png != live.runs[0].result.png
    assert lines_of(again) == lines_of(live)
    then, now = live.service, again.service
    assert (now.facts, now.access, now.weights) == (then.facts, then.access, then.weights)
    assert now.state is then.state
