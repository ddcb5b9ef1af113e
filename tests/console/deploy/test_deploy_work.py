"""What the screen and the verbs call: a plan looked for, shown, carried out, stopped, held to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from deploy_scene import PLACE, Deployment, all_done
from running_session import until

from console.model.deploy.observed import Unseen
from console.model.deploy.progress import StepState
from console.model.deploy.step import Plan, Subject
from console.model.text import SafeText
from console.session.deploy_work import DeployWork
from console.sources.base import EngineFailed, Unauthenticated
from console.sources.google_channel import GoogleCloud
from console.store import Store


def work_on(at: Deployment) -> DeployWork:
    @asynccontextmanager
    async def way() -> AsyncIterator[GoogleCloud]:
        yield at.google

    return DeployWork(Store(), way, at.here)


async def carried_out(work: DeployWork, plan: Plan) -> None:
    """Apply, and wait until that has come to its end and is remembered."""
    work.apply(plan)
    await until(work.store, lambda: _has_ended(work))


def _has_ended(work: DeployWork) -> bool:
    application = work.store.deploy.application
    assert application is None or application.failure is None, application
    done = application is not None and application.done
    return done and work.store.deploy.applied is not None


async def test_a_plan_is_looked_for_shown_and_carried_out(at: Deployment) -> None:
    work = work_on(at)
    said: set[str] = set()
    work.store.subscribe(lambda _: said.add(str(work.store.deploy.looking)))

    plan = await work.look(at.wish)

    assert work.store.deploy.plan is plan
    assert work.store.deploy.looking is None
    assert work.store.deploy.observed_at is not None
    assert any("looking into" in each for each in said)
    await carried_out(work, plan)
    application = work.store.deploy.application
    assert application is not None
    assert all_done(application), application.failure
    assert work.store.deploy.applied is not None
    assert work.store.deploy.applied.wish == at.wish


async def test_drift_is_what_somebody_changed_since(at: Deployment) -> None:
    work = work_on(at)
    assert await work.look_for_drift(PLACE) is None
    await carried_out(work, await work.look(at.wish))
    calm = await work.look_for_drift(PLACE)
    assert calm is not None
    assert calm.acting == ()

    seen = await at.google.deploying.services.seen(PLACE)
    assert seen is not None
    by_hand = replace(seen.settings, concurrency=9)
    operation = await at.google.deploying.services.deploy(PLACE, by_hand)
    assert await at.rolled_out(operation) == ""
    drift = await work.look_for_drift(PLACE)

    assert drift is not None
    assert work.store.deploy.drift is drift
    assert [(each.setting, each.observed) for each in drift.acting[0].changes] == [
        ("requests at once", "9")
    ]


async def test_one_thing_at_a_time_and_it_can_be_stopped(at: Deployment) -> None:
    work = work_on(at)
    plan = await work.look(at.wish)
    work.apply(plan)
    with pytest.raises(EngineFailed, match="a plan is carried out; wait for it, or stop it"):
        work.apply(plan)
    with pytest.raises(EngineFailed, match="a plan is carried out"):
        await work.look(at.wish)
    await until(work.store, lambda: _state(work, Subject.MODELS) is StepState.RUNNING)

    assert work.stop()

    await until(work.store, lambda: work.store.deploy.unfinished)
    application = work.store.deploy.application
    assert application is not None
    assert application.stopped
    await carried_out(work, await work.look(at.wish))


def _state(work: DeployWork, subject: Subject) -> StepState | None:
    application = work.store.deploy.application
    if application is None:
        return None
    subjects = [each.subject for each in application.plan.steps]
    return application.steps[subjects.index(subject)].state


async def test_without_a_login_there_is_a_whole_plan_that_is_not_carried_out(
    at: Deployment,
) -> None:
    @asynccontextmanager
    async def no_way() -> AsyncIterator[GoogleCloud]:
        raise Unauthenticated(SafeText("Google Cloud does not know who asks"))
        yield at.google

    work = DeployWork(Store(), no_way, at.here)

    plan = await work.look(at.wish)

    assert isinstance(plan.observed.service, Unseen)
    assert plan.observed.service.blocks
    assert {each.subject for each in plan.acting} >= {Subject.BUCKET, Subject.SERVICE}
    assert [each.words for each in plan.blocked] == ["Google Cloud does not know who asks"]
    with pytest.raises(EngineFailed, match="does not know who asks"):
        work.apply(plan)


async def test_whoever_leaves_in_the_middle_leaves_the_service_free(at: Deployment) -> None:
    work = work_on(at)
    work.apply(await work.look(at.wish))
    await until(work.store, lambda: _state(work, Subject.BUCKET) is StepState.RUNNING)

    await work.close()

    with at.here.journal.alone(PLACE):
        assert at.here.journal.read(PLACE).plan
    again = work_on(at)
    again.recall(PLACE)
    assert again.store.deploy.unfinished


async def test_what_was_broken_off_when_all_was_done_is_no_longer_unfinished(
    at: Deployment,
) -> None:
    work = work_on(at)
    plan = await work.look(at.wish)
    await carried_out(work, plan)
    at.here.journal.note(PLACE, plan=plan.title, wish=at.wish, applied=None)

    again = await work.look(at.wish)

    assert again.acting == ()
    assert not work.store.deploy.unfinished
    assert work.store.deploy.applied is not None


async def test_a_roll_out_that_goes_on_is_something_to_be_waited_for(
    at: Deployment, tmp_path: Path
) -> None:
    await at.deploy()
    hold = tmp_path / "hold"
    hold.touch()
    plan = await at.plan(settings=replace(at.wish.settings, timeout=600))
    assert plan.service is not None
    operation = await at.google.deploying.services.deploy(PLACE, plan.service)

    waiting = await at.plan()

    assert [each.subject for each in waiting.acting] == [Subject.SERVICE]
    assert "wait until pictures" in waiting.acting[0].title
    hold.unlink()
    assert all_done(await at.apply(waiting))
    assert await at.rolled_out(operation) == ""
    assert (await at.google.services.get(PLACE)).timeout == 600
