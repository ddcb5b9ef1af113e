"""Sends requests to other revisions, and holds as many instances as are wanted."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.progress import StepState
from console.session.deploy.rollout_watch import watched
from console.session.deploy.work import Work


async def send_requests(work: Work) -> StepState:
    """Send requests where the plan says; raises `SourceError`."""
    work.say(tr("asking Cloud Run"))
    operation = await work.deploying.services.set_traffic(work.place, work.plan.traffic)
    if not operation:
        return StepState.SKIPPED
    await watched(work, operation)
    return StepState.DONE


async def hold_instances(work: Work) -> StepState:
    """Have as many instances as the plan says; raises `SourceError`."""
    work.say(tr("asking Cloud Run"))
    operation = await work.deploying.services.set_instances(work.place, work.plan.instances)
    if not operation:
        return StepState.SKIPPED
    await watched(work, operation)
    return StepState.DONE
