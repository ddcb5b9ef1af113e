"""Published files chosen and fetched by the keys of the screen of model files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from console_scenes import settled, text_of
from in_languages import in_every_language
from model_file_scenes import models_scene
from model_keeper_scenes import SIZES, Keeper, shown
from textual.widgets import Input

from console.model.models.pull_offer import PullOffer, PullWish, pull_offer
from console.model.models.pulling import (
    Checksum,
    Digest,
    FileProgress,
    PlannedFile,
    PullPlan,
    PullProgress,
    Standing,
    StatedFile,
)
from console.model.models.pulling import Stage as FileStage
from console.model.models.snapshot import Job, Stage, Work
from console.model.text import SafeText
from console.screens.modals.pull import PullScreen
from console.session.transfer.part_file import NoSpace

WISH = PullWish(directory="~/models/z-image")
GB = 1_000_000_000


def planned(*standings: Standing, other: bool = False, **plan: Any) -> PullOffer:
    """What a pull of the usual files would do, each of which stands like this."""
    files = []
    for file, standing in zip(WISH.files, standings, strict=True):
        known = Checksum(Digest.SHA256, "f" * 64 if other else file.sha256 or "a" * 64)
        have = {Standing.HERE: file.size, Standing.BEGUN: 1_200_000_000}.get(standing, 0)
        files.append(PlannedFile(StatedFile(file, file.size, known, "0" * 40), standing, have))
    usual = {"free": 42 * GB, "measured": True, "rate": 18_300_000.0}
    return pull_offer(
        WISH,
        PullPlan(
            directory="/home/me/models/z-image",
            endpoint=SafeText("https://huggingface.co"),
            files=tuple(files),
            **(usual | plan),
        ),
    )


MISSING, HERE = Standing.MISSING, Standing.HERE
NEW = planned(MISSING, Standing.BEGUN, HERE)
OFFERS: dict[str, Callable[[], PullOffer]] = {
    "new": lambda: NEW,
    "replacing": lambda: planned(Standing.DIFFERENT, HERE, HERE, beside=(SafeText("old.gguf"),)),
    "no-room": lambda: planned(MISSING, MISSING, MISSING, free=5 * GB, rate=None, measured=False),
    "changed": lambda: planned(MISSING, MISSING, HERE, other=True),
    "nothing": lambda: planned(HERE, HERE, HERE),
}
"""What pulls would do, each in the language that is spoken when it is asked for."""
PROGRESS = PullProgress(
    (
        FileProgress(
            "z_image_turbo-Q4_K_M.gguf",
            4_980_000_000,
            1_100_000_000,
            1_100_000_000,
            12_000_000.0,
            FileStage.FETCHING,
        ),
        FileProgress(
            "Qwen3-4B-Q4_K_M.gguf", 2_497_280_256, 2_400_000_000, 0, None, FileStage.CHECKING
        ),
        FileProgress("ae.safetensors", 335_304_388, 335_304_388, 0, None, FileStage.HERE),
    ),
    12_000_000.0,
)


def puller(offered: PullOffer | None) -> Keeper:
    return Keeper(pulls=offered)


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_what_there_is_to_choose_from(
    size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with shown(models_scene("local"), puller(NEW), SIZES[size]) as (app, pilot):
        await pilot.press("F")
        await settled(app, pilot)
        matches_golden(f"models-fetch-choice-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", ["80x24", "120x36"])
async def test_the_encoder_is_chosen_as_well_and_all_follows_from_it(
    size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with shown(models_scene("local"), puller(NEW), SIZES[size]) as (app, pilot):
        await pilot.press("F")
        await settled(app, pilot)
        await pilot.press("home", "tab", "end")
        await settled(app, pilot)
        matches_golden(f"models-fetch-encoder-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", OFFERS)
async def test_what_a_pull_would_do_is_said_first(
    name: str, size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with shown(models_scene("local"), puller(OFFERS[name]()), SIZES[size]) as (app, pilot):
        await pilot.press("F", "enter")
        await settled(app, pilot)
        matches_golden(f"models-fetch-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", ["80x24", "120x36"])
@pytest.mark.parametrize("stage", list(Stage))
async def test_how_far_a_pull_is_stays_in_sight_until_it_is_left(
    stage: Stage, size: str, matches_golden: Callable[[str, str], None]
) -> None:
    store, keeper = models_scene("local"), puller(NEW)
    async with shown(store, keeper, SIZES[size]) as (app, pilot):
        await pilot.press("F", "enter")
        await settled(app, pilot)
        await pilot.press("y")
        files = PROGRESS.files
        if stage is Stage.DONE:
            files = tuple(replace(each, stage=FileStage.DONE, done=each.size) for each in files)
        if stage is Stage.FAILED:
            why = SafeText(str(NoSpace()))
            files = (replace(files[0], stage=FileStage.FAILED, problem=why), *files[1:])
        job = Job(Work.PULL, replace(PROGRESS, files=files), stage, offer=NEW, seconds=96.0)
        store.set_models(replace(store.models, job=job))
        await settled(app, pilot)
        matches_golden(f"models-fetch-{stage}-{size}", text_of(app))
        assert keeper.asked[-1] == "pull"


async def test_what_was_chosen_is_what_is_asked_for() -> None:
    keeper = puller(NEW)
    async with shown(models_scene("local"), keeper) as (app, pilot):
        await pilot.press("F")
        await settled(app, pilot)
        await pilot.press("down", "tab", "down", "d")
        await settled(app, pilot)
        app.screen.query_one(Input).value = "/data/pulled"
        await pilot.press("enter")
        await settled(app, pilot)
        await pilot.press("enter")
        await settled(app, pilot)
        assert keeper.wish == PullWish(
            directory="/data/pulled", quantisation="Q5_K_S", encoder="Q5_K_M"
        )


async def test_esc_goes_back_one_step_at_a_time() -> None:
    async with shown(models_scene("local"), puller(NEW)) as (app, pilot):
        await pilot.press("F", "enter")
        await settled(app, pilot)
        assert "y fetches" in text_of(app)
        await pilot.press("escape")
        await settled(app, pilot)
        assert "enter says what it takes" in text_of(app)
        await pilot.press("escape")
        await settled(app, pilot)
        assert not isinstance(app.screen, PullScreen)


@pytest.mark.parametrize("name", ["no-room", "changed", "nothing"])
async def test_y_fetches_nothing_that_may_not_or_need_not_be(name: str) -> None:
    keeper = puller(OFFERS[name]())
    async with shown(models_scene("local"), keeper) as (app, pilot):
        await pilot.press("F", "enter")
        await settled(app, pilot)
        await pilot.press("y")
        assert "pull" not in keeper.asked


async def test_changed_files_are_taken_by_who_says_so() -> None:
    keeper = puller(OFFERS["changed"]())
    async with shown(models_scene("local"), keeper) as (app, pilot):
        await pilot.press("F", "enter")
        await settled(app, pilot)
        await pilot.press("a")
        await settled(app, pilot)
        assert "▲ taken all the same" in text_of(app)
        await pilot.press("y")
        assert keeper.asked[-1] == "pull"


async def test_why_nothing_can_be_fetched_is_said() -> None:
    async with shown(models_scene("local"), puller(None)) as (app, pilot):
        await pilot.press("F", "enter")
        await settled(app, pilot)
        assert "✗ nothing can be fetched: huggingface.co cannot be reached" in text_of(app)


async def test_read_only_refuses_a_pull() -> None:
    async with shown(models_scene("local"), puller(NEW), read_only=True) as (app, pilot):
        await pilot.press("F")
        await settled(app, pilot)
        assert not isinstance(app.screen, PullScreen)
        assert "read-only" in text_of(app)


async def test_a_pull_that_goes_on_is_shown_again_and_stopped_by_s() -> None:
    store, keeper = models_scene("local"), puller(NEW)
    store.set_models(replace(store.models, job=Job(Work.PULL, PROGRESS, offer=NEW)))
    async with shown(store, keeper) as (app, pilot):
        await pilot.press("F")
        await settled(app, pilot)
        assert "s stops it, esc leaves it running" in text_of(app)
        await pilot.press("s")
        assert keeper.asked[-1] == "stop"
