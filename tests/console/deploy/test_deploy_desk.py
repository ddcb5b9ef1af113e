"""What becomes of wishes at the screen of the deployment, without a cloud that answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio
from deploy_scene import here_in, wish_in
from running_session import until

from console.model.cost.prices import Gpu
from console.model.deploy.choices import Choices
from console.model.deploy.snapshot import Applied
from console.model.deploy.wish import DeployWish, ImageWay, Variant
from console.model.service import ServiceName
from console.model.text import SafeText
from console.session.deploy_desk import DeployDesk
from console.session.deploy_work import DeployWork
from console.session.engine_session import utc_now
from console.sources.base import EngineFailed, Offline
from console.sources.google_channel import GoogleCloud
from console.sources.tools import BUNDLED
from console.store import Store

PLACE = ServiceName("my-project", "us-central1", "z-image")
GONE = "Google Cloud is out of reach"


@dataclass
class At:
    """A desk; the way to the cloud opens once `gate` is set, and leads nowhere."""

    desk: DeployDesk
    store: Store
    gate: asyncio.Event
    wish: DeployWish
    usual: Choices
    remember: Callable[..., object]

    async def looked(self) -> None:
        await until(self.store, lambda: self.store.deploy.looking is None)


@pytest_asyncio.fixture
async def at(tmp_path: Path, environment: dict[str, str]) -> AsyncIterator[At]:
    gate, store, here = asyncio.Event(), Store(), here_in(tmp_path, environment)
    gate.set()
    wish = wish_in(tmp_path, BUNDLED, PLACE)

    @asynccontextmanager
    async def way() -> AsyncIterator[GoogleCloud]:
        await gate.wait()
        raise Offline(SafeText(GONE))
        yield

    usual = Choices(way=ImageWay.CLOUD_BUILD, source=wish.image.context, models=str(BUNDLED))

    async def usually() -> Choices:
        return usual

    desk = DeployDesk(DeployWork(store, way, here), PLACE, usually)

    def remember(**known: object) -> None:
        here.journal.note(PLACE, **known)

    yield At(desk, store, gate, wish, usual, remember)
    await desk.close()


async def test_without_a_cloud_there_is_a_plan_that_says_what_it_is_blocked_by(at: At) -> None:
    at.desk.deploy(at.usual)
    await until(at.store, lambda: at.store.deploy.plan is not None)
    plan = at.store.deploy.plan
    assert plan is not None
    assert [each.words for each in plan.blocked] == [GONE]
    assert plan.acting
    with pytest.raises(EngineFailed, match=GONE):
        at.desk.apply(plan)


async def test_looking_can_be_stopped_and_says_so(at: At) -> None:
    at.gate.clear()
    at.desk.deploy(at.usual)
    await until(at.store, lambda: at.store.deploy.looking is not None)
    assert at.desk.stop()
    await until(at.store, lambda: at.store.deploy.problem is not None)
    assert at.store.deploy.problem == "stopped looking; nothing was changed"
    assert at.store.deploy.looking is None
    assert at.store.deploy.plan is None
    assert not at.desk.stop()


async def test_of_two_wishes_the_last_one_counts(at: At) -> None:
    at.gate.clear()
    at.desk.deploy(at.usual)
    await until(at.store, lambda: at.store.deploy.looking is not None)
    at.desk.deploy(replace(at.usual, variant=Variant.GPU))
    at.gate.set()
    await until(at.store, lambda: at.store.deploy.plan is not None)
    plan = at.store.deploy.plan
    assert plan is not None
    assert plan.wish is not None
    assert plan.wish.variant is Variant.GPU
    assert at.store.deploy.problem is None


async def test_a_move_of_a_service_that_nobody_could_look_at_is_a_plan_that_says_why(
    at: At,
) -> None:
    for wished in (
        lambda: at.desk.roll_back(""),
        lambda: at.desk.scale(0),
        lambda: at.desk.split(()),
    ):
        before = at.store.deploy.plan
        wished()
        await until(at.store, lambda before=before: at.store.deploy.plan is not before)
        plan = at.store.deploy.plan
        assert plan is not None
        assert plan.hindrances


async def test_nothing_is_planned_once_more_where_nothing_was(at: At) -> None:
    with pytest.raises(EngineFailed, match="n plans a deployment"):
        at.desk.again()
    with pytest.raises(EngineFailed, match="nothing was deployed from here yet"):
        at.desk.drift()


async def test_what_was_begun_and_never_ended_is_planned_again(at: At) -> None:
    at.remember(plan="deploy z-image", wish=at.wish)
    at.desk.wanted()
    assert (at.store.deploy.unfinished, at.store.deploy.begun) == (True, "deploy z-image")
    at.desk.again()
    await until(at.store, lambda: at.store.deploy.plan is not None)
    plan = at.store.deploy.plan
    assert plan is not None
    assert plan.wish == at.wish


async def test_who_comes_to_see_it_is_told_what_is_remembered_and_what_cannot_be_seen(
    at: At,
) -> None:
    at.remember(applied=Applied(wish=at.wish, at=utc_now()))
    at.desk.wanted()
    assert at.store.deploy.applied is not None
    await until(at.store, lambda: at.store.deploy.drift is not None)
    drift = at.store.deploy.drift
    assert drift is not None
    assert drift.blocked
    assert at.store.deploy.looking is None


async def test_who_comes_back_to_a_plan_finds_it_and_waits_for_nothing(at: At) -> None:
    at.remember(applied=Applied(wish=at.wish, at=utc_now()))
    at.desk.deploy(at.usual)
    await until(at.store, lambda: at.store.deploy.plan is not None)
    at.desk.wanted()
    assert not at.desk.stop()


async def test_the_form_begins_with_what_was_deployed_or_begun_or_is_usual(at: At) -> None:
    assert await at.desk.choices() == at.usual
    at.remember(wish=replace(at.wish, bucket="begun"))
    assert (await at.desk.choices()).bucket == "begun"
    at.remember(applied=Applied(wish=replace(at.wish, bucket="applied"), at=utc_now()))
    chosen = await at.desk.choices()
    assert chosen.bucket == "applied"
    assert chosen.gpu is Gpu.L4
    assert chosen.memory == at.wish.settings.memory
