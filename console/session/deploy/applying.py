"""Carries a plan out, step by step, and tells how far it is.

Before each step it is looked again at what the step is about: what is as it should be already is
left alone, what somebody else changed meanwhile ends it. So whatever ends the process, the same
again goes on where it ended. What passes by itself is waited for; anything else ends it at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from console.language import tr
from console.model.deploy.progress import Application, StepState
from console.model.deploy.snapshot import Applied
from console.model.deploy.step import Effect, Plan, Step, Subject
from console.session.deploy.course import Course, Told
from console.session.deploy.failing import explained, unforeseen
from console.session.deploy.pace import Pace, Stopped, Tries
from console.session.deploy.settling import Settling
from console.session.deploy.steps.access import let_call
from console.session.deploy.steps.account import let_read, make_account
from console.session.deploy.steps.apis import switch_on
from console.session.deploy.steps.bucket import set_up_bucket
from console.session.deploy.steps.cloud_build import tidy_up
from console.session.deploy.steps.health import ask_until_ready
from console.session.deploy.steps.image import provide_image
from console.session.deploy.steps.models import send_models
from console.session.deploy.steps.quota import check_quotas
from console.session.deploy.steps.removal import remove
from console.session.deploy.steps.repository import make_repository
from console.session.deploy.steps.service import roll_out
from console.session.deploy.steps.traffic import hold_instances, send_requests
from console.session.deploy.work import Work
from console.session.deploy.world import World
from console.sources.base import EngineFailed, SourceError
from console.terminal.sanitise import sanitise

Executor = Callable[[Work], Awaitable[StepState]]

EXECUTORS: Final[Mapping[Subject, Executor]] = {
    Subject.APIS: switch_on,
    Subject.QUOTA: check_quotas,
    Subject.BUCKET: set_up_bucket,
    Subject.MODELS: send_models,
    Subject.REPOSITORY: make_repository,
    Subject.IMAGE: provide_image,
    Subject.ACCOUNT: make_account,
    Subject.READING: let_read,
    Subject.SERVICE: roll_out,
    Subject.ACCESS: let_call,
    Subject.TRAFFIC: send_requests,
    Subject.SCALE: hold_instances,
    Subject.HEALTH: ask_until_ready,
}
"""What brings each subject about."""


class Apply:
    """Carries `plan` out; `told` hears of every progress. `pace.stop` ends it between two steps."""

    def __init__(self, plan: Plan, world: World, pace: Pace, told: Told = lambda _: None) -> None:
        place = plan.place
        if place is None:
            raise ValueError("a plan without a place cannot be carried out")
        self._plan = plan
        self._place = place
        self._world = world
        self._pace = pace
        self._course = Course(plan, told, world.here.clock)
        self._settling = Settling(pace)

    @property
    def application(self) -> Application:
        """How far it is."""
        return self._course.application

    async def run(self) -> Application:
        """Do all of it, or as much as can be done, and return how it ended.

        Raises `Busy` if another process is at it, `EngineFailed` if the plan may not be carried
        out, and `OSError` if nothing can be remembered.
        """
        hindrance = next(iter(self._plan.hindrances), None)
        if hindrance is not None:
            raise EngineFailed(
                sanitise(tr("{words}; {mend}", words=hindrance.words, mend=hindrance.mend))
            )
        journal = self._world.here.journal
        with journal.alone(self._place):
            deploys = self._plan.wish if self._plan.service is not None else None
            journal.note(self._place, plan=self._plan.title, wish=deploys)
            for index in range(len(self._plan.steps)):
                if not await self._one(index):
                    break
            else:
                self._finished()
            with suppress(OSError):
                await tidy_up(self._world, self._place)
        return self.application

    def _finished(self) -> None:
        """Remember that it came to its end, and what was deployed if that was it."""
        wish = self._plan.wish
        changes: dict[str, object] = {"plan": "", "wish": None, "build": "", "operation": ""}
        if wish is not None and self._plan.service is not None:
            changes["applied"] = Applied(wish=wish, at=self._world.here.clock())
        if any(_removes_service(each) for each in self._plan.steps):
            changes["applied"] = None
        self._world.here.journal.note(self._place, **changes)

    async def _one(self, index: int) -> bool:
        """Do one step, and say whether to go on."""
        step, course = self._plan.steps[index], self._course
        if step.effect is Effect.NOTHING:
            course.end(index, StepState.SKIPPED)
            return True
        try:
            self._pace.check()
            course.begin(index)
            state = await self._done(index)
            course.end(index, state)
            if state is StepState.DONE:
                self._settling.made(step.subject)
            return True
        except Stopped:
            course.stop(index)
        except SourceError as error:
            course.fail(index, explained(index, error))
        except Exception as error:
            # Whoever looks on is told that it has ended, whatever it was.
            course.fail(index, unforeseen(index, error))
        return False

    async def _done(self, index: int) -> StepState:
        """Do a step until it is done; raises `SourceError` that does not pass, and `Stopped`."""
        step = self._plan.steps[index]
        executor = remove if step.effect is Effect.DELETE else EXECUTORS[step.subject]
        tries = Tries(self._pace, lambda error, seconds: self._waiting(index, error, seconds))
        work = Work(self._plan, index, self._place, self._world, self._course, self._pace, tries)
        return await tries.until_done(lambda: executor(work), self._settling.passes)

    def _waiting(self, index: int, error: SourceError, seconds: float) -> None:
        self._course.say(
            index,
            tr(
                "{message}; trying again in {seconds:.0f} s", message=error.message, seconds=seconds
            ),
        )


def _removes_service(step: Step) -> bool:
    return step.effect is Effect.DELETE and step.subject is Subject.SERVICE
