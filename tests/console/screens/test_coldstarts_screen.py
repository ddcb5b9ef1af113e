from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cloud_scenes import NOW, clock, cloud_scene
from console_scenes import opened, settled, text_of
from start_scenes import SLOW, STARTS, history, known, poisoned, replace_time
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.starts.measurement import Measured, MeasurePlan
from console.model.starts.snapshot import StartsSnapshot
from console.model.text import SafeText
from console.screens.coldstarts import ColdStartsScreen
from console.screens.logs import LogsScreen
from console.screens.modals.measure import MeasureScreen
from console.store import Store
from console.terminal.sanitise import sanitise
from console.widgets.starts.start_waterfall import StartWaterfall

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NASTY = sanitise(
    "\x1b]52;c;aGk=\x07\x9b31m[/bad][@click=app.quit]\u202egpj.exe[link='a\x00\x7f\ttab"
)
SIZE = (120, 36)


def stored(snapshot: StartsSnapshot) -> Store:
    store = cloud_scene("zero")
    store.set_starts(snapshot)
    return store


async def show(app: ConsoleApp, pilot: Pilot[int], *keys: str) -> ColdStartsScreen:
    await pilot.press("2", *keys)
    await settled(app, pilot)
    assert isinstance(app.screen, ColdStartsScreen)
    return app.screen


def panel(app: ConsoleApp, title: str) -> str:
    """The text on screen from where a panel begins."""
    text = text_of(app)
    return text[text.index(title) :]


async def test_another_start_is_chosen_and_shown_with_its_own_diagnosis() -> None:
    async with opened(stored(STARTS["slow"]), SIZE, clock=clock()) as (app, pilot):
        await show(app, pilot)
        assert "one stream through the mount" in panel(app, "Why")
        await show(app, pilot, "down")
        assert "05:02:00  001eef  26.6 s" in text_of(app)
        assert "one stream through the mount" not in panel(app, "Why")


async def test_the_chosen_start_stays_chosen_while_others_arrive() -> None:
    store = stored(known(SLOW[2:]))
    async with opened(store, SIZE, clock=clock()) as (app, pilot):
        screen = await show(app, pilot, "down", "down")
        chosen = screen.table.chosen
        store.set_starts(known(SLOW))
        await settled(app, pilot)
        assert screen.table.chosen == chosen == SLOW[4]


async def test_enter_shows_the_log_of_the_instance_from_the_start_on() -> None:
    store = stored(STARTS["slow"])
    for number, instance in enumerate((SLOW[1].instance, SLOW[1].instance, SafeText("other"))):
        store.add_record(
            LogRecord(
                SLOW[1].began + timedelta(seconds=number - 1),
                Severity.INFO,
                SafeText(f"line {number}"),
                provenance=Provenance(origin=Origin.APPLICATION, instance=instance),
            )
        )
    async with opened(store, SIZE, restarts=False, clock=clock()) as (app, pilot):
        await show(app, pilot, "down")
        await pilot.press("enter")
        await settled(app, pilot)
        assert isinstance(app.screen, LogsScreen)
        assert [entry.message for entry in app.screen.lines.entries()] == ["line 1"]
        assert "instance …1eef" in text_of(app)


async def test_keys_do_nothing_where_there_is_no_start() -> None:
    async with opened(stored(STARTS["nothing"]), SIZE, clock=clock()) as (app, pilot):
        await show(app, pilot, "enter", "y", "v", "s", "down", "up", "end", "home", "pagedown")
        assert "no start" in text_of(app) or "no cold start" in text_of(app)


async def test_a_longer_window_shows_what_is_older() -> None:
    async with opened(stored(STARTS["long-ago"]), SIZE, clock=clock()) as (app, pilot):
        screen = await show(app, pilot)
        assert "none in the last week; 4 starts are older: s looks further back" in text_of(app)
        await show(app, pilot, "s", "s")
        assert len(screen.table.starts) == 4
        await show(app, pilot, "s")
        assert "last day" in text_of(app)
        assert not screen.table.starts


async def test_the_start_and_its_diagnosis_are_copied_as_text() -> None:
    async with opened(stored(STARTS["slow"]), SIZE, clock=clock()) as (app, pilot):
        await show(app, pilot, "y")
        assert app.clipboard.startswith("cold start of 2026-11-23 12:02:00 UTC  instance 00f7")
        assert "W weights" in app.clipboard
        assert "- 83 % reading weights at 110 MB/s" in app.clipboard
        assert "  mend: set ZIMAGE_MODELS=gs://BUCKET to read it directly" in app.clipboard


async def test_older_starts_are_read_when_somebody_goes_on_at_the_last_one() -> None:
    starts = history(40, slow=None)
    store = stored(known(starts[:10], timings=known(starts).timings, in_all=40))
    async with opened(store, (80, 24), clock=clock()) as (app, pilot):
        screen = await show(app, pilot, "s")
        assert screen.table.more == "… 30 older: end reads on"
        asked: list[bool] = []

        async def older_starts() -> bool:
            asked.append(True)
            store.set_starts(known(starts))
            return True

        app.surroundings.operator.older_starts = older_starts  # type: ignore[union-attr]
        await show(app, pilot, "end")
        assert asked == [True]
        assert len(screen.table.starts) == 40
        assert screen.table.chosen == starts[9]
        await show(app, pilot, "end")
        assert asked == [True]


