"""The verb `models pull`: the published files of the model, from the hub to this machine."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from console.config import Config, ConfigError
from console.language import tr
from console.model.models.published import NotPublished, PublishedFile, chosen_files
from console.model.models.pulling import PullPlan, PullProgress, Stage
from console.model.storage import size_text
from console.session.transfer.fetching import Stopped
from console.session.transfer.part_file import PullError, in_the_way
from console.session.transfer.pull import Pull, measured, plan_pull
from console.session.transfer.waiting import Surroundings
from console.sources.base import SourceError
from console.sources.hub import HubSource, InvalidEndpoint, hub_of
from console.sources.off_loop import off_loop
from console.terminal.sanitise import sanitise
from console.verbs.complaint import complain
from console.verbs.headless import DONE, FAILED, REFUSED, Ended, until_signal
from console.verbs.pull_report import (
    finished,
    outcome_lines,
    print_plan,
    progress_text,
    pull_document,
)
from console.verbs.status_line import StatusLine, can_move_cursor
from console.verbs.watched_work import watched


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for."""

    files: tuple[PublishedFile, ...]
    directory: Path
    plan_only: bool
    replace: bool
    accept_changed: bool
    as_json: bool


def pull_models(config: Config, arguments: Mapping[str, object]) -> int:
    """Fetch the files; returns 0 when all are there, 3 when that would lose something.

    With `--push` they go on to the bucket, and the code is that of the push. Raises `ConfigError`
    for files that nobody published and for an address that is none.
    """
    wish = _wish(arguments)
    if arguments["push"] is not True or wish.plan_only:
        return _fetched(wish)
    from console.verbs.models_onward import go_onward, onward_problem

    try:
        problem = onward_problem(config, wish.files, arguments)
    except Ended as ended:
        return complain(str(ended), ended.code)
    if problem is not None:
        return complain(problem, REFUSED)
    code = _fetched(wish)
    return go_onward(config, arguments) if code == DONE else code


def _fetched(wish: _Wish) -> int:
    stop = threading.Event()
    line = StatusLine(sys.stderr, can_move_cursor(sys.stderr, os.environ))
    try:
        return asyncio.run(until_signal(_pull(wish, stop, line)))
    except Ended as ended:
        if wish.plan_only:
            return complain(str(ended), ended.code)
        said = tr(
            "{ended}; what came is kept, the same command goes on from there", ended=str(ended)
        )
        return complain(said, ended.code)
    except (PullError, SourceError) as error:
        return complain(str(error), FAILED)
    except OSError as error:
        why = str(error.strerror or error)
        if error.filename:
            why = f"{sanitise(str(error.filename))}: {why}"
        return complain(tr("{error}; name another directory", error=why), FAILED)
    finally:
        stop.set()
        line.clear()


def _wish(arguments: Mapping[str, object]) -> _Wish:
    try:
        files = chosen_files(str(arguments["quant"]), str(arguments["encoder"]))
    except NotPublished as error:
        raise ConfigError(str(error)) from None
    return _Wish(
        files=files,
        directory=Path(str(arguments["directory"])).expanduser(),
        plan_only=arguments["plan"] is True,
        replace=arguments["replace"] is True,
        accept_changed=arguments["accept_changed"] is True,
        as_json=arguments["json"] is True,
    )


async def _pull(wish: _Wish, stop: threading.Event, line: StatusLine) -> int:
    source, endpoint = _source(os.environ)
    around = Surroundings(time.monotonic, stop.wait)
    plan = await _planned(wish, source, endpoint, around, line)
    line.clear()
    if not (wish.as_json and wish.plan_only):
        print_plan(plan, sys.stderr if wish.as_json else sys.stdout, wish.plan_only)
    if wish.plan_only:
        if wish.as_json:
            print(json.dumps(pull_document(plan, None), indent=2))
        return DONE
    code = _refused(plan, wish)
    if code is not None:
        return code
    pull = Pull(plan, source, around, wish.replace)
    progress = await _watched(pull, line)
    line.clear()
    if wish.as_json:
        print(json.dumps(pull_document(plan, progress), indent=2))
    else:
        for said in outcome_lines(plan, progress):
            print(said)
    problems = [str(each.problem) for each in progress.files if each.stage is Stage.FAILED]
    for problem in dict.fromkeys(problems):
        complain(problem, FAILED)
    return DONE if finished(progress) else FAILED


def _source(environment: Mapping[str, str]) -> tuple[HubSource, str]:
    try:
        return hub_of(environment)
    except InvalidEndpoint as error:
        raise ConfigError(str(error)) from None


async def _planned(
    wish: _Wish, source: HubSource, endpoint: str, around: Surroundings, line: StatusLine
) -> PullPlan:
    def work() -> PullPlan:
        plan = plan_pull(source, endpoint, wish.files, wish.directory, around, line.show, line.tell)
        if wish.plan_only:
            line.show(tr("measuring how fast {place} is", place=source.place))
            return measured(plan, source, around)
        return plan

    return await off_loop(work, "pull-plan")


def _refused(plan: PullPlan, wish: _Wish) -> int | None:
    """Say why nothing may be fetched, and return the exit code; None if it may."""
    changed = [each.stated.file.name for each in plan.files if each.stated.other_than_known]
    if changed and not wish.accept_changed:
        return complain(
            tr(
                "{endpoint} states other checksums than are known of {files}: they were changed, "
                "or that is no faithful copy; --accept-changed takes them",
                endpoint=plan.endpoint,
                files=tr(", ").join(changed),
            ),
            REFUSED,
        )
    if plan.different and not wish.replace:
        first = plan.different[0].stated.file.name
        return complain(in_the_way(Path(plan.directory) / first), REFUSED)
    if plan.lacking:
        return complain(
            tr(
                "{directory} has {free} free, and {lacking} more are needed; make room or choose a "
                "smaller --quant",
                directory=sanitise(plan.directory),
                free=size_text(plan.free),
                lacking=size_text(plan.lacking),
            ),
            FAILED,
        )
    return None


async def _watched(pull: Pull, line: StatusLine) -> PullProgress:
    try:
        return await watched(pull.run, "pull", line, lambda: progress_text(pull.progress()))
    except Stopped:
        raise asyncio.CancelledError from None
