"""A deployment by the keys of its screen: planned, carried out, watched, taken back, removed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from console_scenes import settled, text_of
from deploy_scene import here_in, wish_in
from sandbox_console import Opened, sandbox_console
from textual.widgets import Input

from console.config import Config
from console.model.deploy.choices import Choices
from console.model.deploy.progress import Application, StepState
from console.model.deploy.step import Subject
from console.model.deploy.wish import ImageWay
from console.modes import OpenDeployer
from console.sandbox.cloud import Sandbox
from console.sandbox.run.demo_service import DEMO
from console.screens.modals.apply import ApplyScreen
from console.screens.modals.choose import ChooseScreen
from console.screens.modals.deploy_form import DeployForm
from console.session.deploy_desk import DeployDesk
from console.session.deploy_work import DeployWork
from console.session.engine_session import utc_now
from console.sources.google_channel import Endpoints, GoogleCloud, connect
from console.sources.tools import BUNDLED
from console.store import Store


@pytest.fixture
def deployer(tmp_path: Path, environment: dict[str, str]) -> Callable[[Sandbox], OpenDeployer]:
    """Deploys what a small Dockerfile makes; what is remembered is in a directory of the test."""
    wish = wish_in(tmp_path, BUNDLED, DEMO)
    here = here_in(tmp_path, environment)

    async def usual() -> Choices:
        return Choices(
            way=ImageWay.CLOUD_BUILD,
            source=wish.image.context,
            cpu="2",
            memory="4Gi",
            bucket="sandbox-z-image-models",
        )

    def to(sandbox: Sandbox) -> OpenDeployer:
        def open_desk(context: str, store: Store) -> DeployDesk:
            work = DeployWork(store, lambda: google_of(sandbox, environment), here)
            return DeployDesk(work, DEMO, usual)

        return open_desk

    return to


@asynccontextmanager
async def google_of(sandbox: Sandbox, environment: Mapping[str, str]) -> AsyncIterator[GoogleCloud]:
    at = sandbox.endpoints
    google = await connect(Endpoints.on_loopback(at.run, at.logging, at.http), environment, utc_now)
    try:
        yield google
    finally:
        await google.aclose()


async def opens(opened: Opened, screen: type, *keys: str) -> None:
    """Press keys, and wait until what they ask for is there to be answered."""
    await opened.pilot.press(*keys)
    for _ in range(2_000):
        await settled(opened.app, opened.pilot)
        if isinstance(opened.app.screen, screen):
            return
    raise AssertionError(f"no {screen.__name__} in\n{text_of(opened.app)}")


async def planned(opened: Opened) -> None:
    """Plan what the form proposes."""
    before = opened.store.deploy.plan
    await opens(opened, DeployForm, "n")
    await opened.pilot.press("enter")
    await until_planned(opened, before)


async def until_planned(opened: Opened, before: object) -> None:
    known = opened.store
    await opened.until(lambda: known.deploy.plan not in (None, before))
    await opened.until(lambda: known.deploy.looking is None)
    assert known.deploy.problem is None
    await settled(opened.app, opened.pilot)


async def carried_out(opened: Opened, word: str = "") -> Application:
    """Let the plan be carried out, by a key or a word, and wait until that has ended."""
    await opens(opened, ApplyScreen, "a")
    if word:
        opened.app.screen.query_one(Input).value = word
    await opened.pilot.press("enter" if word else "y")
    return await ended(opened)


async def ended(opened: Opened) -> Application:
    store = opened.store
    await opened.until(lambda: store.deploy.application is not None and not store.deploy.running)
    found = store.deploy.application
    assert found is not None
    await settled(opened.app, opened.pilot)
    return found


async def serving(opened: Opened) -> list[str]:
    """Return which revisions get requests, as Google's own client tells it."""
    service = await opened.services.get_service(name=DEMO.resource)
    newest = service.latest_ready_revision.rpartition("/")[2]
    return [each.revision or newest for each in service.traffic_statuses if each.percent]


