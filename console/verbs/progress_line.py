"""How far a start or a picture has come, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from console.language import tr, tr_many
from console.model.expectation import expected_start, how_far, waits_for_start
from console.model.images import Run, RunState
from console.model.service import ServiceSnapshot, ServiceState


def progress_text(service: ServiceSnapshot, runs: Sequence[Run]) -> str:
    """Return what happens now, in a few words."""
    running = next((run for run in runs if run.state is RunState.RUNNING), None)
    if running is not None and waits_for_start(running, service):
        expected = how_far(expected_start(service.starts), None)
        if expected:
            return tr("waiting for an instance to start, {expected}", expected=expected)
        return tr("waiting for an instance to start")
    if running is not None:
        if running.position:
            return tr_many(
                "waiting, 1 before this", "waiting, {count} before this", running.position
            )
        if running.tokens is None:
            return tr("reading the prompt")
        return tr("step {step} of {total}", step=running.step, total=running.total)
    readiness = service.readiness
    if service.state is ServiceState.STARTING and readiness is not None:
        return tr(
            "starting the engine, {percent} %: {what}",
            percent=readiness.percent,
            what=readiness.message,
        )
    return service.state.word
