"""Switches on the interfaces that a deployment needs."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.progress import StepState
from console.model.deploy.steps.apis import needed_apis
from console.session.deploy.work import Work
from console.sources.base import Denied


async def switch_on(work: Work) -> StepState:
    """Switch on what is off; raises `SourceError`."""
    needed = needed_apis(work.wish.image.way)
    project = work.place.project
    try:
        on = await work.world.google.project.interfaces(project)
    except Denied:
        # Where the list itself may not be read, or its own interface is off, all are asked for.
        on = frozenset()
    off = [each for each in needed if each not in on]
    if not off:
        return StepState.SKIPPED
    work.say(tr("switching on {names}", names=tr(", ").join(off)))
    await work.deploying.apis.enable(project, off)
    return StepState.DONE
