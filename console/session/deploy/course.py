"""How far a plan is that is being carried out, told to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from console.model.deploy.progress import Application, Failure, StepProgress, StepState
from console.model.deploy.step import Plan
from console.model.models.push_progress import PushedFile
from console.model.rollout import Rollout
from console.model.text import SafeText
from console.terminal.sanitise import sanitise

LINES: Final = 200
"""How many lines of a build or an instance are kept."""

Told = Callable[[Application], None]


class Course:
    """The application of `plan` so far; `told` hears of every change, `clock` gives the time.

    `image` is the image to deploy once it is known by its digest, empty before.
    """

    def __init__(self, plan: Plan, told: Told, clock: Callable[[], datetime]) -> None:
        self.application = Application(plan=plan, steps=(StepProgress(),) * len(plan.steps))
        self.image = ""
        self._told = told
        self._clock = clock

    def begin(self, step: int) -> None:
        """A step begins."""
        self._step(step, state=StepState.RUNNING, began=self._clock())

    def say(
        self,
        step: int,
        doing: str,
        share: float | None = None,
        files: tuple[PushedFile, ...] = (),
    ) -> None:
        """Tell in words what is done for a step, and how far it is from 0 to 1 if that is known."""
        self._step(step, doing=sanitise(doing), share=share, files=files)

    def end(self, step: int, state: StepState, doing: str = "") -> None:
        """A step has ended, or was passed over."""
        share = 1.0 if state is StepState.DONE else None
        said = sanitise(doing) if doing else self.application.steps[step].doing
        began = self.application.steps[step].began
        ended = self._clock() if began else None
        self._step(step, state=state, doing=said, share=share, ended=ended)

    def line(self, line: SafeText) -> None:
        """Something was written by a build or an instance."""
        self._put(lines=(*self.application.lines[-LINES + 1 :], line))

    def rolls_out(self, rollout: Rollout | None) -> None:
        """The roll-out of the service is so far."""
        if rollout != self.application.rollout:
            self._put(rollout=rollout)

    def answers_at(self, url: SafeText | None) -> None:
        """The service answers there."""
        if url and url != self.application.url:
            self._put(url=url)

    def fail(self, step: int, failure: Failure) -> None:
        """A step failed, and with it all of it."""
        self.end(step, StepState.FAILED)
        self._put(failure=failure)

    def stop(self, step: int) -> None:
        """It was stopped before or in a step."""
        if self.application.steps[step].state is StepState.RUNNING:
            self.end(step, StepState.STOPPED)
        self._put(stopped=True)

    def _step(self, step: int, **changes: Any) -> None:
        steps = list(self.application.steps)
        steps[step] = replace(steps[step], **changes)
        if steps[step] != self.application.steps[step]:
            self._put(steps=tuple(steps))

    def _put(self, **changes: Any) -> None:
        self.application = replace(self.application, **changes)
        self._told(self.application)
