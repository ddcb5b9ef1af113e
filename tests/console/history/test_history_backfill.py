from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from history_scenes import NOON, REVISION, after, line, told
from keeping import Kept, ScriptedLog, keeping, reading

from console.model.cost.estimate import Window
from console.model.freshness import Standing
from console.model.log.lines import LogRecord, Origin
from console.model.text import SafeText
from console.session.history import backfill
from console.session.history.live import LiveCoverage
from console.session.log_feed import LATEST, LINES_NOT_READ
from console.sources.base import Denied, Throttled

BEGAN = after(days=3)
"""When the log began to be followed: on the 27th of a month."""

FIRST = datetime(2026, 10, 31, tzinfo=NOON.tzinfo)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


async def read(kept: Kept) -> None:
    """Wait until everything was read that is going to be."""
    await kept.until(lambda: kept.store.starts.fresh.standing is Standing.FRESH)


async def test_what_the_log_tells_of_this_month_is_read_once(path: Path) -> None:
    log = ScriptedLog([*told(), *told(after(days=1), "b2")])
    async with keeping(path, now=BEGAN) as kept, reading(kept, log, BEGAN):
        await read(kept)
        assert kept.shown == ["b2", "a1"]
        assert kept.store.starts.starts[1].total == 48.25
        assert [each.start for each in kept.keeper.lives[REVISION]] == [NOON, after(days=1)]
        assert kept.keeper.known_since == FIRST
        assert kept.store.starts.going_on is None
        ((query, since, limit),) = log.asked
        assert (query.received_from, query.received_until) == (FIRST, BEGAN)
        assert (since, limit) == (FIRST - LATEST, backfill.PAGE_LINES)


async def test_the_next_session_reads_only_what_is_new(path: Path) -> None:
    log = ScriptedLog(told())
    async with keeping(path, now=BEGAN) as kept, reading(kept, log, BEGAN):
        await read(kept)
    log.written = told(BEGAN + timedelta(hours=2), "c3")
    later = BEGAN + timedelta(days=1)
    async with keeping(path, now=later) as kept, reading(kept, log, later):
        await read(kept)
        assert kept.shown == ["c3", "a1"]
        assert kept.keeper.known_since == FIRST
    assert [each.received_from for each, _, _ in log.asked] == [FIRST, BEGAN]


async def test_a_request_that_was_answered_late_is_read_though_it_began_before(path: Path) -> None:
    request, *others = told(BEGAN - timedelta(seconds=30))
    log = ScriptedLog([*others])
    async with keeping(path, now=BEGAN) as kept, reading(kept, log, BEGAN):
        await read(kept)
        assert not kept.store.starts.starts[0].waited
    log.written.append(request)
    later = BEGAN + timedelta(hours=1)
    async with keeping(path, now=later) as kept, reading(kept, log, later):
        await kept.until(lambda: kept.keeper.lives[REVISION][0].requests != ())
        await read(kept)


async def test_a_start_that_was_cut_by_the_end_of_a_session_is_read_from_its_beginning(
    path: Path,
) -> None:
    lines = told(BEGAN - timedelta(seconds=20))
    log = ScriptedLog([each for each in lines if each.received and each.received <= BEGAN])
    async with keeping(path, now=BEGAN) as kept, reading(kept, log, BEGAN):
        await read(kept)
        assert [each.total for each in kept.store.starts.starts] == [None]
    log.written = lines
    later = BEGAN + timedelta(hours=1)
    async with keeping(path, now=later) as kept, reading(kept, log, later):
        await kept.until(lambda: kept.store.starts.timings[0].total == 48.25)
        assert kept.store.starts.in_all == 1
    assert log.asked[1][0].received_from == BEGAN - timedelta(seconds=20)


async def test_early_in_a_month_a_week_is_read(path: Path) -> None:
    second = datetime(2026, 12, 2, tzinfo=NOON.tzinfo)
    log = ScriptedLog()
    async with keeping(path, now=second) as kept, reading(kept, log, second):
        await read(kept)
    assert log.asked[0][0].received_from == second - backfill.LEAST_BACK


async def test_late_in_a_month_no_more_is_read_than_a_log_keeps(path: Path) -> None:
    last = datetime(2026, 10, 31, 23, tzinfo=NOON.tzinfo)
    log = ScriptedLog()
    async with keeping(path, now=last) as kept, reading(kept, log, last):
        await read(kept)
    assert log.asked[0][0].received_from == last - backfill.RETENTION


def requests(count: int, start: datetime = NOON) -> list[LogRecord]:
    return [
        line(
            start + timedelta(seconds=number),
            f"GET / 200 no {number}",
            Origin.REQUEST,
            httpRequest={"latency": 0.5},
        )
        for number in range(count)
    ]


