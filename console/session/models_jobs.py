"""One thing at a time that is done with model files, in a thread of its own, and how far it is."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Final, TypeVar

from console.language import tr
from console.model.models.progress import FileOnItsWay, Progress
from console.model.models.snapshot import Job, Stage
from console.session.models_watch import ModelsWatch
from console.sources.base import EngineFailed
from console.sources.off_loop import off_loop
from console.store import Store
from console.terminal.sanitise import sanitise

HowFar = Callable[[], Progress[FileOnItsWay]]

_SHOW_SECONDS: Final = 0.3
_END_SECONDS: Final = 1.0
"""How long is waited for a thread to end: what it has under way it need not finish."""

_Result = TypeVar("_Result")


class ModelsJobs:
    """Runs jobs and says in the store how far they are."""

    def __init__(self, store: Store, watch: ModelsWatch) -> None:
        self._stop = threading.Event()
        self._store = store
        self._watch = watch
        self._task: asyncio.Task[None] | None = None
        self._ended = threading.Event()
        self._ended.set()

    @property
    def busy(self) -> bool:
        """Whether something is done."""
        return self._task is not None and not self._task.done()

    def alone(self) -> None:
        """Raise `SourceError` if something is done."""
        if self.busy:
            raise EngineFailed(
                sanitise(tr("something is done with the files; wait for it, or stop it"))
            )

    def new_stop(self) -> threading.Event:
        """Return what is set when the next job is to end."""
        self._stop = threading.Event()
        return self._stop

    def stop(self) -> bool:
        """Stop what is done; says whether anything was."""
        self._stop.set()
        return self.busy

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something from now on."""
        self._task = asyncio.create_task(work, name="models")

    async def shown(self, job: Job, how_far: HowFar, work: Callable[[], _Result]) -> _Result:
        """Do something in a thread, and say meanwhile how far it is."""
        began, ended = time.monotonic(), threading.Event()
        self._ended = ended

        def to_its_end() -> _Result:
            try:
                return work()
            finally:
                ended.set()

        doing = asyncio.ensure_future(off_loop(to_its_end, str(job.work)))
        try:
            while not doing.done():
                seconds = time.monotonic() - began
                self._watch.job(replace(job, progress=how_far(), seconds=seconds))
                await asyncio.wait({doing}, timeout=_SHOW_SECONDS)
            return await doing
        finally:
            doing.cancel()

    def end(self, job: Job, how_far: HowFar, stage: Stage, problem: str = "") -> None:
        """Say how something ended."""
        seconds = self._store.models.job.seconds if self._store.models.job else 0.0
        why = sanitise(problem) if problem else None
        self._watch.job(replace(job, progress=how_far(), stage=stage, problem=why, seconds=seconds))

    async def close(self) -> None:
        """Stop, and wait a moment for the thread, so that what it holds is free again."""
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        ended = self._ended
        if not ended.is_set():
            await off_loop(lambda: ended.wait(_END_SECONDS), "models-end")
