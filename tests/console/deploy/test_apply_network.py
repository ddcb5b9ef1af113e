"""The network goes away in the middle of a deployment, again and again, and it comes to its end."""

from __future__ import annotations

import pytest
from deploy_scene import PLACE, Deployment, all_done, states

from console.model.deploy.moving import plan_scale
from console.model.deploy.progress import Application, StepProgress, StepState
from console.model.deploy.step import Subject
from console.sandbox.cloud import Sandbox
from console.sandbox.faults import Fault


class Outages:
    """Takes the network away once in each step, and gives it back when the step waits for it."""

    def __init__(self, cloud: Sandbox, fault: Fault) -> None:
        self.seen: set[Subject] = set()
        self._cloud = cloud
        self._fault = fault
        self._ending = False

    def __call__(self, now: Application) -> None:
        for step, progress in zip(now.plan.steps, now.steps, strict=True):
            if progress.state is not StepState.RUNNING:
                continue
            if step.subject not in self.seen:
                self.seen.add(step.subject)
                self._cloud.faults.begin(self._fault)
            elif _waits(progress):
                self._cloud.faults.end(self._fault)


def _waits(progress: StepProgress) -> bool:
    """Say whether something failed, and is tried again."""
    told = ("trying again", "waiting for an instance")
    return any(each in progress.doing for each in told) or any(
        each.note or each.failures for each in progress.files
    )


async def test_it_is_waited_for_in_every_step(at: Deployment, cloud: Sandbox) -> None:
    outages = Outages(cloud, Fault.NETWORK_DOWN)
    plan = await at.plan(callers=("user:somebody@example.com",))

    application = await at.apply(plan, outages)

    assert all_done(application), (states(application), application.failure)
    done = {each.subject for each in plan.steps if each.subject is not Subject.QUOTA}
    assert outages.seen >= done


async def test_an_answer_that_is_lost_makes_nothing_twice(at: Deployment, cloud: Sandbox) -> None:
    outages = Outages(cloud, Fault.ANSWER_LOST)
    plan = await at.plan(callers=("user:somebody@example.com",))

    application = await at.apply(plan, outages)

    assert all_done(application), (states(application), application.failure)
    cloud.faults.end(Fault.ANSWER_LOST)
    again = await at.plan()
    assert again.acting == ()
    assert len(again.observed.service.revisions) == 1


async def test_a_cloud_that_has_too_much_to_do_is_asked_again(
    at: Deployment, cloud: Sandbox
) -> None:
    outages = Outages(cloud, Fault.CHANGES_THROTTLED)
    plan = await at.plan()

    application = await at.apply(plan, outages)

    assert all_done(application), (states(application), application.failure)


async def test_an_account_that_is_not_known_everywhere_yet_is_waited_for(
    at: Deployment, cloud: Sandbox
) -> None:
    cloud.faults.begin(Fault.ACCOUNT_LATE, 1.0)

    application = await at.deploy()

    assert all_done(application), (states(application), application.failure)


@pytest.mark.parametrize("subject", [Subject.APIS, Subject.BUCKET, Subject.MODELS, Subject.IMAGE])
async def test_patience_comes_to_its_end(at: Deployment, cloud: Sandbox, subject: Subject) -> None:
    plan = await at.plan()
    place = [each.subject for each in plan.steps].index(subject)

    def end(now: Application) -> None:
        if now.steps[place].state is StepState.RUNNING:
            cloud.faults.begin(Fault.NETWORK_DOWN)

    at.quiet_seconds = 0.3
    application = await at.apply(plan, end)

    assert application.failure is not None
    assert application.failure.step == place
    assert "is there a network?" in application.failure.reason


async def test_patience_comes_to_its_end_for_a_service_that_there_is(
    at: Deployment, cloud: Sandbox
) -> None:
    await at.deploy()
    observed = (await at.plan()).observed
    held = plan_scale(PLACE, observed, 0, at.here.prices)
    at.quiet_seconds = 0.3
    cloud.faults.begin(Fault.NETWORK_DOWN)

    application = await at.apply(held)

    assert application.failure is not None
    assert "is there a network?" in application.failure.reason
