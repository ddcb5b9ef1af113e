"""A sandbox in a process of its own, this machine as a deployment finds it, and one wish."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import httpx

from console.model.deploy.defaults import cpu_wish
from console.model.deploy.planning import plan_deployment
from console.model.deploy.progress import Application, StepState
from console.model.deploy.step import Plan, Step, Subject
from console.model.deploy.wish import DeployWish, ImageWay
from console.model.models.patience import Patience
from console.model.service import ServiceName
from console.session.deploy.applying import Apply
from console.session.deploy.journal import Journal
from console.session.deploy.observing import observe
from console.session.deploy.pace import Pace
from console.session.deploy.world import Here, World
from console.session.engine_session import utc_now
from console.session.transfer.upload_records import UploadRecords
from console.sources.deploying.docker_build import DockerBuilder
from console.sources.google_channel import GoogleCloud, connect
from console.sources.prices import packaged_prices
from console.sources.sandbox_process import SandboxProcess
from console.sources.tools import Tools

PLACE = ServiceName("sandbox", "local-1", "pictures")
TODAY = date(2026, 11, 30)
SOON = Patience(quiet_seconds=30, first_seconds=0.05, longest_seconds=0.2)
DOCKERFILE = "FROM scratch\nCOPY greeting.txt /\n"


@dataclass
class Deployment:
    """What a test deploys with; `told` has every state of the application, oldest first."""

    google: GoogleCloud
    here: Here
    wish: DeployWish
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[Application] = field(default_factory=list)
    quiet_seconds: float = 30.0

    def pace(self) -> Pace:
        return Pace(
            clock=time.monotonic,
            jitter=random.Random(3).random,
            patience=replace(SOON, quiet_seconds=self.quiet_seconds),
            look_seconds=0.1,
            stop=self.stop,
        )

    async def plan(self, **changes: object) -> Plan:
        """Look at everything, and plan what is wanted."""
        self.wish = replace(self.wish, **changes)
        observed = await observe(self.wish, self.google, self.here)
        return plan_deployment(self.wish, observed, self.here.prices, TODAY)

    async def apply(
        self, plan: Plan, hears: Callable[[Application], None] = lambda _: None
    ) -> Application:
        """Carry a plan out; `hears` is told how far it is."""

        def told(application: Application) -> None:
            self.told.append(application)
            hears(application)

        world = World(google=self.google, here=self.here)
        return await Apply(plan, world, self.pace(), told).run()

    async def rolled_out(self, operation: str) -> str:
        """Return what an operation failed with once it is over, nothing if it did not."""
        services = self.google.deploying.services
        problem = await services.finished(operation)
        while problem is None:
            problem = await services.finished(operation)
        return problem

    async def deploy(self, **changes: object) -> Application:
        return await self.apply(await self.plan(**changes))


def here_in(folder: Path, environment: Mapping[str, str]) -> Here:
    """Return this machine, which remembers in `folder`."""
    return Here(
        docker=DockerBuilder(environment),
        tools=Tools(environment),
        records=UploadRecords(folder / "uploads"),
        journal=Journal(folder / "deployments"),
        prices=packaged_prices(),
        clock=utc_now,
        environment=environment,
    )


def wish_in(folder: Path, models: Path, place: ServiceName = PLACE) -> DeployWish:
    """Return a deployment of what a Dockerfile in `folder` makes, with the model in `models`."""
    source = folder / "source"
    source.mkdir(exist_ok=True)
    (source / "Dockerfile.optimized").write_text(DOCKERFILE)
    (source / "greeting.txt").write_text("good morning\n")
    wish = cpu_wish(
        place,
        bucket="sandbox-pictures-models",
        models=str(models),
        way=ImageWay.CLOUD_BUILD,
        context=str(source),
    )
    return replace(wish, settings=replace(wish.settings, cpu="2", memory="4Gi"))


@asynccontextmanager
async def a_sandbox(
    state: Path, environment: Mapping[str, str], *arguments: str
) -> AsyncIterator[SandboxProcess]:
    """A sandbox in a process of its own, with real engines."""
    command = [sys.executable, "-P", "-m", "console.sandbox", "--state", str(state)]
    process = await SandboxProcess.start([*command, "--exit-on-stdin-eof", *arguments], environment)
    try:
        yield process
    finally:
        await process.stop()


@asynccontextmanager
async def a_deployment(
    folder: Path, models: Path, environment: Mapping[str, str], *arguments: str
) -> AsyncIterator[Deployment]:
    """A deployment to a sandbox of its own; `arguments` are those of the sandbox."""
    async with a_sandbox(folder / "cloud", environment, *arguments) as sandbox:
        google = await connect(sandbox.endpoints, environment, utc_now)
        try:
            yield Deployment(google, here_in(folder, environment), wish_in(folder, models))
        finally:
            await google.aclose()


async def switch(sandbox: SandboxProcess, fault: str, *, on: bool) -> None:
    """Let something go wrong, or no longer."""
    async with httpx.AsyncClient(trust_env=False) as http:
        address = f"http://{sandbox.endpoints.http}/sandbox/faults/{fault}"
        (await http.request("PUT" if on else "DELETE", address)).raise_for_status()


def step_of(plan: Plan, subject: Subject) -> Step:
    return next(each for each in plan.steps if each.subject is subject)


def states(application: Application) -> dict[str, str]:
    """Return how each step ended, by its subject."""
    return {
        str(step.subject): str(progress.state)
        for step, progress in zip(application.plan.steps, application.steps, strict=True)
    }


def all_done(application: Application) -> bool:
    return all(each.state in (StepState.DONE, StepState.SKIPPED) for each in application.steps)


def changed_in(plan: Plan) -> dict[str, list[str]]:
    """Return which settings a plan changes, by the subject of the step."""
    return {str(step.subject): [each.setting for each in step.changes] for step in plan.acting}
