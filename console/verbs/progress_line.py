"""One line on a terminal that says how far things are, written over itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TextIO

from console.model.expectation import expected_start, how_far, waits_for_start
from console.model.images import Run, RunState
from console.model.service import ServiceSnapshot, ServiceState

_ERASE: Final = "\r\x1b[K"
_WIDEST: Final = 78


class ProgressLine:
    """Writes to `stream` when that is a terminal, and nothing at all when it is not."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""
        self._active = stream.isatty()

    def show(self, service: ServiceSnapshot, runs: Sequence[Run]) -> None:
        """Say how far the start, or else the running picture, has come."""
        text = progress_text(service, runs)[:_WIDEST]
        if self._active and text != self._shown:
            self._shown = text
            self._stream.write(_ERASE + text)
            self._stream.flush()

    def clear(self) -> None:
        """Leave an empty line behind."""
        if self._shown:
            self._shown = ""
            self._stream.write(_ERASE)
            self._stream.flush()


def progress_text(service: ServiceSnapshot, runs: Sequence[Run]) -> str:
    """Return what happens now, in a few words."""
    running = next((run for run in runs if run.state is RunState.RUNNING), None)
    if running is not None and waits_for_start(running, service):
        expected = how_far(expected_start(service.starts), None)
        return "waiting for an instance to start" + (f", {expected}" if expected else "")
    if running is not None:
        if running.position:
            return f"waiting, {running.position} before this"
        if running.tokens is None:
            return "reading the prompt"
        return f"step {running.step} of {running.total}"
    readiness = service.readiness
    if service.state is ServiceState.STARTING and readiness is not None:
        return f"starting the engine, {readiness.percent} %: {readiness.message}"
    return str(service.state)
