"""Moments of a deployment, for tests that look at its screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import deploy_plan_scenes as plans
from cloud_scenes import (
    FACTS,
    LAST_WORDS,
    NEW,
    NOW,
    OLD,
    SNAPSHOTS,
    THEN,
    awake,
    condition,
    rolling,
    split,
)
from console_scenes import opened, settled
from deploy_plan_scenes import CPU, EVIL, PLACE, URL
from scene_words import said
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.language import tr
from console.model.deploy.choices import Choices
from console.model.deploy.observed import ServiceSeen
from console.model.deploy.progress import Application, Failure, StepProgress, StepState
from console.model.deploy.snapshot import Applied, DeploySnapshot
from console.model.deploy.step import Effect, Plan
from console.model.deploy.wish import ImageWay
from console.model.models.push_progress import FileStage, PushedFile
from console.model.rollout import PROBING
from console.model.service import (
    ConditionState,
    Revision,
    ServiceName,
    ServiceSnapshot,
    TrafficShare,
)
from console.model.text import SafeText
from console.sources.base import EngineFailed
from console.store import Store
from console.terminal.sanitise import sanitise

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "60x16": (60, 16)}
NAMED = replace(FACTS, name=PLACE, gpu=None, url=URL)
APPLIED = Applied(wish=CPU, at=NOW - timedelta(hours=3))
DONE, RUNNING, WAITING = StepState.DONE, StepState.RUNNING, StepState.WAITING
BUILD_LINES = tuple(
    SafeText(each)
    for each in (
        "FETCHSOURCE",
        "Step #0: Step 11/28 : RUN --mount=type=cache,target=/root/.cache uv sync --frozen",
        "Step #0: Downloading torch-2.9.1+cpu (184 MiB)",
        "Step #0: Installed 31 packages in 2.1s",
    )
)


def application(plan: Plan, at: int, state: StepState, **other: Any) -> Application:
    """A plan of which the steps before `at` are done, each within two seconds."""
    steps = []
    for place, step in enumerate(plan.steps):
        began = THEN + timedelta(seconds=2 * place)
        ended = began + timedelta(seconds=1.3)
        if place > at or (place == at and state is WAITING):
            steps.append(StepProgress())
        elif not step.acts and step.effect is Effect.NOTHING:
            steps.append(StepProgress(state=StepState.SKIPPED))
        elif place < at or state is DONE:
            steps.append(StepProgress(state=DONE, share=1.0, began=began, ended=ended))
        else:
            until = None if state is RUNNING else ended
            steps.append(StepProgress(state=state, began=began, ended=until))
    return Application(plan=plan, steps=tuple(steps), **other)


def doing(of: Application, at: int, words: str, share: float | None = None, **other: Any) -> Any:
    """The application with what is said of the step that is under way."""
    steps = list(of.steps)
    steps[at] = replace(steps[at], doing=SafeText(words), share=share, **other)
    return replace(of, steps=tuple(steps))


def carried(of: Application, **other: Any) -> DeploySnapshot:
    return DeploySnapshot(plan=of.plan, application=of, observed_at=THEN, **other)


FILES = (
    PushedFile("z_image_turbo-Q4_K_M.gguf", 4_980_000_000, arrived=2_100_000_000, rate=18.3e6),
    PushedFile("ae.safetensors", 335_304_388, arrived=335_304_388, stage=FileStage.SENT),
)
SENDING = replace(FILES[0], stage=FileStage.SENDING)


def building() -> Application:
    return doing(application(plans.fresh(), 5, RUNNING, lines=BUILD_LINES), 5, tr("building"))


def sending() -> Application:
    files = (SENDING, FILES[1])
    going_on = application(plans.fresh(), 3, RUNNING)
    return doing(going_on, 3, tr("sending"), share=0.31, files=files)


def rolls() -> Application:
    going_on = application(plans.drifted(), 8, RUNNING, rollout=rolling().rollout)
    return doing(going_on, 8, tr(PROBING))


def failed() -> Application:
    ended = (
        "the user-provided container failed to start and listen on the port defined by PORT=7860 "
        "within the allocated timeout"
    )
    checked = "zimage-console models verify"
    failure = Failure(
        step=8,
        reason=said(f"{NEW} did not start: {ended}", f"{NEW} 未能启动：{ended}"),
        lines=tuple(each.message for each in LAST_WORDS),
        mend=said(
            f"see that the bucket holds a whole model: {checked}",
            f"请确认存储桶中有完整的模型：{checked}",
        ),
    )
    return application(plans.drifted(), 8, StepState.FAILED, failure=failure)


def stopped() -> Application:
    return replace(application(plans.fresh(), 6, StepState.STOPPED), stopped=True)


def finished() -> Application:
    return replace(application(plans.drifted(), 10, DONE), url=URL)


def planned(plan: Plan, **other: Any) -> DeploySnapshot:
    return DeploySnapshot(plan=plan, observed_at=NOW, **other)


def looking() -> DeploySnapshot:
    words = tr("looking into {directory}", directory="/home/me/models/z-image")
    return DeploySnapshot(looking=SafeText(words))


def hostile() -> DeploySnapshot:
    return planned(
        plans.hostile(),
        unfinished=True,
        begun=EVIL,
        problem=sanitise(EVIL),
        applied=APPLIED,
        drift=replace(plans.hostile(), refusals=()),
    )


SNAPSHOTS_OF: dict[str, Callable[[], DeploySnapshot]] = {
    "nothing": DeploySnapshot,
    "applied": lambda: DeploySnapshot(applied=APPLIED, drift=plans.nothing()),
    "drift": lambda: DeploySnapshot(applied=APPLIED, drift=plans.drifted()),
    "served": lambda: DeploySnapshot(applied=APPLIED, drift=plans.nothing(), seen=REVISIONS),
    "looking": looking,
    "problem": lambda: DeploySnapshot(problem=SafeText(tr("stopped looking; nothing was changed"))),
    "fresh": lambda: planned(plans.fresh()),
    "changed": lambda: planned(plans.drifted(), applied=APPLIED, drift=plans.drifted()),
    "as-wanted": lambda: planned(plans.nothing(), applied=APPLIED, drift=plans.nothing()),
    "refused": lambda: planned(plans.refused()),
    "blocked": lambda: planned(plans.blocked()),
    "public": lambda: planned(plans.public()),
    "building": lambda: carried(building()),
    "sending": lambda: carried(sending()),
    "rolling": lambda: carried(rolls(), applied=APPLIED),
    "failed": lambda: carried(
        failed(), applied=APPLIED, unfinished=True, begun=plans.drifted().title
    ),
    "stopped": lambda: carried(stopped(), unfinished=True, begun=plans.fresh().title),
    "done": lambda: carried(finished(), applied=replace(APPLIED, at=NOW)),
    "back": lambda: planned(plans.back(), applied=APPLIED),
    "destroy": lambda: planned(plans.destroy(), applied=APPLIED),
    "unfinished": lambda: DeploySnapshot(unfinished=True, begun=plans.fresh().title),
    "hostile": hostile,
}


def service_of(name: str) -> ServiceSnapshot:
    """The service at one of the `SNAPSHOTS_OF`."""
    match name:
        case "looking" | "fresh" | "blocked" | "building" | "sending" | "stopped" | "unfinished":
            return SNAPSHOTS["missing"]()
        case "rolling":
            return replace(rolling(), facts=NAMED)
        case "public":
            return replace(split(), facts=replace(split().facts or NAMED, name=PLACE))
        case "served":
            return replace(awake(), source="my-project", facts=REVISIONS.facts)
        case _:
            return replace(awake(), source="my-project", facts=NAMED)


def deploy_scene(name: str) -> Store:
    """A store as it is at one of the `SNAPSHOTS_OF`."""
    store = Store()
    store.set_service(service_of(name))
    store.set_deploy(SNAPSHOTS_OF[name]())
    return store


def revision(name: SafeText, hours: int, why: str = "") -> Revision:
    state = ConditionState.FAILED if why else ConditionState.SUCCEEDED
    return Revision(
        name=name,
        conditions=(condition("Ready", state, why),),
        created=NOW - timedelta(hours=hours),
        image=NAMED.image,
    )


REVISIONS = ServiceSeen(
    settings=CPU.settings,
    facts=replace(NAMED, latest_ready_revision=NEW, traffic=(TrafficShare(100, NEW),)),
    revisions=(
        revision(SafeText("zimage-00003-bad"), 1, "The container did not open port 7860."),
        revision(NEW, 3),
        revision(OLD, 50),
    ),
)
USUAL = Choices(
    way=ImageWay.CLOUD_BUILD, source="/home/me/z-image", models="/home/me/models/z-image"
)
CHOICES = {"usual": USUAL, "no-source": replace(USUAL, source="", models=None)}


@dataclass
class Desk:
    """What stands in for a session's desk; it notes what it was asked for."""

    place: ServiceName = PLACE
    usual: Choices = USUAL
    seen: ServiceSeen | None = REVISIONS
    busy: bool = False
    asked: list[object] = field(default_factory=list)

    def wanted(self) -> None:
        self.asked.append("wanted")

    async def choices(self) -> Choices:
        return self.usual

    async def service(self) -> ServiceSeen:
        if self.seen is None:
            raise EngineFailed(SafeText("there is no service z-image yet; n plans a deployment"))
        return self.seen

    def deploy(self, choices: Choices) -> None:
        self._wished(choices)

    def roll_back(self, revision: str) -> None:
        self._wished(("roll back", revision))

    def split(self, shares: tuple[TrafficShare, ...]) -> None:
        self._wished(shares)

    def scale(self, instances: int | None) -> None:
        self._wished(("scale", instances))

    def destroy(self, *, with_bucket: bool) -> None:
        self._wished(("destroy", with_bucket))

    def drift(self) -> None:
        self._wished("drift")

    def again(self) -> None:
        self._wished("again")

    def apply(self, plan: Plan) -> None:
        self._wished(plan)

    def stop(self) -> bool:
        self.asked.append("stop")
        return self.busy

    async def close(self) -> None:
        self.asked.append("close")

    def _wished(self, wish: object) -> None:
        if self.busy:
            raise EngineFailed(SafeText("a plan is carried out; wait for it, or stop it with s"))
        self.asked.append(wish)


@asynccontextmanager
async def at_deploy(
    store: Store, desk: Desk | None = None, size: tuple[int, int] = (80, 24), **around: Any
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    """A console that shows the deployment."""
    around = {"restarts": False, "clock": lambda: NOW, "context": str(PLACE), **around}
    async with opened(store, size, deployer=desk or Desk(), **around, on="deploy") as (app, pilot):
        # The plan is scrolled to what goes on once it is laid out.
        await settled(app, pilot)
        yield app, pilot
