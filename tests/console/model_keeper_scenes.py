"""What stands in for a session that looks after model files, and what it offers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from cloud_scenes import NOW
from console_scenes import opened, settled
from model_file_scenes import (
    BUCKET,
    ENCODER,
    UNET,
    VAE,
    said,
    stored,
)
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.model.models.bucket_check import far_away
from console.model.models.local_set import LocalFile
from console.model.models.pull_offer import PullOffer, PullWish
from console.model.models.push_offer import (
    Hurdle,
    PushChoices,
    PushOffer,
    in_the_way,
    keeping,
    kept_text,
    requests_price,
)
from console.model.models.push_plan import PlannedFile, PushPlan, Standing
from console.model.models.snapshot import FileHere
from console.model.models.upload_record import FileIdentity
from console.model.text import SafeText
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


def _refused() -> PushOffer:
    why = said(
        "gs://zimage-models may not be written to: storage.objects.create is missing; have "
        "roles/storage.objectUser granted on it",
        "无法写入 gs://zimage-models：缺少 storage.objects.create 权限；请授予 "
        "roles/storage.objectUser 角色",
    )
    return replace(NEW, refused=why)


def _beside() -> PushOffer:
    old = stored(replace(UNET, name=SafeText("old.gguf")))
    return replace(NEW, hurdles=((Hurdle.BESIDE, in_the_way(replace(NEW.plan, others=(old,)))),))


def _far() -> PushOffer:
    far = far_away(SafeText("zimage-models"), "EUROPE-WEST1", "us-central1")
    return replace(NEW, hurdles=((Hurdle.FAR, far),))


OFFERS: dict[str, Callable[[], PushOffer]] = {
    "new": lambda: NEW,
    "replacing": lambda: offer(planned(UNET, Standing.DIFFERENT), planned(VAE, Standing.SAME)),
    "refused": _refused,
    "beside": _beside,
    "far": _far,
    "nothing": lambda: offer(planned(UNET, Standing.SAME), planned(VAE, Standing.SAME)),
}
"""What pushes would do, each in the language that is spoken when it is asked for."""


@dataclass
class Keeper:
    """What a session offers; it notes what it was asked for."""

    offered: PushOffer | None = None
    asked: list[str] = field(default_factory=list)
    chosen: PushChoices | None = None
    pulls: PullOffer | None = None
    wish: PullWish | None = None

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

    def source(self) -> str:
        return "https://huggingface.co"

    def target(self) -> str:
        return "~/models/z-image"

    async def pull_offer(self, wish: PullWish, say: Callable[[str], None]) -> PullOffer:
        self.wish = wish
        say("asking huggingface.co for ae.safetensors")
        if self.pulls is None:
            raise Offline(SafeText("huggingface.co cannot be reached"))
        return self.pulls

    def pull(self, offer: PullOffer) -> None:
        self.asked.append("pull")

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
