"""The verbs that change what is deployed: `deploy`, `scale`, `rollback`, `traffic`, `destroy`.

Each looks at what there is, makes a plan, and either shows it or carries it out. What is carried
out can be broken off at any moment: the same command goes on where it ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.actions import Action, refusal
from console.config import Config
from console.deploying import deploy_work, usual_way
from console.model.deploy.document import plan_document
from console.model.deploy.progress import Application
from console.model.deploy.step import Plan
from console.model.deploy.wish import Variant
from console.session.deploy_work import DeployWork
from console.session.engine_session import utc_now
from console.sources.base import SourceError
from console.sources.deploying.build_context import find_source
from console.store import Store
from console.verbs.apply_lines import Teller, application_document, failure_lines
from console.verbs.confirming import unconfirmed
from console.verbs.deploy_place import NO_PROJECT, choices_of, where
from console.verbs.headless import DONE, FAILED, REFUSED, Ended, until_signal
from console.verbs.moving import asked_of
from console.verbs.plan_lines import end_line, plan_lines
from console.verbs.status_line import StatusLine, can_move_cursor

USAGE: Final = 2
CHANGE: Final = Action("deploy.apply", (), "deploy", "Carry a plan out", writes=True, spends=True)
_GOES_ON: Final = "the same command goes on where this ended"


@dataclass(frozen=True, slots=True)
class _Way:
    """How a verb is answered: what is planned, and whether it is carried out."""

    work: DeployWork
    line: StatusLine
    apply: bool
    as_json: bool
    confirm: str
    explain: bool
    how: str


def deploy(config: Config, arguments: Mapping[str, object]) -> int:
    """Say what it takes to deploy, or deploy; returns 0 if that is possible, and was done."""
    variant = Variant.GPU if arguments["gpu"] or arguments["gpu_type"] else Variant.CPU
    try:
        there = where(config, arguments, os.environ, variant)
        source = "" if arguments["image"] else str(_source(arguments["source"]))
        way = asyncio.run(usual_way(config.context, os.environ))
        wish = choices_of(config, arguments, source, way).wish(there.place)
    except ValueError as error:
        return _complain(str(error), USAGE)
    except SourceError as error:
        return _complain(error.message, USAGE)
    apply = arguments["apply"] is True and arguments["plan"] is not True
    if there.made_up:
        if apply:
            return _complain("no project is known: name one by --project ID", USAGE)
        _complain(f"no project is known, {NO_PROJECT} stands for it; name one by --project ID", 0)
    how = _way(config, arguments, apply=apply, how="--apply")
    return _answer(config, how, lambda work: work.look(wish))


def move(config: Config, arguments: Mapping[str, object]) -> int:
    """Scale, roll back, split requests or destroy; returns 0 if that was done."""
    try:
        there = where(config, arguments, os.environ)
        asked = asked_of(str(arguments["verb"]), arguments)
    except ValueError as error:
        return _complain(str(error), USAGE)
    if there.made_up:
        return _complain(
            "no service is named: add --context PROJECT/REGION/SERVICE, or --project ID", USAGE
        )
    apply = arguments["plan"] is not True
    way = _way(config, arguments, apply=apply, how="the same without --plan")
    return _answer(config, way, lambda work: asked.look(work, there.place))


def _way(config: Config, arguments: Mapping[str, object], *, apply: bool, how: str) -> _Way:
    return _Way(
        work=deploy_work(Store(), config.context, os.environ),
        line=StatusLine(sys.stderr, can_move_cursor(sys.stderr, os.environ)),
        apply=apply,
        as_json=arguments["json"] is True,
        confirm=str(arguments.get("confirm") or ""),
        explain=arguments.get("explain") is True,
        how=how,
    )


def _answer(config: Config, way: _Way, look: Callable[[DeployWork], Awaitable[Plan]]) -> int:
    refused = refusal(CHANGE, read_only=config.read_only and way.apply)
    if refused is not None:
        return _complain(refused, REFUSED)
    try:
        plan = asyncio.run(until_signal(_looked(way, look)))
        if not way.apply:
            _show(plan, way)
            return FAILED if plan.refusals else DONE
        if (code := _held_back(plan, way)) is not None:
            return code
        return _told(asyncio.run(until_signal(_applied(plan, way))), way)
    except Ended as ended:
        way.line.clear()
        return _complain(f"{ended}; {_GOES_ON}" if way.apply else str(ended), ended.code)
    except SourceError as error:
        way.line.clear()
        return _complain(error.message, FAILED)
    except OSError as error:
        way.line.clear()
        return _complain(f"cannot remember how far it is: {error}", FAILED)


async def _looked(way: _Way, look: Callable[[DeployWork], Awaitable[Plan]]) -> Plan:
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


def _held_back(plan: Plan, way: _Way) -> int | None:
    """Return the exit code if a plan is not to be carried out, after saying why."""
    if plan.hindrances:
        for each in plan.hindrances:
            _complain(f"{each.words}; {each.mend}", FAILED)
        return FAILED
    if not plan.acting:
        _show(plan, way)
        return DONE
    if not way.as_json:
        print("\n".join(plan_lines(plan, _width(), explain=way.explain)), flush=True)
    refused = unconfirmed(plan, way.confirm, sys.stdin, _ask)
    return None if refused is None else _complain(refused, REFUSED)


async def _applied(plan: Plan, way: _Way) -> Application:
    return await way.work.applied(plan, Teller(sys.stderr, way.line, utc_now))


def _told(application: Application, way: _Way) -> int:
    way.line.clear()
    if way.as_json:
        print(json.dumps(application_document(application), indent=2))
    for line in failure_lines(application):
        print(line, file=sys.stderr)
    if not application.done:
        return _complain(f"not finished; {_GOES_ON}", FAILED)
    if not way.as_json:
        print(f"done: {application.plan.title}")
        if application.url:
            print(application.url)
    return DONE


def _show(plan: Plan, way: _Way) -> None:
    if way.as_json:
        print(json.dumps(plan_document(plan), indent=2))
        return
    lines = plan_lines(plan, _width(), explain=way.explain)
    print("\n".join((*lines, "", end_line(plan, way.how))))


def _source(named: object) -> Path:
    """Return what images are built from; raises `SourceError`."""
    return find_source(Path(str(named)).expanduser().absolute() if named else Path.cwd())


def _width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()


def _complain(why: str, code: int) -> int:
    print(f"zimage-console: {why}", file=sys.stderr)
    return code
