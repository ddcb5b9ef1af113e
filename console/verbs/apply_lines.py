"""How a plan is carried out, told line by line, and why it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TextIO

from rich.cells import cell_len, set_cell_size

from console.language import tr, tr_later
from console.model.deploy.progress import Application, StepProgress, StepState
from console.model.models.rate_text import span_text
from console.model.rollout import StageState
from console.terminal.sanitise import sanitise
from console.verbs.apply_document import seconds_taken
from console.verbs.status_line import StatusLine

_WORDS: Final = {
    StepState.DONE: tr_later("done"),
    StepState.SKIPPED: tr_later("as is"),
    StepState.FAILED: tr_later("FAILED"),
    StepState.STOPPED: tr_later("stopped"),
}
_ENDED: Final = frozenset(_WORDS)


class Teller:
    """Tells on `stream` of every step that ends, and shows on `line` what goes on meanwhile.

    `clock` gives the time of day.
    """

    def __init__(self, stream: TextIO, line: StatusLine, clock: Callable[[], datetime]) -> None:
        self._stream = stream
        self._line = line
        self._clock = clock
        self._told = 0

    def __call__(self, application: Application) -> None:
        """Hear how far it is."""
        steps = application.steps
        while self._told < len(steps) and steps[self._told].state in _ENDED:
            self._line.clear()
            print(step_line(application, self._told), file=self._stream, flush=True)
            self._told += 1
        if self._told < len(steps) and steps[self._told].state is StepState.RUNNING:
            self._line.show(doing_line(application, self._told, self._clock()))
        else:
            self._line.clear()


def step_line(application: Application, index: int) -> str:
    """Return the line of a step that has ended."""
    step, total = application.steps[index], len(application.steps)
    title = sanitise(application.plan.steps[index].title)
    took = tr(" ({span})", span=_seconds(step)) if step.state is not StepState.SKIPPED else ""
    room = max(cell_len(tr(each)) for each in _WORDS.values())
    return f"{set_cell_size(tr(_WORDS[step.state]), room)} {index + 1:>2}/{total} {title}{took}"


def doing_line(application: Application, index: int, now: datetime) -> str:
    """Return the line of a step that goes on."""
    step, total = application.steps[index], len(application.steps)
    began = step.began or now
    parts = [f"{index + 1}/{total} {step.doing or sanitise(application.plan.steps[index].title)}"]
    if application.rollout is not None:
        stage = application.rollout.present
        if stage.state is StageState.GOING_ON:
            parts.append(tr(stage.name).lower())
    if step.share is not None:
        parts.append(f"{step.share * 100:.0f} %")
    parts.append(span_text((now - began).total_seconds()))
    if application.lines:
        parts.append(application.lines[-1])
    return " · ".join(parts)


def failure_lines(application: Application) -> Iterator[str]:
    """Yield why it stopped, the last lines of what failed first."""
    failure = application.failure
    if failure is None:
        return
    yield from (f"  | {each}" for each in failure.lines)
    title = sanitise(application.plan.steps[failure.step].title)
    yield tr("{title}: {why}", title=title, why=failure.reason)
    if failure.mend:
        yield tr("mend: {mend}", mend=failure.mend)


def _seconds(step: StepProgress) -> str:
    took = seconds_taken(step)
    if took is None:
        return "–"
    return f"{took:.1f} s" if took < 60 else span_text(took)
