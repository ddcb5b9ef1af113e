"""The service from its first request to its last: uvicorn around the application and the worker."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from engine.server.connection import Limits, connections_within
from engine.settings import DEFAULT_CONNECTIONS, DEFAULT_REQUEST_SECONDS
from engine.worker import ABORT_WITHIN, FINISH_WITHIN, Worker

# Longer than clients and load balancers keep an idle connection: they should be first to close.
_KEEP_ALIVE_SECONDS: Final = 75
_LAST_WORDS_SECONDS: Final = 0.5
# Files that the process has open beside its connections.
_OTHER_FILES: Final = 128
DEFAULT_LIMITS: Final = Limits(DEFAULT_REQUEST_SECONDS, DEFAULT_CONNECTIONS)


class Service(uvicorn.Server):
    """Serves `app`, starts `worker` once requests are answered, and drains it at the end.

    SIGTERM, SIGHUP and SIGINT drain: nothing new is taken, what is being made may finish, and
    what is not done in time is cancelled at a step boundary. A second SIGINT ends at once.
    """

    def __init__(self, app: ASGIApp, worker: Worker, limits: Limits = DEFAULT_LIMITS) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=connections_within(_possible(limits)),
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                # uvicorn counts in whole seconds only by its annotation.
                timeout_graceful_shutdown=FINISH_WITHIN + ABORT_WITHIN + _LAST_WORDS_SECONDS,  # type: ignore[arg-type]
            )
        )
        # It warns of whatever clients send that it does not understand, a line for each.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        self._worker = worker
        self._drained = asyncio.Event()
        self.ended_by: signal.Signals | None = None

    def end(self, by: signal.Signals | None = None) -> None:
        """Begin to drain; safe from any thread and from a signal handler."""
        if self.should_exit and by is signal.SIGINT:
            self.force_exit = True
            self._drained.set()
        self.ended_by = self.ended_by or by
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer requests, then let the worker load: its imports would hold up the first answer."""
        await super().startup(sockets)
        self._worker.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain the worker while the connections that wait for it are kept."""
        loop = asyncio.get_running_loop()

        def drain() -> None:
            self._worker.stop()
            # After a second SIGINT the loop may have gone already.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._drained.set)

        threading.Thread(target=drain, name="engine-drain", daemon=True).start()
        await super().shutdown(sockets)
        await self._drained.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Drain on a signal without dying of it afterwards, as uvicorn's own handling would."""
        loop = asyncio.get_running_loop()
        handled = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        for each in handled:
            loop.add_signal_handler(each, self.end, each)
        try:
            yield
        finally:
            for each in handled:
                loop.remove_signal_handler(each)


def _possible(limits: Limits) -> Limits:
    """Raise the number of files that may be open as far as needed; fewer connections if not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return replace(limits, connections=max(1, soft - _OTHER_FILES))
    return limits


def end_with_input(service: Service) -> None:
    """Drain `service` when standard input ends, because whoever held it open has died."""

    def watch() -> None:
        try:
            while os.read(0, 65_536):
                pass
        except OSError:
            pass
        service.end()

    threading.Thread(target=watch, name="engine-stdin", daemon=True).start()
