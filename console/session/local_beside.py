"""An engine on this machine beside a service elsewhere, to make the same picture here and there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from console.model.images import Run
from console.model.service import ServiceState
from console.session.engine_session import Session
from console.store import Store, Topic
from engine.schema import GenerationRequest


class LocalBeside:
    """Starts its engine when it is first asked for a picture, and not before.

    Runs and pictures go to `store`, and how its engine is to `store.beside`; what the engine
    writes is not mixed with the log of the service. `open_session` is given the engine's own
    store, and the one for runs and pictures. When the engine fails, so do the pictures that were
    asked of it: nothing else on screen would say why they are not made.
    """

    def __init__(self, store: Store, open_session: Callable[[Store, Store], Session]) -> None:
        self._store = store
        self._own = Store()
        self._own.subscribe(self._tell)
        self._session = open_session(self._own, store)
        self._wanted = asyncio.Event()
        self._again = asyncio.Event()

    async def run(self) -> None:
        """Wait until a picture is asked for, then look after the engine, until cancelled."""
        await self._wanted.wait()
        mending = asyncio.create_task(self._start_again())
        try:
            await self._session.run()
        finally:
            mending.cancel()
            await asyncio.gather(mending, return_exceptions=True)

    def submit(self, request: GenerationRequest) -> Run:
        """Take a request; an engine that failed is started once more for it.

        Raises `InvalidRequest` for one that never can be carried out.
        """
        failed = self._own.service.state is ServiceState.FAILED
        run = self._session.submit(request)
        self._wanted.set()
        if failed:
            self._again.set()
        return run

    def cancel(self) -> bool:
        """Cancel the run being made, else the last one waiting; False when there is none."""
        return self._session.cancel()

    async def _start_again(self) -> None:
        while True:
            await self._again.wait()
            self._again.clear()
            await self._session.restart()

    def _tell(self, topic: Topic) -> None:
        if topic is not Topic.SERVICE:
            return
        engine = self._own.service
        self._store.set_beside(engine)
        if engine.state is ServiceState.FAILED and engine.problem is not None:
            self._session.give_up(engine.problem)
