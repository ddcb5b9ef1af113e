"""A plan as rows: what keeps it from being carried out, its steps, and what stays or is to note."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final

from console.language import tr
from console.model.deploy.plan_words import MARKS, MEANINGS
from console.model.deploy.progress import Application, Failure, StepProgress, StepState
from console.model.deploy.snapshot import DeploySnapshot
from console.model.deploy.step import Effect, Plan, Refusal, Step
from console.model.models.rate_text import span_text
from console.terminal.sanitise import sanitise

STYLES: Final = {
    Effect.NOTHING: "$text-muted",
    Effect.CHECK: "$text-muted",
    Effect.CREATE: "$success",
    Effect.CHANGE: "$warning",
    Effect.DELETE: "$error",
}
STATES: Final = {
    StepState.WAITING: ("·", "$text-muted"),
    StepState.RUNNING: ("◔", "$warning"),
    StepState.DONE: ("✓", "$success"),
    StepState.SKIPPED: ("–", "$text-muted"),
    StepState.FAILED: ("✗", "$error"),
    StepState.STOPPED: ("▲", "$warning"),
}


class RowKind(Enum):
    """What a row is about."""

    REFUSED = auto()
    BLOCKED = auto()
    STEP = auto()
    STAYS = auto()
    NOTE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One row; `number` counts from 1 among those of its kind.

    `progress` is how far a step is once the plan is carried out, `failure` why it failed.
    """

    kind: RowKind
    number: int
    title: str
    mend: str = ""
    step: Step | None = None
    progress: StepProgress | None = None
    failure: Failure | None = None

    @property
    def key(self) -> tuple[RowKind, int]:
        """What tells it from the other rows of the plan."""
        return self.kind, self.number

    @property
    def mark(self) -> tuple[str, str]:
        """The sign in front of it, and in which style."""
        if self.step is not None and self.progress is not None:
            return STATES[self.progress.state]
        if self.step is not None:
            return MARKS[self.step.effect], STYLES[self.step.effect]
        return _SIGNS[self.kind]


_SIGNS: Final = {
    RowKind.REFUSED: ("✗", "$error"),
    RowKind.BLOCKED: ("▲", "$warning"),
    RowKind.STAYS: ("▫", "$text-muted"),
    RowKind.NOTE: ("i", "$accent"),
}


def application_of(known: DeploySnapshot) -> Application | None:
    """Return how far the plan is that is shown; None while nobody carries it out."""
    application = known.application
    return application if application is not None and application.plan is known.plan else None


def plan_rows(known: DeploySnapshot) -> tuple[PlanRow, ...]:
    """Return the rows of the plan that is shown."""
    if known.plan is None:
        return ()
    return (
        *_reasons(RowKind.REFUSED, known.plan.refusals),
        *_reasons(RowKind.BLOCKED, known.plan.blocked),
        *_steps(known.plan, application_of(known)),
        *_words(RowKind.STAYS, known.plan.stays),
        *_words(RowKind.NOTE, known.plan.notes),
    )


def legend(known: DeploySnapshot) -> str:
    """Return what the marks of the steps mean; nothing once they are being carried out."""
    if known.plan is None or application_of(known) is not None:
        return ""
    there = {each.effect for each in known.plan.steps}
    return "  ".join(f"{MARKS[each]} {tr(MEANINGS[each])}" for each in Effect if each in there)


def aside(row: PlanRow, now: datetime) -> str:
    """Return what stands at the end of a row: what a step costs, or how far it is."""
    if row.progress is not None:
        return _state(row.progress, now)
    if row.step is not None:
        return sanitise(row.step.brief)
    return ""


def took(progress: StepProgress, now: datetime) -> str:
    """Return how long a step takes or took; empty for one that never began."""
    if progress.began is None:
        return ""
    seconds = max(0.0, ((progress.ended or now) - progress.began).total_seconds())
    if progress.ended is None:
        seconds = float(int(seconds))
        return f"{seconds:.0f} s" if seconds < 60 else span_text(seconds)
    return f"{seconds:.1f} s" if seconds < 60 else span_text(seconds)


def _state(progress: StepProgress, now: datetime) -> str:
    if progress.state is StepState.WAITING:
        return ""
    if progress.state is StepState.SKIPPED:
        return tr("as it was")
    words = tr(progress.state.value)
    if progress.state is StepState.RUNNING and progress.share is not None:
        words = f"{int(progress.share * 100)} %"
    return f"{words}  {took(progress, now):>7}".rstrip()


def _reasons(kind: RowKind, reasons: tuple[Refusal, ...]) -> Iterator[PlanRow]:
    for number, each in enumerate(reasons, 1):
        yield PlanRow(
            kind=kind, number=number, title=sanitise(each.words), mend=sanitise(each.mend)
        )


def _words(kind: RowKind, words: tuple[str, ...]) -> Iterator[PlanRow]:
    for number, each in enumerate(words, 1):
        yield PlanRow(kind=kind, number=number, title=sanitise(each))


def _steps(plan: Plan, application: Application | None) -> Iterator[PlanRow]:
    failure = None if application is None else application.failure
    for place, step in enumerate(plan.steps):
        yield PlanRow(
            kind=RowKind.STEP,
            number=place + 1,
            title=sanitise(step.title),
            step=step,
            progress=None if application is None else application.steps[place],
            failure=failure if failure is not None and failure.step == place else None,
        )