async def test_a_busy_month_is_read_page_by_page_the_oldest_first(path: Path) -> None:
    log = ScriptedLog([*told(), *requests(100, after(60))])
    async with (
        keeping(path, now=BEGAN) as kept,
        reading(kept, log, BEGAN, page_lines=20),
    ):
        await read(kept)
        (life,) = kept.keeper.lives[REVISION]
        assert len(life.requests) == 101
        assert kept.shown == ["a1"]
    moments = [since for _, since, _ in log.asked]
    assert moments == sorted(moments)
    assert len(moments) == 6


async def test_what_is_too_much_is_said_and_left_to_the_next_session(path: Path) -> None:
    log = ScriptedLog(requests(100))
    async with (
        keeping(path, now=BEGAN) as kept,
        reading(kept, log, BEGAN, page_lines=20, most_pages=2),
    ):
        await read(kept)
        assert kept.store.starts.problem == (
            "starts between 2026-11-24 12:00 and 2026-11-27 12:00 UTC are not all known: more than "
            "40 lines tell of them; start the console again to read on"
        )
        assert kept.keeper.known_since is None
        assert kept.keeper.covered == (Window(FIRST, after(38)),)
    async with (
        keeping(path, now=BEGAN) as kept,
        reading(kept, log, BEGAN, page_lines=20, most_pages=9),
    ):
        await read(kept)
        assert kept.store.starts.problem is None
        assert kept.keeper.known_since == FIRST
        assert len(kept.keeper.lives[REVISION][0].requests) == 100
    assert log.asked[2][0].received_from == after(38)


async def test_more_lines_of_one_moment_than_fit_on_a_page_hold_nothing_up(path: Path) -> None:
    same = [line(NOON, f"no {number}", instance=f"i{number}") for number in range(50)]
    log = ScriptedLog([*same, *told(after(60))])
    async with keeping(path, now=BEGAN) as kept, reading(kept, log, BEGAN, page_lines=10):
        await read(kept)
        assert kept.shown == ["a1"]


async def test_what_was_read_stays_read_when_the_log_refuses_to_go_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = ScriptedLog([*told(), *requests(50, after(100))])

    def refuse() -> None:
        if len(log.asked) == 2:
            log.refusals.append(Throttled(SafeText("too many questions"), 0.01))

    log.after_page = refuse
    monkeypatch.setattr(backfill, "AGAIN_SECONDS", 0.01)
    async with keeping(path, now=BEGAN) as kept, reading(kept, log, BEGAN, page_lines=20):
        await read(kept)
        assert len(kept.keeper.lives[REVISION][0].requests) == 51
    third, fourth = log.asked[2:4]
    assert third[0].received_from == FIRST
    assert fourth[0].received_from > NOON


async def test_a_log_that_may_not_be_read_says_what_it_needs(path: Path) -> None:
    log = ScriptedLog(refusals=[Denied(SafeText("may not read logs"), "logging.logEntries.list")])
    async with keeping(path, now=BEGAN) as kept, reading(kept, log, BEGAN):
        await kept.until(lambda: kept.store.starts.fresh.standing is Standing.DENIED)
        assert kept.store.starts.fresh.needs == "logging.logEntries.list"
        assert kept.keeper.known_since is None


class Follower:
    def __init__(self) -> None:
        self.whole_until: datetime | None = None


def unread(since: datetime, until: datetime) -> LogRecord:
    return line(
        until,
        "lines were not read",
        Origin.CONSOLE,
        instance="",
        event=LINES_NOT_READ,
        since=since.isoformat(),
        until=until.isoformat(),
    )


async def test_what_who_follows_the_log_could_not_take_is_read_afterwards(path: Path) -> None:
    log, follower = ScriptedLog(), Follower()
    async with keeping(path, now=BEGAN) as kept, reading(kept, log, BEGAN) as filling:
        await read(kept)
        live = LiveCoverage(follower, kept.keeper, filling, BEGAN)
        hole = BEGAN + timedelta(hours=1), BEGAN + timedelta(hours=2)
        log.written = told(BEGAN + timedelta(minutes=90), "d4")
        live.note(unread(*hole))
        await kept.until(lambda: kept.shown == ["d4"])
        await kept.until(lambda: kept.keeper.covered == (Window(FIRST, hole[1]),))
    query, _, _ = log.asked[1]
    assert (query.received_from, query.received_until) == hole


@pytest.mark.parametrize("fields", [{}, {"since": "soon", "until": "later"}])
async def test_a_line_that_only_looks_like_a_hole_is_none(
    path: Path, fields: dict[str, str]
) -> None:
    log = ScriptedLog()
    async with keeping(path, now=BEGAN) as kept, reading(kept, log, BEGAN) as filling:
        await read(kept)
        live = LiveCoverage(Follower(), kept.keeper, filling, BEGAN)
        live.note(line(BEGAN, "odd", Origin.APPLICATION, event=LINES_NOT_READ, **fields))
        assert kept.keeper.covered == (Window(FIRST, BEGAN),)