async def test_measuring_asks_first_and_is_refused_in_read_only() -> None:
    async with opened(stored(STARTS["slow"]), SIZE, clock=clock(), read_only=True) as (app, pilot):
        await pilot.press("2", "m")
        await settled(app, pilot)
        assert "read-only" in text_of(app)
        assert not isinstance(app.screen, MeasureScreen)


async def test_measuring_shows_its_price_over_the_screen(
    matches_golden: Callable[[str, str], None],
) -> None:
    plan = MeasurePlan(
        "waits until no instance is awake, then asks for one small picture",
        None,
        "about $0.03, an estimate",
        26.1,
        at_zero=True,
    )
    seen = Measured(
        32.1,
        None,
        (
            "32.1 s from sending the request to the last byte of the picture",
            "31.6 s of them by Cloud Run's clock, from arrival to answer",
        ),
    )

    async def measure_start(say: Callable[[str], None]) -> Measured:
        say("asking for one small picture; the start is going on")
        return seen

    async with opened(stored(STARTS["slow"]), (80, 24), clock=clock()) as (app, pilot):
        operator = app.surroundings.operator
        operator.measure_plan = lambda: plan  # type: ignore[union-attr]
        operator.measure_start = measure_start  # type: ignore[union-attr]
        app.surroundings.restarts = False
        await pilot.press("2", "m")
        await settled(app, pilot)
        matches_golden("coldstarts-measure-asked-80x24", text_of(app))
        await pilot.press("y")
        await settled(app, pilot)
        matches_golden("coldstarts-measure-done-80x24", text_of(app))


async def test_a_start_that_goes_on_grows_and_what_is_over_does_not() -> None:
    now = [NOW]
    store = stored(STARTS["going-on"])
    async with opened(store, SIZE, clock=lambda: now[0]) as (app, pilot):
        screen = await show(app, pilot)
        assert "60.0 s ◔" in text_of(app)
        now[0] += timedelta(seconds=3)
        screen._grow()
        await settled(app, pilot)
        assert text_of(app).count("63.0 s ◔") == 2
        assert screen._growth is not None
        assert screen._growth._active.is_set()
        store.set_starts(known(SLOW))
        await settled(app, pilot)
        assert not screen._growth._active.is_set()


async def test_an_answer_without_news_paints_nothing() -> None:
    store = stored(STARTS["slow"])
    async with opened(store, SIZE, clock=clock()) as (app, pilot):
        screen = await show(app, pilot)
        looked: list[bool] = []
        screen._look = lambda: looked.append(True)  # type: ignore[method-assign]
        fresh = replace(store.starts.fresh, at=NOW + timedelta(seconds=5))
        store.set_starts(replace(store.starts, fresh=fresh))
        await settled(app, pilot)
        assert looked == []
        store.set_starts(known(SLOW[1:]))
        await settled(app, pilot)
        assert looked == [True]


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16), (40, 8), (200, 50)])
async def test_no_control_character_and_no_markup_comes_through(size: tuple[int, int]) -> None:
    async with opened(stored(poisoned(NASTY)), size, clock=clock()) as (app, pilot):
        for keys in ((), ("down",), ("v",), ("v",), ("v",), ("y",)):
            await show(app, pilot, *keys)
            assert not CONTROL.search(text_of(app))
        assert not CONTROL.search(app.clipboard)
        assert app.is_running


@pytest.mark.parametrize("count", [1, 5_000])
async def test_what_thousands_have_in_common_is_reckoned_beside_the_screen(count: int) -> None:
    one = SLOW[1]
    starts = tuple(
        replace_time(one, timedelta(minutes=number)) for number in range(min(count, 200))
    )
    timing = known((one,)).timings[0]
    every = tuple(
        replace(timing, began=timing.began - timedelta(minutes=number))
        for number in reversed(range(count))
    )
    store = stored(known(starts, timings=every, in_all=count))
    async with opened(store, SIZE, clock=clock()) as (app, pilot):
        await show(app, pilot)
        words = "5,000 starts" if count > 1 else "1 start"
        assert words in text_of(app)
        assert "26.6 s" in panel(app, "Usual")


async def test_phases_are_told_by_letters_where_there_is_no_colour() -> None:
    async with opened(stored(STARTS["slow"]), (80, 24), clock=clock(), colour=False) as (
        app,
        pilot,
    ):
        await show(app, pilot)
        assert "CWWWWWWWWWWU" in text_of(app)
        assert "W weights" in text_of(app)


async def test_the_waterfall_of_a_low_terminal_keeps_its_phases() -> None:
    async with opened(stored(STARTS["slow"]), (80, 18), clock=clock()) as (app, pilot):
        screen = await show(app, pilot)
        assert screen.query_one(StartWaterfall).display
        assert "W weights" in text_of(app)
