"""The prompts of a session: taken at any time, carried out one after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from console.language import tr
from console.model.images import MadePicture, Preview, Run, RunState, Target
from console.model.refused_requests import refused_as_spoken
from console.model.text import SafeText
from console.sources.base import SourceError
from console.store import Store
from engine.schema import Decoded, Encoded, GenerationRequest, InvalidRequest, Queued, Step

if TYPE_CHECKING:
    from console.sources.engine_http import Finished, Progress

MAX_WAITING: Final = 100


class PictureMaker(Protocol):
    """Whoever makes pictures, such as `console.sources.engine_http.EngineClient`."""

    def generate(
        self, request: GenerationRequest
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        """Yield the progress of one picture and last of all `Finished`; raises `SourceError`."""
        ...


class RunQueue:
    """Runs of one `target` in `store`, oldest first; other targets have queues of their own.

    `keep` makes a finished picture last; `explain` turns an error into the line that is shown,
    and may wait a moment for a better reason to become known. `monotonic` is a clock in seconds.
    """

    def __init__(
        self,
        store: Store,
        keep: Callable[[GenerationRequest, Finished], Awaitable[MadePicture]],
        explain: Callable[[SourceError], Awaitable[SafeText]],
        target: Target = Target.LOCAL,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._keep = keep
        self._explain = explain
        self._target = target
        self._monotonic = monotonic
        self._arrived = asyncio.Event()
        self._making: asyncio.Task[None] | None = None

    def submit(self, request: GenerationRequest) -> Run:
        """Take a request; raises `InvalidRequest` for one that cannot be carried out."""
        with refused_as_spoken():
            request.check()
        if len(self._in_state(RunState.WAITING)) >= MAX_WAITING:
            raise InvalidRequest(
                "prompt",
                tr(
                    "{count} prompts wait already; cancel some, or wait for them",
                    count=MAX_WAITING,
                ),
            )
        number = len(self._store.runs) + 1
        run = Run(number=number, request=request, total=request.steps, target=self._target)
        self._store.put_run(run)
        self._arrived.set()
        return run

    def cancel(self) -> bool:
        """Cancel the run being made, else the last one waiting; False when there is none."""
        candidates = self._in_state(RunState.RUNNING) or self._in_state(RunState.WAITING)
        if not candidates:
            return False
        self._store.put_run(ended(candidates[-1], RunState.CANCELLED))
        if candidates[-1].state is RunState.RUNNING and self._making is not None:
            self._making.cancel()
        return True

    def fail_running(self, problem: SafeText) -> None:
        """Fail the run being made, because whoever made it is gone; waiting ones stay."""
        for run in self._in_state(RunState.RUNNING):
            self._store.put_run(replace(ended(run, RunState.FAILED), problem=problem))

    def fail_all(self, problem: SafeText) -> None:
        """Fail what is being made and what waits, because nobody will make it."""
        for run in (*self._in_state(RunState.RUNNING), *self._in_state(RunState.WAITING)):
            self._store.put_run(replace(ended(run, RunState.FAILED), problem=problem))

    async def drain(self, maker: PictureMaker) -> None:
        """Carry out what waits and what is still to come, one at a time, until cancelled."""
        while True:
            waiting = self._in_state(RunState.WAITING)
            if not waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            run = replace(waiting[0], state=RunState.RUNNING, sent_at=self._monotonic())
            self._store.put_run(run)
            self._making = asyncio.create_task(self._make(run, maker))
            try:
                await asyncio.wait({self._making})
            finally:
                self._making.cancel()
                (outcome,) = await asyncio.gather(self._making, return_exceptions=True)
                self._making = None
            if isinstance(outcome, Exception):
                raise outcome

    async def _make(self, run: Run, maker: PictureMaker) -> None:
        """Carry out one run; cancelling the task closes the stream and so stops the maker."""
        try:
            async with aclosing(maker.generate(run.request)) as events:
                async for event in events:
                    if isinstance(event, Queued | Encoded | Step | Decoded | Preview):
                        run = advanced(run, event)
                        self._replace(run)
                    else:
                        took = self._monotonic() - (run.sent_at or 0.0)
                        picture = replace(
                            await self._keep(run.request, event), took=took, target=self._target
                        )
                        self._store.add_picture(picture)
                        done = ended(run, RunState.DONE)
                        self._replace(replace(done, result=picture, seconds=event.seconds))
        except SourceError as error:
            problem = await self._explain(error)
            self._replace(replace(ended(run, RunState.FAILED), problem=problem))

    def _replace(self, run: Run) -> None:
        """Write `run` unless it was ended by somebody else in the meantime."""
        if any(known.number == run.number for known in self._in_state(RunState.RUNNING)):
            self._store.put_run(run)

    def _in_state(self, state: RunState) -> list[Run]:
        return [
            run for run in self._store.runs if run.state is state and run.target is self._target
        ]


def ended(run: Run, state: RunState) -> Run:
    """Return `run` as it is kept when it is over."""
    return replace(run, state=state, preview=None)


def advanced(run: Run, event: Progress | Preview) -> Run:
    """Return `run` after `event`."""
    match event:
        case Queued(position):
            return replace(run, position=position)
        case Encoded(tokens=tokens):
            return replace(run, position=0, tokens=tokens)
        case Step(index=index, total=total):
            return replace(run, position=0, step=index, total=total)
        case Decoded():
            return replace(run, step=run.total)
        case Preview():
            return replace(run, preview=event)
