"""What the keys of the screen of model files do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cloud_scenes import NOW
from console_scenes import opened, settled, text_of
from in_languages import in_every_language
from model_file_scenes import (
    HERE,
    PUSHING,
    UNET,
    VAE,
    models_scene,
    said,
    snapshot,
)
from model_keeper_scenes import NEW, OFFERS, SIZES, Keeper, shown
from textual.widgets import Input

from console.model.models.push_offer import (
    PushChoices,
)
from console.model.models.push_progress import FileStage
from console.model.models.snapshot import Job, Stage, Work
from console.model.text import SafeText
from console.screens.modals.push import PushScreen


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", OFFERS)
async def test_what_a_push_would_do_is_said_first(
    name: str, size: str, matches_golden: Callable[[str, str], None]
) -> None:
    keeper = Keeper(OFFERS[name]())
    async with shown(models_scene("differs"), keeper, SIZES[size]) as (app, pilot):
        await pilot.press("P")
        await settled(app, pilot)
        matches_golden(f"models-push-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.STOPPED, Stage.FAILED, Stage.DONE])
async def test_how_far_a_push_is_stays_in_sight_until_it_is_left(
    stage: Stage, matches_golden: Callable[[str, str], None]
) -> None:
    store, keeper = models_scene("differs"), Keeper(NEW)
    async with shown(store, keeper) as (app, pilot):
        await pilot.press("P")
        await settled(app, pilot)
        await pilot.press("y")
        files = PUSHING.files
        if stage is Stage.DONE:
            files = tuple(replace(each, stage=FileStage.SENT) for each in files)
        if stage is Stage.FAILED:
            why = said("the file changed while it was sent; push again", "文件已变；请重新上传")
            files = (*files[:2], replace(files[2], stage=FileStage.FAILED, problem=why))
        progress = replace(PUSHING, files=files)
        job = Job(Work.PUSH, progress, stage, offer=NEW, seconds=196.0)
        store.set_models(replace(store.models, job=job))
        await settled(app, pilot)
        matches_golden(f"models-push-{stage}-80x24", text_of(app))
        assert keeper.asked[-1] == "push"


async def test_leaving_a_push_lets_it_go_on_and_s_stops_it() -> None:
    store = models_scene("pushing")
    keeper = Keeper()
    async with shown(store, keeper) as (app, pilot):
        await pilot.press("P")
        assert isinstance(app.screen, PushScreen)
        await pilot.press("escape")
        assert "stop" not in keeper.asked
        await pilot.press("P", "s")
        assert keeper.asked[-1] == "stop"


@pytest.mark.parametrize("name", ["refused", "nothing"])
async def test_y_pushes_nothing_that_may_not_or_need_not_be(name: str) -> None:
    keeper = Keeper(OFFERS[name]())
    async with shown(models_scene("differs"), keeper) as (app, pilot):
        await pilot.press("P")
        await settled(app, pilot)
        await pilot.press("y")
        assert "push" not in keeper.asked


async def test_enter_and_esc_push_nothing() -> None:
    keeper = Keeper(NEW)
    async with shown(models_scene("differs"), keeper) as (app, pilot):
        for key in ("enter", "escape"):
            await pilot.press("P")
            await settled(app, pilot)
            await pilot.press(key)
            assert not isinstance(app.screen, PushScreen)
        assert "push" not in keeper.asked


async def test_why_nothing_can_be_pushed_is_said() -> None:
    async with shown(models_scene("whole"), Keeper()) as (app, pilot):
        await pilot.press("P")
        await settled(app, pilot)
        assert "✗ nothing can be pushed: there is no way to the bucket now" in text_of(app)


async def test_read_only_refuses_a_push_and_compares_all_the_same() -> None:
    keeper = Keeper(NEW)
    async with shown(models_scene("whole"), keeper, read_only=True) as (app, pilot):
        await pilot.press("P")
        assert not isinstance(app.screen, PushScreen)
        await pilot.press("v")
        assert keeper.asked[-1] == "verify"


async def test_another_directory_is_looked_into() -> None:
    keeper = Keeper()
    async with shown(models_scene("whole"), keeper) as (app, pilot):
        await pilot.press("d")
        app.screen.query_one(Input).value = "/data/models"
        await pilot.press("enter")
        await settled(app, pilot)
        assert keeper.asked[-1] == "look at /data/models"


async def test_what_is_shown_is_copied() -> None:
    copied: list[str] = []
    async with shown(models_scene("differs"), Keeper()) as (app, pilot):
        app.copy_to_clipboard = copied.append  # type: ignore[method-assign]
        await pilot.press("y")
        assert UNET.name in copied[0]
        assert "state: ✗ differs: another size" in copied[0]


async def test_the_chosen_file_stays_chosen_while_others_come() -> None:
    store = models_scene("differs")
    async with shown(store, Keeper(), (120, 36)) as (app, pilot):
        await pilot.press("down", "down")
        assert f"─ {VAE.name}" in text_of(app)
        more = replace(VAE, name=SafeText("a-first.safetensors"), part=UNET.part)
        store.set_models(replace(store.models, here=replace(HERE, files=(more, *HERE.files))))
        await settled(app, pilot)
        assert f"─ {VAE.name}" in text_of(app)


async def test_nobody_is_asked_to_look_before_somebody_comes() -> None:
    keeper = Keeper()
    store = models_scene("whole")
    async with opened(store, restarts=False, clock=lambda: NOW) as (app, pilot):
        operator: Any = app.surroundings.operator
        operator.models = keeper
        store.set_models(snapshot("asking"))
        await settled(app, pilot)
        assert keeper.asked == []
        await pilot.press("f6")
        await settled(app, pilot)
        assert "wanted" in keeper.asked


async def test_a_limit_is_typed_and_holds_for_the_push() -> None:
    keeper = Keeper(NEW)
    async with shown(models_scene("differs"), keeper) as (app, pilot):
        await pilot.press("P")
        await settled(app, pilot)
        await pilot.press("l", *"fast", "enter")
        await settled(app, pilot)
        assert "'fast' is no rate" in text_of(app)
        await pilot.press("l", *"2MB/s", "enter")
        await settled(app, pilot)
        assert "52 min at 2.0 MB/s, the limit" in text_of(app)
        await pilot.press("y")
        assert keeper.chosen == PushChoices(limit=2_000_000)


async def test_a_limit_is_taken_away_by_nothing() -> None:
    keeper = Keeper(NEW)
    async with shown(models_scene("differs"), keeper) as (app, pilot):
        await pilot.press("P")
        await settled(app, pilot)
        await pilot.press("l", *"2MB/s", "enter", "l", "ctrl+u", "enter", "y")
        assert keeper.chosen == PushChoices()


@pytest.mark.parametrize(("name", "key"), [("beside", "b"), ("far", "a")])
async def test_what_stands_against_a_push_is_accepted_by_its_own_key(name: str, key: str) -> None:
    keeper = Keeper(OFFERS[name]())
    async with shown(models_scene("differs"), keeper) as (app, pilot):
        await pilot.press("P")
        await settled(app, pilot)
        await pilot.press("a" if key == "b" else "b", "y")
        assert "push" not in keeper.asked
        await pilot.press(key)
        await settled(app, pilot)
        assert "▲ wanted all the same" in text_of(app)
        await pilot.press("y")
        assert keeper.asked[-1] == "push"
