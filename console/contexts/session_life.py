"""The session of the context that is looked after now, from its beginning to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from console.screens.base import Operator


class SessionLike(Operator, Protocol):
    """What keeps the store true; `console.session.engine_session.Session` is one."""

    async def run(self) -> None:
        """Keep the store true until cancelled."""

    async def close(self) -> None:
        """End what was started."""


class SessionLife:
    """Runs one session at a time; `broke_down` hears why one ended by itself."""

    def __init__(self, broke_down: Callable[[BaseException], None]) -> None:
        self._broke_down = broke_down
        self._session: SessionLike | None = None
        self._running: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def session(self) -> SessionLike | None:
        """The session that runs; None before the first and after the last."""
        return self._session

    def begin(self, session: SessionLike) -> None:
        """Run `session`; the one before it must have ended."""
        self._session = session
        self._running = asyncio.create_task(session.run(), name="session")
        self._running.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task is self._running and not task.cancelled() and (error := task.exception()):
            self._broke_down(error)

    async def end(self) -> None:
        """End the session and what it started.

        Safe to call twice, also at once, and when cancelled it ends all the same: whoever calls
        it next waits for the rest.
        """
        if self._ending is None:
            session, self._session = self._session, None
            task, self._running = self._running, None
            if session is None or task is None:
                return
            self._ending = asyncio.create_task(_end(session, task), name="end of session")
        ending = self._ending
        await asyncio.shield(ending)
        if self._ending is ending:
            self._ending = None


async def _end(session: SessionLike, task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    # Whatever ails it, it is being left.
    await asyncio.gather(session.close(), return_exceptions=True)
