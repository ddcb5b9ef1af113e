"""Lets in who is to call the service, and shuts out who is not."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.progress import StepState
from console.model.deploy.steps.access import wanted_policy
from console.session.deploy.work import Work


async def let_call(work: Work) -> StepState:
    """Give the service the callers that are wanted; raises `SourceError`."""
    observed = await work.world.google.services.policy(work.place)
    wanted = wanted_policy(work.wish, observed)
    if set(wanted.callers()) == set(observed.callers()):
        return StepState.SKIPPED
    work.say(tr("changing who may call"))
    await work.deploying.services.set_callers(work.place, wanted)
    return StepState.DONE
