from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cloud_scenes import NOW, SNAPSHOTS, clock, cloud_scene
from console_scenes import made, opened, settled, text_of
from in_languages import in_every_language

SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
ELSEWHERE = ("zero", "rolling", "denied-later", "offline", "service-silent", "paused")
"""Moments at which the first two rows of the other screens have something to say."""


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_the_overview_of_a_service_on_google_cloud_in_every_state(
    size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    store = cloud_scene("zero")
    async with opened(store, SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        for name, snapshot in SNAPSHOTS.items():
            store.set_service(snapshot())
            await settled(app, pilot)
            matches_golden(f"overview-cloud-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_says_how_well_the_service_is_known(
    size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    store = cloud_scene("zero")
    seen = []
    async with opened(store, SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        for screen in ("f3", "f5"):
            await pilot.press(screen)
            for name in ELSEWHERE:
                store.set_service(SNAPSHOTS[name]())
                await settled(app, pilot)
                seen += text_of(app).split("\n")[:2]
    matches_golden(f"cloud-first-rows-{size}", "\n".join(seen) + "\n")


@in_every_language
async def test_a_large_terminal_is_used(
    language: str, matches_golden: Callable[[str, str], None]
) -> None:
    store = cloud_scene("split")
    store.add_picture(made())
    async with opened(store, (200, 50), restarts=False, clock=clock()) as (app, pilot):
        await settled(app, pilot)
        matches_golden("overview-cloud-split-200x50", text_of(app))


async def test_ages_grow_without_any_news() -> None:
    now = [NOW]
    store = cloud_scene("service-silent")
    async with opened(store, restarts=False, clock=lambda: now[0]) as (app, pilot):
        assert "no new answer · as of 12:02 UTC, 3 min ago · again in 12 s" in text_of(app)
        now[0] += timedelta(minutes=2)
        app.screen._grow_old()
        await settled(app, pilot)
        assert "as of 12:02 UTC, 5 min ago · asking again" in text_of(app)


async def test_an_answer_that_brings_no_news_paints_nothing() -> None:
    store = cloud_scene("broken")
    async with opened(store, restarts=False, clock=clock()) as (app, pilot):
        painted = []
        app.screen.show = painted.append
        later = NOW + timedelta(seconds=5)
        fresh = replace(store.service.fresh, service=store.service.fresh.service.answered(later))
        store.set_service(replace(store.service, fetched_at=later, fresh=fresh))
        await settled(app, pilot)
        assert painted == []
        store.set_service(SNAPSHOTS["zero"]())
        await settled(app, pilot)
        assert len(painted) == 1
