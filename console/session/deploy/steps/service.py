"""Makes or changes the service, and watches it until requests go to what is new."""

from __future__ import annotations

from dataclasses import replace

from console.language import tr
from console.model.deploy.differences import changes
from console.model.deploy.observed import ServiceSeen, Unseen
from console.model.deploy.progress import StepState
from console.model.deploy.settings import ServiceSettings
from console.session.deploy.rollout_watch import watched
from console.session.deploy.work import Drifted, StepFailed, Work
from console.terminal.sanitise import sanitise


async def roll_out(work: Work) -> StepState:
    """Make the service what it is to be; raises `SourceError`, and `StepFailed` with the log."""
    wanted = _wanted(work)
    seen = await work.deploying.services.seen(work.place)
    _hold_to_plan(work, seen, wanted)
    work.say(tr("asking Cloud Run"))
    operation = await work.deploying.services.deploy(work.place, wanted)
    if not operation:
        if seen is not None:
            work.course.answers_at(seen.facts.url)
        return StepState.SKIPPED
    await watched(work, operation)
    return StepState.DONE


def _wanted(work: Work) -> ServiceSettings:
    """Return the settings with the image by its digest."""
    wanted = work.plan.service
    assert wanted is not None
    image = work.course.image or wanted.image
    if not image:
        raise StepFailed(sanitise(tr("no image is known that the service could run; plan anew")))
    return replace(wanted, image=image)


def _hold_to_plan(work: Work, seen: ServiceSeen | None, wanted: ServiceSettings) -> None:
    """Raise `Drifted` if the service is neither as the plan saw it nor as it is to be."""
    planned = work.plan.observed.service
    if seen is None or isinstance(planned, Unseen) or _same(seen.settings, wanted):
        return
    if isinstance(planned, ServiceSeen) and _same(seen.settings, planned.settings):
        return
    changed = isinstance(planned, ServiceSeen)
    if by := seen.facts.updated_by:
        said = (
            tr("{place} was changed by {who} since the plan was made", place=work.place, who=by)
            if changed
            else tr("{place} was made by {who} since the plan was made", place=work.place, who=by)
        )
    elif changed:
        said = tr("{place} was changed since the plan was made", place=work.place)
    else:
        said = tr("{place} was made since the plan was made", place=work.place)
    raise Drifted(sanitise(tr("{what}; plan anew and read it again", what=said)))


def _same(one: ServiceSettings, other: ServiceSettings) -> bool:
    return not changes(one, other)