async def test_a_deployment_is_planned_carried_out_watched_and_taken_back(
    config: Config,
    environment: dict[str, str],
    tmp_path: Path,
    deployer: Callable[[Sandbox], OpenDeployer],
) -> None:
    state = tmp_path / "state"
    async with sandbox_console(
        config, environment, state, stage_seconds=0.3, deployer=deployer
    ) as opened:
        store = opened.store
        first = await serving(opened)
        await opened.screen("f7")
        await opened.until(lambda: store.deploy.seen is not None)
        await settled(opened.app, opened.pilot)
        (serves,) = first
        assert f"{serves} 100 %" in " ".join(text_of(opened.app).split())
        await planned(opened)
        shown = text_of(opened.app)
        assert "deploy zimage to local-1 of sandbox" in shown
        assert "build Dockerfile.optimized" in shown

        seen: set[str] = set()
        store.subscribe(lambda _: seen.add(opened.app.screen.tabs.note.partition(" · ")[0]))
        done = await carried_out(opened, DEMO.service)
        assert done.done, done.failure
        assert any(each.startswith("deploying ") for each in seen)
        assert "✓ done in" in text_of(opened.app)
        assert await serving(opened) != first
        applied = store.deploy.applied
        assert applied is not None
        assert applied.wish.settings.memory == "4Gi"

        plan = store.deploy.plan
        await opens(opened, ChooseScreen, "b")
        await opened.pilot.press("enter")
        await until_planned(opened, plan)
        back = await carried_out(opened)
        assert back.done, back.failure
        assert await serving(opened) == first

        plan = store.deploy.plan
        await opens(opened, ChooseScreen, "X")
        await opened.pilot.press("enter")
        await until_planned(opened, plan)
        gone = await carried_out(opened, DEMO.service)
        assert gone.done, gone.failure
        assert store.deploy.applied is None


async def test_what_was_stopped_is_gone_on_with_by_the_next_console(
    config: Config,
    environment: dict[str, str],
    tmp_path: Path,
    deployer: Callable[[Sandbox], OpenDeployer],
) -> None:
    state = tmp_path / "state"
    async with sandbox_console(
        config, environment, state, stage_seconds=0.3, deployer=deployer
    ) as opened:
        store = opened.store
        await opened.screen("f7")
        await planned(opened)
        await opens(opened, ApplyScreen, "a")
        opened.app.screen.query_one(Input).value = DEMO.service
        await opened.pilot.press("enter")
        await opened.until(lambda: step(store, Subject.REPOSITORY) is StepState.DONE)
        await opened.pilot.press("s")
        stopped = await ended(opened)
        assert stopped.stopped
        assert "o goes on where it ended" in text_of(opened.app)

    async with sandbox_console(
        config, environment, state, stage_seconds=0.3, deployer=deployer
    ) as opened:
        await opened.screen("f7")
        assert "not brought to its end: deploy zimage" in text_of(opened.app)
        await opened.pilot.press("o")
        await until_planned(opened, None)
        plan = opened.store.deploy.plan
        assert plan is not None
        assert Subject.REPOSITORY not in {each.subject for each in plan.acting}
        rest = await carried_out(opened, DEMO.service)
        assert rest.done, rest.failure
        assert not opened.store.deploy.unfinished


async def test_a_service_that_does_not_start_says_why_and_what_mends_it(
    config: Config,
    environment: dict[str, str],
    tmp_path: Path,
    deployer: Callable[[Sandbox], OpenDeployer],
) -> None:
    async with sandbox_console(
        config, environment, tmp_path / "state", deployer=deployer
    ) as opened:
        await opened.screen("f7")
        await planned(opened)
        await opened.begin("start-fails")
        failed = await carried_out(opened, DEMO.service)
        assert failed.failure is not None
        shown = text_of(opened.app)
        assert "✗ failed at step" in shown
        assert "o goes on" in shown
        assert "mend " in shown
        await opened.end("start-fails")
        plan = opened.store.deploy.plan
        await opened.pilot.press("o")
        await until_planned(opened, plan)
        again = await carried_out(opened)
        assert again.done, again.failure


def step(store: Store, subject: Subject) -> StepState | None:
    """Return how far the step about a subject is."""
    application = store.deploy.application
    if application is None:
        return None
    subjects = [each.subject for each in application.plan.steps]
    return application.steps[subjects.index(subject)].state
