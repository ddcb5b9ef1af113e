"""What outlives the log of a sandbox, asked for by Google's own clients."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from history_sandbox import Looking, chatter, looking, sandbox_at

from console.config import Config
from console.model.images import RunState
from console.model.starts.start import Moment, Reason
from console.sandbox.faults import Fault
from console.sandbox.run.demo_service import DEMO
from console.session.history import backfill

HOUR = timedelta(hours=1)


def answered(seen: Looking) -> bool:
    """Whether the line is there of the request that waited for the start."""
    return any(Moment.ANSWERED in each.moments for each in seen.store.starts.starts)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite3"


async def test_a_start_outlives_the_session_and_the_log_that_told_of_it(
    config: Config, environment: dict[str, str], history: Path, tmp_path: Path
) -> None:
    async with sandbox_at(tmp_path / "cloud", environment) as sandbox:
        async with looking(sandbox, config, environment, history) as seen:
            assert (await seen.picture()).state is RunState.DONE
            await seen.until(lambda: answered(seen))
            (start,) = seen.store.starts.starts
            assert start.reason is Reason.AUTOSCALING
            assert set(Moment) == set(start.moments)
            assert seen.store.starts.setting.mounted is True

        async with looking(sandbox, config, environment, history) as seen:
            await seen.everything_read()
            assert seen.store.starts.starts == (start,)

    # A sandbox that never heard of it.
    async with (
        sandbox_at(tmp_path / "empty", environment) as sandbox,
        looking(sandbox, config, environment, history) as seen,
    ):
        await seen.everything_read()
        assert seen.asked[0].lines == 0
        assert seen.store.starts.starts == (start,)


async def test_a_start_that_nobody_saw_is_read_from_the_log_afterwards(
    config: Config, environment: dict[str, str], history: Path, tmp_path: Path
) -> None:
    async with sandbox_at(tmp_path / "cloud", environment) as sandbox:
        async with looking(sandbox, config, environment, tmp_path / "elsewhere") as seen:
            await seen.picture()
            await seen.until(lambda: answered(seen))
            live = seen.store.starts.starts

        # So late that who follows the log does not go back that far.
        late = {"ahead": 3 * HOUR}
        async with looking(sandbox, config, environment, history, **late) as seen:
            await seen.everything_read()
            assert seen.store.starts.starts == live
            (asked,) = seen.asked
            assert 10 <= asked.lines <= 15
            assert len(asked.queries) == 1
            revision = live[0].revision
            await seen.until(lambda: revision in seen.session.known.shapes)
            assert len(seen.session.known.lives[revision][0].requests) == 1
            first = asked.queries[0].received_until

        async with looking(sandbox, config, environment, history, ahead=4 * HOUR) as seen:
            await seen.everything_read()
            assert seen.store.starts.starts == live
            assert len(seen.asked[0].queries) == 1
            again = seen.asked[0].queries[0]
            assert again.received_from is not None
            assert first is not None
            assert abs(again.received_from - first) < timedelta(minutes=1)
            assert seen.asked[0].lines == 0
            assert seen.session.known.known_since is not None
    assert DEMO.service in str(revision)


async def test_chatter_of_the_application_is_not_read_for_it(
    config: Config, environment: dict[str, str], history: Path, tmp_path: Path
) -> None:
    async with sandbox_at(tmp_path / "cloud", environment) as sandbox:
        await chatter(sandbox, 100)
        async with looking(sandbox, config, environment, history) as seen:
            await seen.everything_read()
            await seen.until(lambda: len(seen.store.logs) >= 100)
            assert seen.asked[0].lines == 0
            assert seen.store.starts.starts == ()


@pytest.mark.parametrize("fault", [Fault.LOGS_THROTTLED, Fault.LOGS_DENIED, Fault.NETWORK_DOWN])
async def test_a_log_that_refuses_for_a_while_is_read_afterwards(
    fault: Fault,
    config: Config,
    environment: dict[str, str],
    history: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backfill, "AGAIN_SECONDS", 0.1)
    async with sandbox_at(tmp_path / "cloud", environment) as sandbox:
        async with looking(sandbox, config, environment, tmp_path / "elsewhere") as seen:
            await seen.picture()
            await seen.until(lambda: answered(seen))
            told = seen.store.starts.starts
        sandbox.faults.begin(fault)
        async with looking(sandbox, config, environment, history, ahead=3 * HOUR) as seen:
            await seen.until(lambda: seen.store.starts.fresh.troubled)
            assert seen.store.starts.starts == ()
            assert seen.session.known.known_since is None
            sandbox.faults.end(fault)
            await seen.everything_read()
            assert seen.store.starts.starts == told
