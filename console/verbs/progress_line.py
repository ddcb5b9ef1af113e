"""How far a start or a picture has come, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from console.model.expectation import expected_start, how_far, waits_for_start
from console.model.images import Run, RunState
from console.model.service import ServiceSnapshot, ServiceState


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
