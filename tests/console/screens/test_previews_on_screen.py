"""A picture sharpens on screen while it is made."""

from __future__ import annotations

from dataclasses import replace

import pytest
from console_scenes import opened, png, scene, settled

from console.model.images import Preview, RunState
from console.widgets.picture import PictureView

ROUGH, BETTER = Preview(png(16, 16)), Preview(png(32, 32))


@pytest.mark.parametrize("key", ["1", "5"])
async def test_previews_take_the_place_of_the_latest_picture_until_the_run_ends(key: str) -> None:
    store = scene("running")
    run = store.runs[-1]
    async with opened(store, (120, 36)) as (app, pilot):
        await pilot.press(key)
        shown = app.screen.query_one(PictureView)
        for preview in (ROUGH, BETTER):
            store.put_run(replace(run, preview=preview))
            await settled(app, pilot)
            assert shown.drawn == preview.png
        store.put_run(replace(run, state=RunState.CANCELLED))
        await settled(app, pilot)
        assert shown.drawn == store.gallery[0].png


async def test_a_preview_says_that_it_is_one() -> None:
    store = scene("running")
    async with opened(store, (120, 36)) as (app, pilot):
        await pilot.press("5")
        store.put_run(replace(store.runs[-1], preview=ROUGH))
        await settled(app, pilot)
        view = app.screen.query_one(PictureView)
        assert view.border_subtitle == "preview · step 3 of 8"


async def test_an_older_picture_can_be_looked_at_until_the_next_preview() -> None:
    store = scene("running")
    run = store.runs[-1]
    async with opened(store, (120, 36)) as (app, pilot):
        await pilot.press("5")
        store.put_run(replace(run, preview=ROUGH))
        await settled(app, pilot)
        view = app.screen.query_one(PictureView)
        view.png = store.gallery[0].png
        store.put_run(replace(run, preview=ROUGH, step=4))
        await settled(app, pilot)
        assert view.drawn == store.gallery[0].png
        store.put_run(replace(run, preview=BETTER, step=4))
        await settled(app, pilot)
        assert view.drawn == BETTER.png


async def test_without_a_picture_before_it_the_place_is_empty_again() -> None:
    store = scene("running")
    store.gallery = ()
    run = store.runs[-1]
    async with opened(store, (120, 36)) as (app, pilot):
        await pilot.press("1")
        store.put_run(replace(run, preview=ROUGH))
        await settled(app, pilot)
        assert app.screen.query_one(PictureView).drawn == ROUGH.png
        store.put_run(replace(run, state=RunState.FAILED))
        await settled(app, pilot)
        assert app.screen.query_one(PictureView).drawn is None
