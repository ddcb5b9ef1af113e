from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from history_scenes import (
    CONTEXT,
    NOON,
    REVISION,
    SHAPE,
    STARTED,
    after,
    cold_start,
    line,
    record,
    told,
)
from keeping import keeping
from test_history_file import no_file_larger_than

from console.model.freshness import Freshness, Freshnesses, Standing
from console.model.log.lines import Origin
from console.model.service import ServiceSnapshot, ServiceState
from console.model.starts.snapshot import Setting
from console.model.starts.start import Moment
from console.model.starts.statistics import timing
from console.model.text import SafeText
from console.session.history import rows
from console.session.history.database import History


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


async def test_a_start_is_shown_while_it_goes_on_and_kept_when_it_is_over(path: Path) -> None:
    request, *lines = told()
    async with keeping(path) as kept:
        for each in lines[:6]:
            kept.keeper.note(each)
        await kept.until(lambda: kept.store.starts.going_on is not None)
        going_on = kept.store.starts.going_on
        assert going_on is not None
        assert (kept.shown, kept.store.starts.in_all) == ([], 0)

        for each in (*lines[6:], request):
            kept.keeper.note(each)
        await kept.until(lambda: kept.store.starts.in_all == 1)
        (start,) = kept.store.starts.starts
        assert kept.store.starts.going_on is None
        assert (start.total, start.moments[Moment.ANSWERED]) == (48.25, after(48))
        assert kept.store.starts.timings == (timing(start),)

    async with keeping(path) as again:
        assert again.store.starts.starts == (start,)
        assert again.store.starts.timings == (timing(start),)


async def test_lines_that_come_twice_and_in_any_order_make_one_start(path: Path) -> None:
    async with keeping(path) as kept:
        for each in (*reversed(told()), *told()):
            kept.keeper.note(each)
            await kept.until(lambda: True)
        await kept.until(lambda: kept.store.starts.in_all == 1)
    async with keeping(path) as kept:
        for each in told():
            kept.keeper.note(each)
        await kept.until(lambda: bool(kept.keeper.lives))
        assert kept.store.starts.in_all == 1
        assert kept.shown == ["a1"]


async def test_what_is_written_last_is_written_at_the_end(path: Path) -> None:
    async with keeping(path) as kept:
        for each in told():
            kept.keeper.note(each)
    async with keeping(path) as kept:
        assert kept.shown == ["a1"]


async def test_the_newest_are_shown_whole_and_older_ones_on_demand(path: Path) -> None:
    history = History.open(path)
    starts = [cold_start(after(days=-day), f"a{day}") for day in range(250)]
    history.keep_starts(CONTEXT, starts)
    history.close()

    async with keeping(path) as kept:
        await kept.until(lambda: kept.store.starts.in_all == 250)
        assert kept.shown == [f"a{day}" for day in range(200)]
        assert [each.began for each in kept.store.starts.timings] == [
            each.began for each in reversed(starts)
        ]
        assert await kept.keeper.more()
        assert kept.shown == [f"a{day}" for day in range(250)]
        assert not await kept.keeper.more()


async def test_lives_of_before_and_of_now_are_one(path: Path) -> None:
    request = line(after(100), "POST", Origin.REQUEST, instance="a1", httpRequest={"latency": 10.0})
    async with keeping(path) as kept:
        for each in told():
            kept.keeper.note(each)
        kept.keeper.keep_shape(REVISION, SHAPE)
    async with keeping(path) as kept:
        before = kept.keeper.lives[REVISION][0]
        assert kept.keeper.shapes == {REVISION: SHAPE}
        kept.keeper.note(request)
        await kept.until(lambda: len(kept.keeper.lives[REVISION][0].requests) == 2)
        (life,) = kept.keeper.lives[REVISION]
        assert (life.start, life.ready) == (before.start, before.ready) == (NOON, after(38))
        assert life.requests[1].end == after(110)


async def test_lives_of_last_month_are_known_and_earlier_ones_are_not(path: Path) -> None:
    history = History.open(path)
    ages = {"now": 0, "last month": -50, "before": -60}
    history.keep_lives(CONTEXT, [record(name, after(days=age)) for name, age in ages.items()])
    history.close()
    async with keeping(path) as kept:
        assert [each.start for each in kept.keeper.lives[REVISION]] == [after(days=-50), NOON]


