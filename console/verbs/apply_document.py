"""How the carrying out of a plan ended, as one JSON document of the same shape however it did."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from console.model.deploy.document import plan_document
from console.model.deploy.progress import Application, StepProgress

SCHEMA_VERSION: Final = 1


class Outcome(StrEnum):
    """How it ended.

    `refused` is for a rule of safety, or for what speaks against the plan, before anything was
    changed; `stopped` is by a signal.
    """

    DONE = "done"
    NOTHING_TO_DO = "nothing to do"
    REFUSED = "refused"
    NOT_CONFIRMED = "not confirmed"
    FAILED = "failed"
    STOPPED = "stopped"


def application_document(
    application: Application, outcome: Outcome, why: Sequence[str]
) -> dict[str, object]:
    """Return what came of a plan, with the plan; `why` is what is said of it in lines."""
    failure = application.failure
    return {
        "schema_version": SCHEMA_VERSION,
        "outcome": outcome.value,
        "why": list(why),
        "plan": plan_document(application.plan),
        "url": application.url,
        "steps": [
            {
                "subject": planned.subject.value,
                "state": each.state.value,
                "seconds": seconds_taken(each),
            }
            for planned, each in zip(application.plan.steps, application.steps, strict=True)
        ],
        "failure": None
        if failure is None
        else {
            "step": failure.step,
            "reason": failure.reason,
            "lines": list(failure.lines),
            "mend": failure.mend or None,
        },
    }


def unplanned_document(outcome: Outcome, why: Sequence[str]) -> dict[str, object]:
    """Return the same where there is no plan, since it ended before."""
    return {
        "schema_version": SCHEMA_VERSION,
        "outcome": outcome.value,
        "why": list(why),
        "plan": None,
        "url": None,
        "steps": [],
        "failure": None,
    }


def seconds_taken(step: StepProgress) -> float | None:
    """Return how long a step took, None as long as it has not ended."""
    if step.began is None or step.ended is None:
        return None
    return round(max(0.0, (step.ended - step.began).total_seconds()), 3)
