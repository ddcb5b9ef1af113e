"""A process that deploys, and kills itself at a moment that is said, so that it is exact."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from deploy_scene import Deployment, here_in, wish_in

from console.model.deploy.progress import Application, StepState
from console.model.deploy.step import Subject
from console.session.engine_session import utc_now
from console.sources.google_channel import Endpoints, GoogleCloud, connect

BEGUN = "begun"
"""The step has begun, and nothing was asked yet."""

ANSWERED = "answered"
"""What was asked for has been answered, and nobody remembered the answer."""

WATCHED = "watched"
"""Long work goes on, and is remembered."""

NEVER = "never"


@dataclass(frozen=True)
class Moment:
    """When a process is killed."""

    subject: Subject
    when: str = NEVER

    def __str__(self) -> str:
        return f"{self.subject}-{self.when}"


MOMENTS = (
    Moment(Subject.APIS, BEGUN),
    Moment(Subject.APIS, ANSWERED),
    Moment(Subject.QUOTA, BEGUN),
    Moment(Subject.BUCKET, BEGUN),
    Moment(Subject.BUCKET, ANSWERED),
    Moment(Subject.MODELS, BEGUN),
    Moment(Subject.MODELS, ANSWERED),
    Moment(Subject.REPOSITORY, BEGUN),
    Moment(Subject.REPOSITORY, ANSWERED),
    Moment(Subject.IMAGE, BEGUN),
    Moment(Subject.IMAGE, ANSWERED),
    Moment(Subject.IMAGE, WATCHED),
    Moment(Subject.ACCOUNT, BEGUN),
    Moment(Subject.ACCOUNT, ANSWERED),
    Moment(Subject.READING, BEGUN),
    Moment(Subject.READING, ANSWERED),
    Moment(Subject.SERVICE, BEGUN),
    Moment(Subject.SERVICE, ANSWERED),
    Moment(Subject.SERVICE, WATCHED),
    Moment(Subject.ACCESS, BEGUN),
    Moment(Subject.ACCESS, ANSWERED),
    Moment(Subject.HEALTH, BEGUN),
)
IMPORTED = (
    "console.session.transfer.push_planning",
    "console.sources.auth",
    "console.sources.catalog",
    "console.sources.deploying.cloud_build",
    "console.sources.deploying.run_maker",
    "console.sources.logging",
    "console.sources.meters",
    "console.sources.monitoring",
    "console.sources.project_facts",
    "console.sources.projects",
    "console.sources.registry",
    "console.sources.storage",
)
"""What takes long to be imported, and is so once for all processes."""

_METHODS = {
    Subject.APIS: ("apis", "enable"),
    Subject.REPOSITORY: ("repositories", "make"),
    Subject.IMAGE: ("builds", "submit"),
    Subject.ACCOUNT: ("accounts", "make"),
    Subject.READING: ("accounts", "let_read"),
    Subject.SERVICE: ("services", "deploy"),
    Subject.ACCESS: ("services", "set_callers"),
}


@dataclass(frozen=True)
class Started:
    """What a process is told: where the cloud is, and what it deploys from and remembers in."""

    endpoints: Endpoints
    folder: Path
    models: Path
    environment: Mapping[str, str]
    callers: tuple[str, ...] = ()


def forks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what starts processes that have everything imported already."""
    context = multiprocessing.get_context("forkserver")
    # The process from which they are forked does not hear of this one's path.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    context.set_forkserver_preload(["killed_process", *IMPORTED])
    return context


def deploys(started: Started, moment: Moment) -> None:
    """Deploy, unless this process is killed before; ends with 0 if it came to the end."""
    raise SystemExit(asyncio.run(_deploys(started, moment)))


async def _deploys(started: Started, moment: Moment) -> int:
    google = await connect(started.endpoints, started.environment, utc_now)
    try:
        wish = wish_in(started.folder, started.models)
        here = here_in(started.folder, started.environment)
        at = Deployment(_dying(google, moment), here, wish)
        plan = await at.plan(callers=started.callers)
        application = await at.apply(plan, lambda now: _die_if_it_is_time(now, moment))
        if not application.done:
            print(application.failure, plan.hindrances, flush=True)
        return 0 if application.done else 1
    finally:
        await google.aclose()


def _die_if_it_is_time(now: Application, moment: Moment) -> None:
    for step, progress in zip(now.plan.steps, now.steps, strict=True):
        if step.subject is not moment.subject or progress.state is not StepState.RUNNING:
            continue
        watched = progress.doing == "building" or now.rollout is not None
        if moment.when == BEGUN or (moment.when == WATCHED and watched):
            _die()


def _dying(google: GoogleCloud, moment: Moment) -> GoogleCloud:
    """Return a cloud whose answer kills."""
    if moment.when != ANSWERED:
        return google
    if moment.subject is Subject.BUCKET:
        return replace(google, uploads=_Uploads(google.uploads, "create", ""))
    if moment.subject is Subject.MODELS:
        return replace(google, uploads=_Uploads(google.uploads, "", "finish"))
    part, method = _METHODS[moment.subject]
    deadly = _Answering(getattr(google.deploying, part), method)
    changes: dict[str, Any] = {part: deadly}
    return replace(google, deploying=replace(google.deploying, **changes))


class _Answering:
    """Something of which one method kills once it was answered."""

    def __init__(self, thing: Any, method: str) -> None:
        self._thing = thing
        self._method = method

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        if name != self._method:
            return found
        if asyncio.iscoroutinefunction(found):

            async def later(*arguments: Any, **named: Any) -> None:
                await found(*arguments, **named)
                _die()

            return later

        def at_once(*arguments: Any, **named: Any) -> None:
            found(*arguments, **named)
            _die()

        return at_once


class _Uploads:
    """The way to buckets, where making one kills, or putting an object together."""

    def __init__(self, uploads: Any, making: str, writing: str) -> None:
        self._uploads = uploads
        self._making = making
        self._writing = writing

    def maker(self) -> Any:
        return _Answering(self._uploads.maker(), self._making)

    async def writer(self, bucket: str) -> Any:
        return _Answering(await self._uploads.writer(bucket), self._writing)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
