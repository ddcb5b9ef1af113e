"""Moments of a deployment, for tests that look at its screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from cloud_scenes import (
    AWAKE,
    FACTS,
    LAST_WORDS,
    NEW,
    NOW,
    OLD,
    ROLLING,
    SNAPSHOTS,
    SPLIT,
    THEN,
    condition,
)
from console_scenes import opened, settled
from deploy_plan_scenes import (
    BACK,
    BLOCKED,
    CPU,
    DESTROY,
    DRIFTED,
    EVIL,
    FRESH,
    HOSTILE,
    NOTHING,
    PLACE,
    PUBLIC,
    REFUSED,
)
from said_again import said_again
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.model.deploy.choices import Choices
from console.model.deploy.observed import ServiceSeen
from console.model.deploy.progress import Application, Failure, StepProgress, StepState
from console.model.deploy.snapshot import Applied, DeploySnapshot
from console.model.deploy.step import Plan
from console.model.deploy.wish import ImageWay
from console.model.models.push_progress import FileStage, PushedFile
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
NAMED = replace(FACTS, name=PLACE, gpu=None, url=SafeText("https://z-image-1234.a.run.app"))
SERVICE = replace(AWAKE, source="my-project", facts=NAMED)
MISSING = SNAPSHOTS["missing"]
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
        elif not step.acts and step.effect == "nothing":
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
BUILDING = doing(application(FRESH, 5, RUNNING, lines=BUILD_LINES), 5, "building")
PUSHING = doing(application(FRESH, 3, RUNNING), 3, "sending", share=0.31, files=(SENDING, FILES[1]))
ROLLS = doing(
    application(DRIFTED, 8, RUNNING, rollout=ROLLING.rollout), 8, "Start-up probe", share=None
)
FAILED = application(
    DRIFTED,
    8,
    StepState.FAILED,
    failure=Failure(
        step=8,
        reason=SafeText(
            "zimage-00002-xyz did not start: the user-provided container failed to start and "
            "listen on the port defined by PORT=7860 within the allocated timeout"
        ),
        lines=tuple(each.message for each in LAST_WORDS),
        mend=SafeText("see that the bucket holds a whole model: zimage-console models verify"),
    ),
)
STOPPED = replace(application(FRESH, 6, StepState.STOPPED), stopped=True)
FINISHED = replace(application(DRIFTED, 10, DONE), url=SafeText("https://z-image-1234.a.run.app"))
SNAPSHOTS_OF = {
    "nothing": DeploySnapshot(),
    "applied": DeploySnapshot(applied=APPLIED, drift=NOTHING),
    "drift": DeploySnapshot(applied=APPLIED, drift=DRIFTED),
    "looking": DeploySnapshot(looking=SafeText("looking into /home/me/models/z-image")),
    "problem": DeploySnapshot(problem=SafeText("stopped looking; nothing was changed")),
    "fresh": DeploySnapshot(plan=FRESH, observed_at=NOW),
    "changed": DeploySnapshot(plan=DRIFTED, observed_at=NOW, applied=APPLIED, drift=DRIFTED),
    "as-wanted": DeploySnapshot(plan=NOTHING, observed_at=NOW, applied=APPLIED, drift=NOTHING),
    "refused": DeploySnapshot(plan=REFUSED, observed_at=NOW),
    "blocked": DeploySnapshot(plan=BLOCKED, observed_at=NOW),
    "public": DeploySnapshot(plan=PUBLIC, observed_at=NOW),
    "building": carried(BUILDING),
    "sending": carried(PUSHING),
    "rolling": carried(ROLLS, applied=APPLIED),
    "failed": carried(FAILED, applied=APPLIED, unfinished=True, begun=DRIFTED.title),
    "stopped": carried(STOPPED, unfinished=True, begun=FRESH.title),
    "done": carried(FINISHED, applied=replace(APPLIED, at=NOW)),
    "back": DeploySnapshot(plan=BACK, observed_at=NOW, applied=APPLIED),
    "destroy": DeploySnapshot(plan=DESTROY, observed_at=NOW, applied=APPLIED),
    "unfinished": DeploySnapshot(unfinished=True, begun=FRESH.title),
    "hostile": DeploySnapshot(
        plan=HOSTILE,
        observed_at=NOW,
        unfinished=True,
        begun=EVIL,
        problem=sanitise(EVIL),
        applied=APPLIED,
        drift=replace(HOSTILE, refusals=()),
    ),
}
SERVICES: dict[str, ServiceSnapshot] = dict.fromkeys(
    ("looking", "fresh", "blocked", "building", "sending", "stopped"), MISSING
)
SERVICES |= {"unfinished": MISSING, "rolling": replace(ROLLING, facts=NAMED)}
SERVICES |= {"public": replace(SPLIT, facts=replace(SPLIT.facts or NAMED, name=PLACE))}


def deploy_scene(name: str) -> Store:
    """A store as it is at one of the `SNAPSHOTS_OF`."""
    store = Store()
    store.set_service(SERVICES.get(name, SERVICE))
    store.set_deploy(said_again(SNAPSHOTS_OF[name]))
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
    async with opened(store, size, deployer=desk or Desk(), **around) as (app, pilot):
        await pilot.press("f7")
        await settled(app, pilot)
        yield app, pilot
