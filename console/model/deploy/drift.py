"""What somebody changed since something was deployed from here, one line for each thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from console.model.deploy.scene import TO_BE_BUILT
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
        yield "image: it was built from another source than is here now, or is gone"
    elif step.subject is Subject.MODELS:
        yield f"models: {step.title}"
    elif step.effect is not Effect.CHANGE or not step.changes:
        yield f"{step.subject}: not there any more, or not as it was"
    else:
        for each in step.changes:
            if each.wanted == TO_BE_BUILT:
                continue
            is_now = "is not there" if each.observed == _NONE else f"is {each.observed}"
            yield f"{each.setting}: {is_now}, was {each.wanted}"
