"""The verbs without a screen: the same session as behind the screens, on plain output.

`status` starts the engine, waits until it is ready or has failed, reports and ends it, or says
how a service on Google Cloud is, without waking it; `generate` makes one picture. A signal ends
them in good order, the engine first.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from console.actions import action, refusal
from console.config import Config
from console.contexts.opening import open_session
from console.language import tr
from console.model.contexts import LOCAL
from console.model.freshness import Standing
from console.model.images import Run, RunState
from console.model.refused_requests import refused_as_spoken
from console.model.service import ServiceSnapshot, ServiceState
from console.paths import write_atomically
from console.session.clock import utc_now
from console.store import Store
from console.verbs import reports
from console.verbs.complaint import complain
from console.verbs.progress_line import progress_text
from console.verbs.status_line import StatusLine, can_move_cursor
from engine.schema import DEFAULT_STEPS, GenerationRequest, InvalidRequest, Size

DONE: Final = 0
FAILED: Final = 1
REFUSED: Final = 3

_LOST: Final = (
    ServiceState.FAILED,
    ServiceState.UNREACHABLE,
    ServiceState.DENIED,
    ServiceState.MISSING,
)
_HOPELESS: Final = (ServiceState.FAILED, ServiceState.DENIED, ServiceState.MISSING)
_UP: Final = (ServiceState.READY, ServiceState.AT_ZERO)
_ENDED: Final = (RunState.DONE, RunState.FAILED, RunState.CANCELLED)
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_Result = TypeVar("_Result")

if TYPE_CHECKING:
    from console.session.cloud_session import CloudSession
    from console.session.engine_session import Session

    AnySession = Session | CloudSession


class Ended(Exception):
    """A signal ended the work; `code` is the exit code that says so."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(tr("ended by {signal}", signal=number.name))
        self.code = 128 + number


def status(config: Config, *, as_json: bool) -> int:
    """Report how the engine starts, or how the service is; returns 0 when it takes requests."""
    try:
        snapshot = asyncio.run(until_signal(_settled(config)))
    except Ended as ended:
        return complain(str(ended), ended.code)
    if as_json:
        print(json.dumps(reports.status_document(config, snapshot), indent=2))
    else:
        reports.print_status(snapshot, sys.stdout, utc_now())
    asleep_or_waking = config.context != LOCAL and snapshot.state is ServiceState.STARTING
    return DONE if snapshot.state in _UP or asleep_or_waking else FAILED


def generate(config: Config, arguments: Mapping[str, object]) -> int:
    """Make the picture that the command line describes and say where it is.

    Raises `InvalidRequest` for one that cannot be made.
    """
    refused = refusal(action("generate.run"), read_only=config.read_only)
    if refused is not None:
        return complain(refused, REFUSED)
    request = parse_request(arguments)
    output = _output(arguments["output"])
    try:
        run, service = asyncio.run(until_signal(_made(config, request, keep=output is None)))
    except Ended as ended:
        return complain(str(ended), ended.code)
    picture = run.result
    if picture is None:
        return complain(run.problem or service.problem or _without_picture(run.state), FAILED)
    try:
        path = picture.path if output is None else write_atomically(output, picture.png)
    except OSError as error:
        words = tr("cannot write {file}: {why}; name another file", file=output, why=error.strerror)
        return complain(words, FAILED)
    if path is None:
        words = tr(
            "the picture cannot be saved to {directory}; name a file by -o",
            directory=config.pictures_directory,
        )
        return complain(words, FAILED)
    if arguments["json"] is True:
        print(json.dumps(reports.picture_document(picture, path, service.model), indent=2))
    else:
        print(path)
    return DONE


def _without_picture(state: RunState) -> str:
    if state is RunState.CANCELLED:
        return tr("the picture was cancelled")
    return tr("the picture was not made")


def parse_request(arguments: Mapping[str, object]) -> GenerationRequest:
    """Return the request that the command line describes; raises `InvalidRequest`."""
    size, steps, seed = arguments["size"], arguments["steps"], arguments["seed"]
    with refused_as_spoken():
        request = GenerationRequest(
            prompt=str(arguments["prompt"]),
            size=Size.parse(size) if isinstance(size, str) else None,
            steps=steps if isinstance(steps, int) else DEFAULT_STEPS,
            seed=seed if isinstance(seed, int) else None,
        )
        request.check()
    return request


def _output(given: object) -> Path | None:
    """Return the file to write, found out to be possible before a picture is made for it."""
    if not isinstance(given, str):
        return None
    path = Path(given).expanduser().absolute()
    if path.is_dir():
        words = tr("{file} is a directory; name a file in it", file=given)
        raise InvalidRequest("output", words)
    if path.exists() and not path.is_file() and os.access(path, os.W_OK):
        return path
    if not path.parent.is_dir():
        words = tr(
            "{file}: there is no directory {directory}; make it", file=given, directory=path.parent
        )
        raise InvalidRequest("output", words)
    if not os.access(path.parent, os.W_OK):
        words = tr(
            "{file}: directory {directory} is not writable", file=given, directory=path.parent
        )
        raise InvalidRequest("output", words)
    return path


async def _settled(config: Config) -> ServiceSnapshot:
    store = Store()
    session = open_session(store, config, keep_pictures=False)
    async with _running(session, lambda: _settled_now(store.service)):
        return store.service


def _settled_now(service: ServiceSnapshot) -> bool:
    """Say whether all is known that will be known without waking anything."""
    if service.facts is None:
        return service.state is ServiceState.READY or service.state in _LOST
    fresh = service.fresh
    asked = (fresh.service, fresh.access, fresh.metrics, fresh.log, fresh.weights)
    return all(each.standing is not Standing.LOADING for each in asked)


async def _made(
    config: Config, request: GenerationRequest, *, keep: bool
) -> tuple[Run, ServiceSnapshot]:
    store = Store()
    session = open_session(store, config, keep_pictures=keep)
    session.submit(request)

    def ended() -> bool:
        return store.runs[0].state in _ENDED or store.service.state in _HOPELESS

    async with _running(session, ended):
        return store.runs[0], store.service


@asynccontextmanager
async def _running(session: AnySession, enough: Callable[[], bool]) -> AsyncIterator[None]:
    """Run `session` until `enough`; afterwards its engine has ended."""
    store, changed = session.store, asyncio.Event()
    line = StatusLine(sys.stderr, can_move_cursor(sys.stderr, os.environ), seldom=None)

    def note(_: object) -> None:
        changed.set()
        line.show(progress_text(store.service, store.runs))

    unsubscribe = store.subscribe(note)
    running = asyncio.create_task(session.run())
    # Ends the waiting when the session breaks down, and `await running` says why.
    running.add_done_callback(lambda _: changed.set())
    try:
        while not enough() and not running.done():
            changed.clear()
            await changed.wait()
        unsubscribe()
        line.clear()
        if running.done():
            await running
        yield
    finally:
        unsubscribe()
        line.clear()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until_signal(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Return what `work` returns; raises `Ended` when a signal comes first."""
    task = asyncio.ensure_future(work)
    received: list[signal.Signals] = []

    def receive(number: signal.Signals) -> None:
        received.append(number)
        task.cancel()

    for number in _SIGNALS:
        # Ignored from the start means that somebody wants it so, as nohup does.
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, receive, number)
    try:
        return await task
    except asyncio.CancelledError:
        if received:
            raise Ended(received[0]) from None
        raise