async def test_it_is_known_since_when_everything_was_read(path: Path) -> None:
    async with keeping(path) as kept:
        kept.keeper.cover(after(-600), after(-300))
        kept.keeper.cover(after(0), after(60))
        assert kept.keeper.known_since is None
        kept.keeper.live_until(after(60))
        await kept.until(lambda: kept.keeper.known_since == NOON)
        kept.keeper.cover(after(-300), NOON)
        await kept.until(lambda: kept.keeper.known_since == after(-600))
    async with keeping(path) as kept:
        assert len(kept.keeper.covered) == 1
        assert kept.keeper.known_since is None


async def test_chatter_of_the_application_is_no_news(path: Path) -> None:
    async with keeping(path) as kept:
        for number in range(1_000):
            kept.keeper.note(line(after(number / 500), "step", Origin.APPLICATION))
        await kept.until(lambda: bool(kept.keeper.lives))
        (life,) = kept.keeper.lives[REVISION]
        assert life.start == NOON
        assert kept.store.starts.in_all == 0


async def test_without_a_file_all_is_shown_as_long_as_the_session_lasts() -> None:
    async with keeping(None) as kept:
        for each in told():
            kept.keeper.note(each)
        await kept.until(lambda: kept.shown == ["a1"])
        assert kept.troubles == []
        assert kept.store.starts.problem is None


async def test_where_nothing_can_be_kept_it_is_said_once_and_shown_all_the_same(
    tmp_path: Path,
) -> None:
    async with keeping(tmp_path) as kept:
        for each in told():
            kept.keeper.note(each)
        await kept.until(lambda: kept.shown == ["a1"])
        (trouble,) = kept.troubles
        assert trouble.endswith("it is a directory; make it writable, or free some space")
        assert kept.store.starts.problem == trouble


async def test_a_full_disk_is_said_once_and_tried_again(path: Path) -> None:
    many = [cold_start(after(days=-day), f"a{day:03}") for day in range(150)]
    async with keeping(path) as kept:
        with no_file_larger_than(150_000):
            kept.keeper.keep_read(many)
            await kept.until(lambda: kept.store.starts.in_all == 150)
            kept.keeper.keep_read([cold_start(after(100), "b1")])
            await kept.until(lambda: "b1" in kept.shown)
            assert len(kept.troubles) == 1
            assert kept.store.starts.problem == kept.troubles[0]
            assert "free some space" in kept.troubles[0]
        kept.time[0] = NOON + timedelta(minutes=1)
        kept.keeper.keep_read([cold_start(after(200), "b2")])
        await kept.until(lambda: kept.store.starts.problem is None)
        assert kept.store.starts.in_all == 152
    async with keeping(path) as kept:
        await kept.until(lambda: kept.store.starts.in_all == 152)


@pytest.fixture
def damaged(path: Path) -> Path:
    path.write_bytes(b"damaged" * 1000)
    return path


async def test_a_damaged_history_is_said_and_a_new_one_begins(damaged: Path) -> None:
    async with keeping(damaged) as kept:
        assert len(kept.troubles) == 1
        assert "set aside as history-damaged-1.sqlite3" in kept.troubles[0]
        assert kept.store.starts.problem is None


async def test_starts_are_known_no_better_than_the_log_is(path: Path) -> None:
    async with keeping(path) as kept:
        fresh = Freshness(Standing.FRESH, NOON)
        kept.keeper.stand(fresh, SafeText("not all is known"))
        await kept.until(lambda: kept.store.starts.fresh == fresh)
        assert kept.store.starts.problem == "not all is known"

        denied = Freshness(Standing.DENIED, None, SafeText("denied"), needs="logging.read")
        kept.store.set_service(ServiceSnapshot(fresh=Freshnesses(log=denied)))
        await kept.until(lambda: kept.store.starts.fresh.standing is Standing.DENIED)
        assert kept.store.starts.fresh.at == NOON

        lost = ServiceSnapshot(state=ServiceState.FAILED, problem=SafeText("nobody is logged in"))
        kept.store.set_service(lost)
        await kept.until(lambda: kept.store.starts.fresh.problem == "nobody is logged in")
        assert kept.store.starts.fresh.standing is Standing.ERROR


