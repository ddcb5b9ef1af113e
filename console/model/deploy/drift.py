"""What somebody changed since something was deployed from here, one line for each thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from console.language import tr
from console.model.deploy.plan_words import SUBJECTS
from console.model.deploy.step import Effect, Plan, Step, Subject

_NONE: Final = "–"


def drift_lines(drift: Plan) -> tuple[str, ...]:
    """Return in what there is something else than was deployed; `drift` is the plan back to it.

    What nobody could look at is no change.
    """
    acting = (each for each in drift.acting if not each.assumed)
    return tuple(line for step in acting for line in _lines(step))


def _lines(step: Step) -> Iterator[str]:
    if step.subject is Subject.IMAGE:
        yield tr("image: it was built from another source than is here now, or is gone")
    elif step.subject is Subject.MODELS:
        yield tr("models: {what}", what=step.title)
    elif step.effect is not Effect.CHANGE or not step.changes:
        yield tr(
            "{subject}: not there any more, or not as it was", subject=tr(SUBJECTS[step.subject])
        )
    else:
        for each in step.changes:
            if each.open:
                continue
            if each.observed == _NONE:
                yield tr(
                    "{setting}: is not there, was {before}",
                    setting=each.setting,
                    before=each.wanted,
                )
            else:
                yield tr(
                    "{setting}: is {now}, was {before}",
                    setting=each.setting,
                    now=each.observed,
                    before=each.wanted,
                )
