from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cloud_scenes import clock, cloud_scene
from console_scenes import opened, scene, settled, text_of
from in_languages import in_every_language
from start_scenes import STARTS, here, known

GOLDENS = Path(__file__).parent.parent / "goldens"
DOCS = Path(__file__).parents[3] / "docs"
PAGES = {"cold-starts.md": GOLDENS, "cold-starts.zh.md": GOLDENS / "zh"}
SIZES = {"80x24": (80, 24), "120x36": (120, 36)}


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_cold_starts_in_every_state(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    store = cloud_scene("zero")
    async with opened(store, SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        await pilot.press("2")
        for name, snapshot in STARTS.items():
            store.set_starts(snapshot)
            await settled(app, pilot)
            matches_golden(f"coldstarts-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_figures_and_comparisons(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    store = cloud_scene("zero")
    store.set_starts(STARTS["slow"])
    async with opened(store, SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        await pilot.press("2", "s", "down", "down", "down")
        views = ("usual", "revisions", "around")
        for name in views[1:] if size == "120x36" else views:
            await pilot.press("v")
            await settled(app, pilot)
            matches_golden(f"coldstarts-figures-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_starts_of_an_engine_on_this_machine(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    store = scene("ready")
    store.set_starts(known(here(7)))
    async with opened(store, SIZES[size], clock=clock()) as (app, pilot):
        await pilot.press("2")
        await settled(app, pilot)
        matches_golden(f"coldstarts-here-{size}", text_of(app))


@in_every_language
async def test_sixty_by_sixteen_keeps_the_table_and_the_diagnosis(
    matches_golden: Callable[[str, str], None], language: str
) -> None:
    store = cloud_scene("zero")
    store.set_starts(STARTS["slow"])
    async with opened(store, (60, 16), restarts=False, clock=clock()) as (app, pilot):
        await pilot.press("2")
        await settled(app, pilot)
        matches_golden("coldstarts-slow-60x16", text_of(app))


@pytest.mark.parametrize(("page", "goldens"), PAGES.items())
def test_the_picture_in_the_document_is_the_screen_as_it_is(page: str, goldens: Path) -> None:
    picture = (goldens / "coldstarts-slow-120x36.txt").read_text(encoding="utf-8")
    assert picture in (DOCS / page).read_text(encoding="utf-8"), f"draw the picture in {page} anew"
