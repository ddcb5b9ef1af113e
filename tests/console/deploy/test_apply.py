"""A plan carried out: what is there is left alone, what changed meanwhile ends it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from deploy_scene import PLACE, Deployment, all_done, states, step_of

from console.model.deploy.destroying import plan_destroy
from console.model.deploy.observed import ABSENT, Absent
from console.model.deploy.progress import StepState
from console.model.deploy.step import Effect, Subject
from console.model.models.bucket_settings import SafeSettings
from console.session.deploy.journal import Busy
from console.session.deploy.observing import observe


async def test_what_is_wanted_comes_about_and_nothing_is_left_to_do(at: Deployment) -> None:
    application = await at.deploy(callers=("user:somebody@example.com",))

    assert all_done(application), application.failure
    assert application.url is not None
    again = await at.plan()
    assert again.acting == ()
    assert {each.effect for each in again.steps} == {Effect.NOTHING, Effect.CHECK}


async def test_all_that_is_told_is_a_way_forward(at: Deployment) -> None:
    await at.deploy()

    order = list(StepState)
    for before, after in zip(at.told, at.told[1:], strict=False):
        for one, other in zip(before.steps, after.steps, strict=True):
            assert order.index(other.state) >= order.index(one.state)
    files = [each for told in at.told for step in told.steps for each in step.files]
    assert {each.name for each in files} == {
        *("tiny_ae.safetensors", "tiny_qwen3.gguf", "tiny_z_image.gguf"),
    }
    assert any(told.rollout is not None and told.rollout.going_on for told in at.told)
    written = [each for each in at.told[-1].lines if "greeting.txt" in each]
    assert written, "what the build wrote is not told"


async def test_what_somebody_else_made_meanwhile_as_wanted_is_left_alone(at: Deployment) -> None:
    plan = await at.plan()
    maker = at.google.uploads.maker()
    safe = SafeSettings(region=PLACE.region, reader=PLACE.region)
    await maker.create(PLACE.project, at.wish.bucket, safe)

    application = await at.apply(plan)

    assert states(application)["bucket"] == "skipped"
    assert all_done(application), application.failure


async def test_a_service_that_somebody_else_changed_meanwhile_is_left_alone(at: Deployment) -> None:
    await at.deploy()
    plan = await at.plan(settings=replace(at.wish.settings, timeout=600))
    by_hand = replace(plan.service, concurrency=9)
    operation = await at.google.deploying.services.deploy(PLACE, by_hand)
    assert await at.rolled_out(operation) == ""

    application = await at.apply(plan)

    assert application.failure is not None
    assert "was changed by operator@sandbox.test since the plan was made" in (
        application.failure.reason
    )
    assert (await at.google.services.get(PLACE)).concurrency == 9


async def test_a_source_that_changed_since_the_plan_is_not_built(at: Deployment) -> None:
    plan = await at.plan()
    greeting = Path(at.wish.image.context) / "greeting.txt"
    greeting.write_text("good night\n")

    application = await at.apply(plan)

    assert application.failure is not None
    assert "changed since the plan was made; plan anew" in application.failure.reason
    assert isinstance((await at.plan()).observed.image, Absent)


async def test_two_at_once_are_one_too_many(at: Deployment) -> None:
    plan = await at.plan()
    with (
        at.here.journal.alone(PLACE),
        pytest.raises(Busy, match="another process on this machine carries out a plan") as refused,
    ):
        await at.apply(plan)

    assert "\n" not in refused.value.message
    assert at.told == []
    assert all_done(await at.apply(plan))


@pytest.mark.parametrize("subject", [Subject.MODELS, Subject.IMAGE, Subject.SERVICE])
async def test_what_was_stopped_is_gone_on_with(at: Deployment, subject: Subject) -> None:
    plan = await at.plan()
    index = plan.steps.index(step_of(plan, subject))

    def stop_there(now: object) -> None:
        if at.told[-1].steps[index].state is StepState.RUNNING:
            at.stop.set()

    stopped = await at.apply(plan, stop_there)

    assert stopped.stopped
    assert stopped.failure is None
    assert not stopped.running
    assert states(stopped)["access"] == "waiting"
    assert at.here.journal.read(PLACE).plan == plan.title
    at.stop.clear()
    assert all_done(await at.deploy())
    assert at.here.journal.read(PLACE).plan == ""


async def test_what_was_deployed_is_remembered(at: Deployment) -> None:
    await at.deploy()

    applied = at.here.journal.read(PLACE).applied

    assert applied is not None
    assert applied.wish == at.wish


async def test_what_is_removed_twice_is_gone_all_the_same(at: Deployment) -> None:
    await at.deploy()
    observed = await observe(at.wish, at.google, at.here, neighbours=True)
    plan = plan_destroy(at.wish, observed, at.here.prices, with_bucket=True)
    assert plan.hindrances == ()

    assert all_done(await at.apply(plan))
    assert at.here.journal.read(PLACE).applied is None
    assert all_done(await at.apply(plan))

    left = await observe(at.wish, at.google, at.here)
    assert {left.service, left.account, left.bucket, left.repository} == {ABSENT}
