"""A process that deploys is killed at every step in turn and run again: it ends all the same."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from deploy_scene import a_sandbox, switch
from killed_process import MOMENTS, NEVER, Moment, Started, deploys, forks
from whole_state import differing, whole_state

from console.model.deploy.step import Subject

PATIENCE = 60.0
SLOWLY = "build-slow"
CALLERS = ("user:somebody@example.com",)


def run(context: Any, started: Started, moment: Moment) -> int | None:
    """Deploy in a process of its own; return how that ended."""
    process = context.Process(target=deploys, args=(started, moment))
    process.start()
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError(f"it did not end: {moment}")
    return process.exitcode


async def test_killed_at_every_step_it_ends_as_if_it_never_had_been(
    tmp_path: Path,
    tiny_model_directory: Path,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = forks(monkeypatch)
    states = []
    for name, moments in (("undisturbed", ()), ("killed", MOMENTS)):
        folder = tmp_path / name
        folder.mkdir()
        async with a_sandbox(folder / "cloud", environment, "--empty") as sandbox:
            started = Started(sandbox.endpoints, folder, tiny_model_directory, environment, CALLERS)
            for moment in moments:
                # A build has to last until the process that waits for it is killed, too.
                await switch(sandbox, SLOWLY, on=moment.subject is Subject.IMAGE)
                assert run(context, started, moment) == -signal.SIGKILL, moment
            await switch(sandbox, SLOWLY, on=False)
            assert run(context, started, Moment(Subject.APIS, NEVER)) == 0
        states.append(whole_state(folder / "cloud"))

    assert differing(*states) == {}
