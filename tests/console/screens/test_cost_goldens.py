"""What the screen of costs shows at every moment, character by character."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from console_scenes import opened, settled, text_of
from cost_screen_scenes import SNAPSHOTS, cost_scene, no_clock
from in_languages import in_every_language

DOCS = Path(__file__).parents[3] / "docs"
GOLDENS = Path(__file__).parent.parent / "goldens"
PAGES = {"costs.md": GOLDENS, "costs.zh.md": GOLDENS / "zh"}
SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
MADE_BY_KEYS = {
    "lines": ("enter", "down", "down", "enter"),
    "what-if": ("w",),
    "what-if-region": ("w", "tab", "tab", "down"),
    "prices": ("P",),
    "meaning": ("tab",),
    "help": ("question_mark",),
}


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SNAPSHOTS)
async def test_costs_in_every_state(
    name: str, size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    store = cost_scene(name)
    async with opened(store, SIZES[size], restarts=False, clock=no_clock(), on="cost") as (
        app,
        _,
    ):
        matches_golden(f"cost-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", MADE_BY_KEYS)
async def test_what_is_made_of_it_by_keys(
    name: str, size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    store = cost_scene("awake")
    async with opened(store, SIZES[size], restarts=False, clock=no_clock(), on="cost") as (
        app,
        pilot,
    ):
        await pilot.press(*MADE_BY_KEYS[name])
        await settled(app, pilot)
        matches_golden(f"cost-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("name", ["awake", "denied", "what-if"])
async def test_a_small_terminal_keeps_head_and_breakdown(
    name: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    store, keys = cost_scene("awake" if name in MADE_BY_KEYS else name), MADE_BY_KEYS.get(name, ())
    async with opened(store, (60, 16), restarts=False, clock=no_clock(), on="cost") as (app, pilot):
        await pilot.press(*keys)
        await settled(app, pilot)
        matches_golden(f"cost-{name}-60x16", text_of(app))


@in_every_language
@pytest.mark.parametrize("name", ["awake", "lines"])
async def test_without_colours_parts_are_told_by_patterns(
    name: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    store = cost_scene("awake")
    keys = MADE_BY_KEYS.get(name, ())
    async with opened(store, restarts=False, clock=no_clock(), colour=False, on="cost") as (
        app,
        pilot,
    ):
        await pilot.press(*keys)
        await settled(app, pilot)
        matches_golden(f"cost-{name}-plain-80x24", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_the_overview_says_what_is_spent(
    size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with opened(cost_scene("awake"), SIZES[size], restarts=False, clock=no_clock()) as (
        app,
        pilot,
    ):
        await settled(app, pilot)
        matches_golden(f"cost-on-overview-{size}", text_of(app))


@pytest.mark.parametrize(("page", "goldens"), PAGES.items())
def test_the_page_about_costs_shows_what_the_screen_shows(page: str, goldens: Path) -> None:
    shown = (goldens / "cost-awake-120x36.txt").read_text(encoding="utf-8")
    assert f"```text\n{shown}```" in (DOCS / page).read_text(encoding="utf-8")
