"""Regions and quotas that do not allow what is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from console.language import tr
from console.model.deploy.observed import Absent, Unseen
from console.model.deploy.scene import Scene
from console.model.deploy.step import Refusal, Subject
from console.model.deploy.steps.quota import wanted_shape
from console.model.doctor.answers import Place
from console.model.doctor.finding import State
from console.model.doctor.quotas import UNLIMITED, quotas


def quota_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield the quotas that are too small, each by its own name, or that there is no such GPU."""
    shape, place = wanted_shape(scene), Place(scene.project, scene.region, "")
    unlimited: dict[str, int | None] = dict.fromkeys(shape.needs, UNLIMITED)
    everywhere = quotas(shape, unlimited, place)
    if everywhere.state is State.WARNING:
        yield Refusal(Subject.QUOTA, everywhere.found, tr("choose one of them by --region"))
        return
    for quota, need in shape.needs.items():
        seen = scene.observed.quotas.get(quota)
        if seen is None and quota not in scene.observed.quotas:
            continue
        if isinstance(seen, Unseen):
            continue
        allowed = None if isinstance(seen, Absent) else seen
        finding = quotas(shape, {**unlimited, quota: allowed}, place)
        if finding.state is State.WRONG:
            more = finding.mends[0].command
            fits = (allowed or 0) // (need // shape.instances)
            mend = (
                tr("--max-instances {fits}, or ask for more: {command}", fits=fits, command=more)
                if fits
                else more
            )
            yield Refusal(Subject.QUOTA, finding.found, mend)
