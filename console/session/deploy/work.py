"""One step that is being carried out: what it is about, by what, and whom to tell."""

from __future__ import annotations

from dataclasses import dataclass

from console.model.deploy.step import Plan, Step
from console.model.deploy.wish import DeployWish
from console.model.models.push_progress import PushedFile
from console.model.service import ServiceName
from console.model.text import SafeText
from console.session.deploy.course import Course
from console.session.deploy.journal import Journal, Remembered
from console.session.deploy.pace import Pace, Tries
from console.session.deploy.world import World
from console.sources.base import SourceError
from console.sources.deploying.base import Deploying


class Drifted(SourceError):
    """Something is not as it was when the plan was made, nor as it should be."""


class StepFailed(SourceError):
    """A step failed: `lines` are the last ones of what failed, `mend` what helps, if known."""

    def __init__(
        self, message: SafeText, lines: tuple[SafeText, ...] = (), mend: SafeText | None = None
    ) -> None:
        super().__init__(message)
        self.lines = lines
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Work:
    """The step number `index` of `plan`, which is about the service `place`.

    Everything is looked at again before it is changed: what is as it should be already is left
    alone, and so a step can be carried out any number of times.
    """

    plan: Plan
    index: int
    place: ServiceName
    world: World
    course: Course
    pace: Pace
    tries: Tries

    @property
    def step(self) -> Step:
        """What is to be done."""
        return self.plan.steps[self.index]

    @property
    def wish(self) -> DeployWish:
        """What is wanted; for steps of a plan that comes of a wish."""
        assert self.plan.wish is not None
        return self.plan.wish

    @property
    def target(self) -> str:
        """The name of what the step is about, as its interface has it."""
        return self.step.target.removeprefix("gs://").rstrip("/")

    @property
    def deploying(self) -> Deploying:
        """By what the cloud is changed."""
        return self.world.google.deploying

    @property
    def journal(self) -> Journal:
        """What outlives this process."""
        return self.world.here.journal

    @property
    def remembered(self) -> Remembered:
        """What earlier processes left."""
        return self.journal.read(self.place)

    def say(
        self, doing: str, share: float | None = None, files: tuple[PushedFile, ...] = ()
    ) -> None:
        """Tell what is being done.

        `share` is how far it is from 0 to 1, and `files` how far each file is.
        """
        self.course.say(self.index, doing, share, files)

    def answered(self) -> None:
        """Note that long work goes on, and is told of: patience begins anew."""
        self.tries.progressed()