async def test_what_matters_for_starts_is_shown_with_them(path: Path) -> None:
    async with keeping(path) as kept:
        kept.keeper.set_up(Setting(mounted=True, gpu=False))
        await kept.until(lambda: kept.store.starts.setting == Setting(mounted=True, gpu=False))


async def test_a_start_that_is_known_better_already_stays_as_it_is(path: Path) -> None:
    whole = cold_start()
    async with keeping(path) as kept:
        kept.keeper.keep_read([whole])
    partly = replace(cold_start(until=Moment.READY), process=after(3.5), requests=())
    partly = replace(partly, moments={Moment.PORT_OPEN: after(4)})
    async with keeping(path) as kept:
        kept.keeper.keep_read([partly, cold_start(after(days=-1), "b2")])
        await kept.until(lambda: "b2" in kept.shown)
        assert kept.store.starts.starts[0] == whole
        assert kept.store.starts.in_all == 2


async def test_no_file_is_touched_on_the_thread_that_paints(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History.open(path)
    history.keep_starts(CONTEXT, [cold_start(after(days=-day), f"a{day}") for day in range(250)])
    history.close()
    read, here, threads = list[str](), threading.get_ident(), set[int]()
    connect, from_json = sqlite3.connect, rows.from_json

    def watched(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **more)
        connection.set_trace_callback(lambda _: threads.add(threading.get_ident()))
        return connection

    def counted(kind: type, value: object) -> object:
        read.append(kind.__name__)
        return from_json(kind, value)

    monkeypatch.setattr(sqlite3, "connect", watched)
    monkeypatch.setattr(rows, "from_json", counted)
    async with keeping(path) as kept:
        for each in told():
            kept.keeper.note(each)
        await kept.until(lambda: kept.store.starts.in_all == 251)
        assert read.count("ColdStart") == 200
        assert await kept.keeper.more()
        assert threads
        assert here not in threads


async def test_what_is_read_of_a_start_afterwards_takes_nothing_from_what_was_seen(
    path: Path,
) -> None:
    partly = replace(cold_start(until=Moment.READY), requests=())
    async with keeping(path) as kept:
        for each in told():
            kept.keeper.note(each)
        await kept.until(lambda: kept.shown == ["a1"])
        (seen,) = kept.store.starts.starts

        kept.keeper.keep_read([partly, cold_start(after(days=-1), "b2")])
        await kept.until(lambda: kept.store.starts.in_all == 2)
        assert kept.store.starts.starts[0] == seen


async def test_who_saw_only_the_end_of_a_start_believes_what_is_read_of_it(path: Path) -> None:
    _, *lines = told()
    async with keeping(path) as kept:
        kept.keeper.note(lines[-1])
        await kept.until(lambda: kept.shown == ["a1"])
        kept.keeper.keep_read([cold_start()])
        await kept.until(lambda: kept.store.starts.starts == (cold_start(),))
        kept.keeper.note(lines[-2])
        kept.keeper.keep_read([cold_start(after(days=-1), "b2")])
        await kept.until(lambda: kept.store.starts.in_all == 2)
        assert kept.store.starts.starts[0] == cold_start()


async def test_what_cannot_be_kept_keeps_nothing_else_from_being_kept(path: Path) -> None:
    odd = replace(cold_start(), instance=SafeText("\ud800"))
    async with keeping(path) as kept:
        kept.keeper.keep_read([odd])
        await kept.until(lambda: kept.store.starts.problem is not None)
        kept.time[0] = NOON + timedelta(minutes=1)
        kept.keeper.keep_read([cold_start(after(days=-1), "b2")])
        await kept.until(lambda: kept.store.starts.problem is None)
    async with keeping(path) as kept:
        assert kept.shown == ["b2"]


async def test_lines_of_impossible_times_harm_nothing(path: Path) -> None:
    late = datetime.max.replace(tzinfo=UTC)
    async with keeping(path) as kept:
        kept.keeper.note(line(late, "GET", Origin.REQUEST, httpRequest={"latency": 9.0}))
        kept.keeper.note(line(late.replace(year=1, month=1, day=1), STARTED))
        for each in told():
            kept.keeper.note(each)
        await kept.until(lambda: kept.shown == ["a1"])
