"""What the keys of the screen of model files do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from cloud_scenes import NOW
from console_scenes import opened, settled, text_of
from model_file_scenes import (
    BUCKET,
    ENCODER,
    HERE,
    PUSHING,
    SNAPSHOTS,
    UNET,
    VAE,
    models_scene,
    stored,
)
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.model.models.bucket_check import far_away
from console.model.models.local_set import LocalFile
from console.model.models.push_offer import (
    Hurdle,
    PushChoices,
    PushOffer,
    keeping,
    kept_text,
    requests_price,
)
from console.model.models.push_plan import PlannedFile, PushPlan, Standing
from console.model.models.push_progress import FileStage
from console.model.models.snapshot import FileHere, Job, Stage, Work
from console.model.models.upload_record import FileIdentity
from console.model.text import SafeText
from console.screens.modals.push import PushScreen
from console.sources.base import Offline
from console.sources.prices import packaged_prices
from console.store import Store

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "60x16": (60, 16)}


def planned(file: FileHere, standing: Standing, begun: int = 0) -> PlannedFile:
    local = LocalFile(path=f"/home/me/{file.name}", name=file.name, part=file.part)
    there = stored(file, size=4_100_000_000) if standing is Standing.DIFFERENT else None
    return PlannedFile(local, FileIdentity(file.size, 0, 0, 0, 0), standing, there, begun)


def offer(*files: PlannedFile, **other: Any) -> PushOffer:
    plan = PushPlan(
        bucket="zimage-models",
        directory="/home/me/models/z-image",
        files=files,
        rate=18_300_000.0,
    )
    prices = packaged_prices()
    kept = kept_text(BUCKET, plan)
    made = PushOffer(
        plan=plan,
        region="us-central1",
        month=keeping(BUCKET, plan, prices),
        sending=requests_price(BUCKET, plan, prices),
        priced=prices.date.isoformat(),
        warnings=(kept,) if kept else (),
    )
    return replace(made, **other)


NEW = offer(
    planned(UNET, Standing.NEW, 1_200_000_000),
    planned(ENCODER, Standing.NEW),
    planned(VAE, Standing.SAME),
)
OFFERS = {
    "new": NEW,
    "replacing": offer(planned(UNET, Standing.DIFFERENT), planned(VAE, Standing.SAME)),
    "refused": replace(
        NEW,
        refused="gs://zimage-models may not be written to: storage.objects.create is missing; have "
        "roles/storage.objectUser granted on it",
    ),
    "beside": replace(
        NEW,
        hurdles=(
            (
                Hurdle.BESIDE,
                "old.gguf in the bucket is for a part that is sent under another name, and with "
                "both no service starts; remove it: gcloud storage rm gs://zimage-models/old.gguf",
            ),
        ),
    ),
    "far": replace(
        NEW,
        hurdles=(
            (
                Hurdle.FAR,
                far_away(SafeText("zimage-models"), "EUROPE-WEST1", "us-central1"),
            ),
        ),
    ),
    "nothing": offer(planned(UNET, Standing.SAME), planned(VAE, Standing.SAME)),
}


@dataclass
class Keeper:
    """What a session offers; it notes what it was asked for."""

    offered: PushOffer | None = None
    asked: list[str] = field(default_factory=list)
    chosen: PushChoices | None = None

    def wanted(self) -> None:
        self.asked.append("wanted")

    def look_at(self, directory: str) -> None:
        self.asked.append(f"look at {directory}")

    async def offer(self, say: Callable[[str], None]) -> PushOffer:
        say("looking into the bucket")
        if self.offered is None:
            raise Offline(SafeText("there is no way to the bucket now"))
        return self.offered

    def push(self, offer: PushOffer, choices: PushChoices) -> None:
        self.asked.append("push")
        self.chosen = choices

    def verify(self) -> None:
        self.asked.append("verify")

    def stop(self) -> bool:
        self.asked.append("stop")
        return True


@asynccontextmanager
async def shown(
    store: Store, keeper: Keeper, size: tuple[int, int] = (80, 24), **surroundings: Any
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    """The screen of models on `store`, whose wishes `keeper` hears."""
    async with opened(store, size, restarts=False, clock=lambda: NOW, **surroundings) as (
        app,
        pilot,
    ):
        operator: Any = app.surroundings.operator
        operator.models = keeper
        await pilot.press("f6")
        await settled(app, pilot)
        yield app, pilot


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", OFFERS)
async def test_what_a_push_would_do_is_said_first(
    name: str, size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with shown(models_scene("differs"), Keeper(OFFERS[name]), SIZES[size]) as (app, pilot):
        await pilot.press("P")
        await settled(app, pilot)
        matches_golden(f"models-push-{name}-{size}", text_of(app))


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
            why = SafeText("the file changed while it was sent; push again")
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
    keeper = Keeper(OFFERS[name])
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
        store.set_models(SNAPSHOTS["asking"])
        await settled(app, pilot)
        assert keeper.asked == []
        await pilot.press("f6")
        await settled(app, pilot)
        assert "wanted" in keeper.asked
