"""A plan that a verb makes, shown or carried out, and how that is answered."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from console.actions import action, refusal
from console.language import tr, tr_later
from console.model.deploy.document import plan_document
from console.model.deploy.progress import Application, StepProgress, StepState
from console.model.deploy.step import Plan
from console.session.clock import utc_now
from console.session.deploy_work import DeployWork
from console.sources.base import SourceError
from console.verbs.apply_document import Outcome, application_document, unplanned_document
from console.verbs.apply_lines import Teller, failure_lines
from console.verbs.confirming import unconfirmed
from console.verbs.deploy_next import next_lines
from console.verbs.headless import DONE, FAILED, REFUSED, Ended, until_signal
from console.verbs.plan_lines import Telling, end_lines, plan_lines
from console.verbs.status_line import StatusLine

INTERRUPTED: Final = 130
_GOES_ON: Final = tr_later("the same command goes on where this ended")
Look = Callable[[DeployWork], Awaitable[Plan]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a verb is answered: whether its plan is carried out, and what is said of it.

    `confirm` is what was confirmed beforehand, and `how` says how a plan is carried out that is
    only shown. `context` is the one that the console was told.
    """

    work: DeployWork
    line: StatusLine
    apply: bool
    as_json: bool
    confirm: str
    telling: Telling
    how: str
    context: str
    read_only: bool


def answer(way: Way, look: Look) -> int:
    """Make a plan, show it or carry it out, and return the exit code."""
    return _Answer(way).given(look)


class _Answer:
    """One answer; `application` is how far its plan is, None before there is one."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._application: Application | None = None

    def given(self, look: Look) -> int:
        way = self._way
        refused = refusal(action("deploy.apply"), read_only=way.read_only and way.apply)
        if refused is not None:
            return self._ends(Outcome.REFUSED, refused, REFUSED)
        try:
            plan = asyncio.run(until_signal(_looked(way, look)))
            return self._carried_out(plan) if way.apply else self._shown(plan)
        except Ended as ended:
            goes_on = tr(_GOES_ON)
            why = tr("{why}; {then}", why=ended, then=goes_on) if way.apply else str(ended)
            return self._ends(Outcome.STOPPED, why, ended.code)
        except KeyboardInterrupt:
            why = tr("interrupted") if self._began else tr("interrupted; nothing was changed")
            return self._ends(Outcome.STOPPED, why, INTERRUPTED)
        except SourceError as error:
            return self._ends(Outcome.FAILED, error.message, FAILED)
        except BrokenPipeError:
            raise
        except OSError as error:
            why = tr(
                "cannot remember how far it is: {error}; make room, or mend that directory",
                error=error,
            )
            return self._ends(Outcome.FAILED, why, FAILED)

    @property
    def _began(self) -> bool:
        steps = self._application.steps if self._application else ()
        return any(each.state is not StepState.WAITING for each in steps)

    def _shown(self, plan: Plan) -> int:
        if self._way.as_json:
            print(json.dumps(plan_document(plan), indent=2))
        else:
            self._print(plan)
        return FAILED if plan.refusals else DONE

    def _carried_out(self, plan: Plan) -> int:
        way = self._way
        self._application = Application(plan=plan, steps=(StepProgress(),) * len(plan.steps))
        if plan.hindrances:
            why = [
                tr("{words}; {mend}", words=each.words, mend=each.mend) for each in plan.hindrances
            ]
            return self._ends(Outcome.REFUSED, why, FAILED)
        if not plan.acting:
            if not way.as_json:
                self._print(plan)
            return self._ends(Outcome.NOTHING_TO_DO, (), DONE)
        if not way.as_json:
            print("\n".join(plan_lines(plan, _width(), way.telling)), flush=True)
        refused = unconfirmed(plan, way.confirm, sys.stdin, _ask)
        if refused is not None:
            return self._ends(Outcome.NOT_CONFIRMED, refused, REFUSED)
        application = asyncio.run(until_signal(self._applied(plan)))
        return self._told(application)

    async def _applied(self, plan: Plan) -> Application:
        teller = Teller(sys.stderr, self._way.line, utc_now)

        def told(application: Application) -> None:
            self._application = application
            teller(application)

        return await self._way.work.applied(plan, told)

    def _told(self, application: Application) -> int:
        self._application, way = application, self._way
        way.line.clear()
        if not application.done:
            ended = tr("zimage-console: not finished; {then}", then=tr(_GOES_ON))
            why = (*failure_lines(application), ended)
            return self._ends(Outcome.FAILED, why, FAILED, named=False)
        if not way.as_json:
            print(tr("done: {title}", title=application.plan.title))
            if application.url:
                print(application.url, flush=True)
        return self._ends(
            Outcome.DONE, next_lines(application.plan, way.context), DONE, named=False
        )

    def _ends(
        self,
        outcome: Outcome,
        why: str | tuple[str, ...] | list[str],
        code: int,
        *,
        named: bool = True,
    ) -> int:
        """Say how it ended, on both streams if a document is wanted."""
        self._way.line.clear()
        lines = (why,) if isinstance(why, str) else tuple(why)
        if self._way.as_json and self._way.apply:
            print(json.dumps(self._document(outcome, lines), indent=2), flush=True)
        for line in lines:
            print(f"zimage-console: {line}" if named else line, file=sys.stderr)
        return code

    def _document(self, outcome: Outcome, lines: tuple[str, ...]) -> dict[str, object]:
        said = [] if outcome in (Outcome.DONE, Outcome.NOTHING_TO_DO) else list(lines)
        if self._application is None:
            return unplanned_document(outcome, said)
        return application_document(self._application, outcome, said)

    def _print(self, plan: Plan) -> None:
        way, width = self._way, _width()
        lines = plan_lines(plan, width, way.telling)
        print("\n".join((*lines, "", *end_lines(plan, way.how, way.telling, width))))


async def _looked(way: Way, look: Look) -> Plan:
    """Return the plan; what is looked at is shown meanwhile."""
    store = way.work.store

    def shown(_: object) -> None:
        if store.deploy.looking is not None:
            way.line.show(f"{store.deploy.looking} …")

    unsubscribe = store.subscribe(shown)
    try:
        return await look(way.work)
    finally:
        unsubscribe()
        way.line.clear()


def _width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()
