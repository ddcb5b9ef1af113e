"""How far a plan is that is being carried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.language import tr_later
from console.model.deploy.observed import NOTHING
from console.model.deploy.step import Plan
from console.model.models.push_progress import PushedFile
from console.model.rollout import Rollout
from console.model.text import SafeText


class StepState(StrEnum):
    """How far one step is."""

    WAITING = tr_later("waiting")
    RUNNING = tr_later("running")
    DONE = tr_later("done")
    SKIPPED = tr_later("skipped")
    FAILED = tr_later("failed")
    STOPPED = tr_later("stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress:
    """One step: `doing` says in words what goes on, `share` how far it is from 0 to 1 if known.

    `files` are those that are sent, while they are.
    """

    state: StepState = StepState.WAITING
    doing: SafeText = NOTHING
    share: float | None = None
    began: datetime | None = None
    ended: datetime | None = None
    files: tuple[PushedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why it stopped: the platform's own reason, the last lines of what failed, and the mend."""

    step: int
    reason: SafeText
    lines: tuple[SafeText, ...] = ()
    mend: SafeText = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A plan on its way; `steps` are those of the plan, in order.

    `lines` are the latest of what a build or an instance writes, oldest first. `rollout` is that of
    the service while it is rolled out. `url` is where the service answers, once known.
    """

    plan: Plan
    steps: tuple[StepProgress, ...]
    lines: tuple[SafeText, ...] = ()
    rollout: Rollout | None = None
    failure: Failure | None = None
    url: SafeText | None = None
    stopped: bool = False

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return not (self.done or self.stopped or self.failure)

    @property
    def done(self) -> bool:
        """Whether every step came to its end."""
        good = (StepState.DONE, StepState.SKIPPED)
        return all(each.state in good for each in self.steps)
