"""Looks whether the quotas still allow what is deployed."""

from __future__ import annotations

import asyncio
from typing import Final

from console.language import tr
from console.model.deploy.progress import StepState
from console.model.deploy.scene import Scene
from console.model.deploy.steps.quota import wanted_shape
from console.model.doctor.answers import NOBODY, Place
from console.model.doctor.finding import State
from console.model.doctor.quotas import quotas
from console.session.deploy.work import StepFailed, Work
from console.session.doctor.asking import ask
from console.terminal.sanitise import sanitise

_SECONDS: Final = 20.0


async def check_quotas(work: Work) -> StepState:
    """Look at the quotas; raises `StepFailed` if one is too small.

    What nobody tells is for Cloud Run to refuse.
    """
    scene = Scene(work.wish, work.plan.observed, work.world.here.prices)
    shape, at = wanted_shape(scene), work.place
    project = work.world.google.project
    names = tuple(shape.needs)
    answers = await asyncio.gather(
        *(
            ask(project.quota(at.project, at.region, each), tr("read quotas"), _SECONDS)
            for each in names
        )
    )
    place = Place(at.project, at.region, at.service, NOBODY, "")
    found = quotas(shape, dict(zip(names, answers, strict=True)), place)
    if found.state is State.WRONG:
        mend = found.mends[0].command or found.mends[0].words if found.mends else ""
        raise StepFailed(sanitise(found.found), mend=sanitise(mend))
    work.say(found.found)
    return StepState.DONE
