"""What a person does on the screen of costs, and what the clock does there by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from cloud_scenes import NOW
from console_scenes import QuietSession, opened, settled, text_of
from cost_scenes import answering, at_zero, awake
from cost_screen_scenes import FRESH, cost_scene, no_clock

from console.actions import Action, Scope, in_scope
from console.app import ConsoleApp
from console.model.cost.estimate import FreeTier
from console.model.cost.snapshot import CostSnapshot
from console.screens.cost import CostScreen
from console.screens.modals.help import HelpScreen
from console.screens.modals.prices import PricesScreen
from console.screens.modals.what_if import WhatIfScreen
from console.widgets.costs.cost_breakdown import CostBreakdown
from console.widgets.costs.cost_head import CostHead
from console.widgets.costs.cost_meaning import CostMeaning
from console.widgets.laid_text import Quiet

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ASLEEP = "nothing runs, nothing is billed but the bucket"


def cost_screen(app: ConsoleApp) -> CostScreen:
    screen = app.screen
    assert isinstance(screen, CostScreen)
    return screen


def ticking(screen: CostScreen) -> bool:
    timer = screen._counting
    assert timer is not None
    return timer._active.is_set()


async def test_enter_shows_the_lines_of_a_part_and_hides_them() -> None:
    async with opened(cost_scene("awake"), (120, 36), clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("enter")
        await settled(app, pilot)
        assert "GPU nvidia-l4" in text_of(app)
        await pilot.press("enter")
        await settled(app, pilot)
        assert "GPU nvidia-l4" not in text_of(app)


async def test_what_is_opened_and_chosen_stays_when_a_report_comes() -> None:
    store = cost_scene("awake")
    async with opened(store, (120, 36), clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("enter", "down")
        store.set_cost(CostSnapshot(answering(), FRESH))
        await settled(app, pilot)
        assert "GPU nvidia-l4" in text_of(app)
        assert "at work" in text_of(app)
        await pilot.press("enter")
        await settled(app, pilot)
        assert len([row for row in text_of(app).split("\n") if "▾" in row]) == 2


async def test_what_if_goes_through_the_dimensions_and_back() -> None:
    async with opened(cost_scene("awake"), clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("w")
        await settled(app, pilot)
        assert isinstance(app.screen, WhatIfScreen)
        assert "europe-west1" in text_of(app)
        await pilot.press("tab")
        await settled(app, pilot)
        assert "Nearline storage" in text_of(app)
        assert "europe-west1" not in text_of(app)
        await pilot.press("tab")
        await settled(app, pilot)
        assert "Nearline storage" not in text_of(app)
        assert "europe-west1" in text_of(app)
        await pilot.press("shift+tab", "shift+tab", "escape")
        await settled(app, pilot)
        assert isinstance(app.screen, CostScreen)


async def test_the_highlighted_change_is_said_in_full() -> None:
    async with opened(cost_scene("awake"), (120, 36), clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("w", "tab", "end")
        await settled(app, pilot)
        assert "Archive storage: costs" in text_of(app)
        assert "keeping the model" in text_of(app)


async def test_where_nothing_can_be_changed_that_is_said() -> None:
    store = cost_scene("awake")
    store.set_cost(CostSnapshot(replace(awake(), what_ifs=()), FRESH))
    async with opened(store, clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("w", "tab", "down", "enter")
        await settled(app, pilot)
        assert "nothing can be said" in text_of(app)


async def test_prices_are_shown_with_source_date_and_doubt() -> None:
    async with opened(cost_scene("kept"), (120, 36), clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("P")
        await settled(app, pilot)
        assert isinstance(app.screen, PricesScreen)
        shown = text_of(app)
        assert "✓ verified" in shown
        assert "https://cloud.google.com/run/pricing" in shown
        await pilot.press("q")
        await settled(app, pilot)
        assert isinstance(app.screen, CostScreen)


async def test_f_asks_for_the_next_kind_of_free_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[FreeTier] = []
    monkeypatch.setattr(QuietSession, "reckon", lambda self, free: asked.append(free))
    store = cost_scene("awake")
    async with opened(store, clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("f")
        await settled(app, pilot)
        assert asked == [FreeTier.SHARED]
        assert "from all of the free tier to none" in text_of(app)
        for free in FreeTier:
            store.set_cost(CostSnapshot(replace(awake(), free=free), FRESH))
            await pilot.press("f")
    assert sorted(asked[1:]) == sorted(FreeTier)


async def test_y_copies_every_part_as_text() -> None:
    async with opened(cost_scene("awake"), clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("y")
        await settled(app, pilot)
        assert "the costs: given to the terminal to copy" in text_of(app)
        copied = app.clipboard
    assert copied.startswith("Cost   estimate, prices of 2026-10-08")
    assert "GPU nvidia-l4" in copied


@pytest.mark.parametrize("known", in_scope(Scope.COST), ids=lambda one: one.id)
async def test_without_a_report_no_key_breaks_anything(known: Action) -> None:
    async with opened(cost_scene("denied"), clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press(known.keys[0])
        await settled(app, pilot)
        assert isinstance(app.screen, CostScreen)
        assert ("no costs are known yet" in text_of(app)) == (known.id != "cost.lines")


async def test_help_has_the_keys_of_this_screen() -> None:
    async with opened(cost_scene("awake"), (120, 36), clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("question_mark")
        await settled(app, pilot)
        assert isinstance(app.screen, HelpScreen)
        shown = text_of(app)
        assert all(known.tooltip[:40] in shown for known in in_scope(Scope.COST))


async def test_the_countdown_follows_the_clock_until_nothing_runs() -> None:
    now = [NOW]
    async with opened(cost_scene("awake"), clock=lambda: now[0], on="cost") as (app, pilot):
        screen = cost_screen(app)
        assert ticking(screen)
        before = text_of(app)
        now[0] += timedelta(minutes=2)
        screen._count()
        await settled(app, pilot)
        assert text_of(app) != before
        assert "billed up to" in text_of(app)
        now[0] += timedelta(minutes=20)
        screen._count()
        await settled(app, pilot)
        assert ASLEEP in text_of(app)
        assert not ticking(screen)


async def test_a_second_that_changes_no_word_paints_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [NOW]
    painted: list[str] = []
    async with opened(cost_scene("awake"), clock=lambda: now[0], on="cost") as (app, pilot):
        monkeypatch.setattr(Quiet, "refresh", lambda self, *_, **__: painted.append(str(self.id)))
        now[0] += timedelta(seconds=1)
        cost_screen(app)._count()
        await settled(app, pilot)
        assert painted == []
        now[0] += timedelta(minutes=1)
        cost_screen(app)._count()
        assert painted == ["now"]


async def test_a_report_that_brings_no_news_paints_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = cost_scene("zero")
    async with opened(store, clock=no_clock(), on="cost") as (app, pilot):
        refreshed: list[str] = []
        for kind in (CostHead, CostBreakdown, CostMeaning, Quiet):
            monkeypatch.setattr(
                kind, "refresh", lambda self, *_, **__: refreshed.append(type(self).__name__)
            )
        later = replace(at_zero(), at=NOW + timedelta(seconds=5))
        store.set_cost(replace(store.cost, report=later))
        await settled(app, pilot)
        assert refreshed == []
        store.set_cost(replace(store.cost, report=awake()))
        await settled(app, pilot)
        assert set(refreshed) >= {"CostHead", "Quiet", "Laid"}


@pytest.mark.parametrize("name", ["zero", "loading", "absent"])
async def test_nothing_ticks_while_nothing_changes(name: str) -> None:
    async with opened(cost_scene(name), clock=no_clock(), on="cost") as (app, _):
        assert not ticking(cost_screen(app))


async def test_nothing_ticks_while_nobody_looks() -> None:
    async with opened(cost_scene("awake"), clock=no_clock(), on="cost") as (app, pilot):
        screen = cost_screen(app)
        await pilot.press("f1")
        await settled(app, pilot)
        assert not ticking(screen)
        await pilot.press("f4")
        await settled(app, pilot)
        assert ticking(screen)


async def test_the_age_of_a_stale_report_grows() -> None:
    now = [NOW]
    async with opened(cost_scene("stale"), clock=lambda: now[0], on="cost") as (app, pilot):
        assert "3 min ago" in text_of(app)
        now[0] += timedelta(minutes=2)
        cost_screen(app)._count()
        await settled(app, pilot)
        assert "5 min ago" in text_of(app)


async def test_a_first_report_takes_the_place_of_waiting() -> None:
    store = cost_scene("loading")
    async with opened(store, clock=no_clock(), on="cost") as (app, pilot):
        assert "reckoning …" in text_of(app)
        store.set_cost(CostSnapshot(at_zero(), FRESH))
        await settled(app, pilot)
        assert ASLEEP in text_of(app)
        assert "reckoning …" not in text_of(app)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16), (40, 8)])
async def test_hostile_names_are_only_text(size: tuple[int, int]) -> None:
    async with opened(cost_scene("hostile"), size, clock=no_clock()) as (app, pilot):
        for keys in (("f4", "enter", "down", "enter"), ("w",), ("escape", "P"), ("escape", "tab")):
            await pilot.press(*keys)
            await settled(app, pilot)
            assert not CONTROL.search(text_of(app))
        await pilot.press("y")
        await settled(app, pilot)
        assert app.is_running


async def test_a_storm_of_sizes_ends_well() -> None:
    async with opened(cost_scene("kept"), clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press("enter", "tab")
        for step in range(10):
            await pilot.resize_terminal(10 + 20 * step, 3 + 6 * step)
        await pilot.resize_terminal(120, 36)
        await settled(app, pilot)
        assert "kept for good" in text_of(app)
        assert "Archive" in text_of(app)
