"""A worker with a scripted pipeline, and what tests ask of its tickets."""

from __future__ import annotations

import threading

import pytest
from scripted_pipeline import PATIENCE, ScriptedPipeline

from engine.errors import QueueFull
from engine.schema import GenerationEvent, GenerationRequest, Queued, Step, event_name
from engine.ticket import Ticket
from engine.timeline import Timeline
from engine.worker import Observer, Worker

RED = GenerationRequest("a red circle", steps=2)


class Clock:
    """Stands still until a test moves it."""

    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


class Heard(Observer):
    """Keeps what the worker said."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.events: list[GenerationEvent] = []
        self.ends: list[Exception | None] = []

    def began(self, waited: float) -> None:
        self.waits.append(waited)

    def happened(self, event: GenerationEvent) -> None:
        self.events.append(event)

    def ended(self, error: Exception | None) -> None:
        self.ends.append(error)


class Bench:
    """A worker for two waiting tickets, whose load waits for the test to allow it."""

    def __init__(self, deadline: float | None = None) -> None:
        self.pipeline = ScriptedPipeline()
        self.timeline = Timeline()
        self.clock = Clock()
        self.heard = Heard()
        self.may_load = threading.Event()
        self.worker = Worker(
            self._load,
            self.timeline,
            capacity=2,
            deadline=deadline,
            observer=self.heard,
            clock=self.clock,
        )

    def _load(self, timeline: Timeline) -> ScriptedPipeline:
        assert self.may_load.wait(PATIENCE), "the test never let the model load"
        return self.pipeline

    def start(self) -> Worker:
        self.may_load.set()
        self.worker.start()
        return self.worker

    def end(self) -> None:
        self.may_load.set()
        self.pipeline.free()
        if self.worker.running:
            self.worker.stop()
        for thread in threading.enumerate():
            if thread.name == "engine-worker":
                thread.join(PATIENCE)
        assert not self.worker.running


def names(events: list[GenerationEvent]) -> list[str]:
    return [event_name(event) for event in events]


def wait_for_step(ticket: Ticket, index: int) -> None:
    next(event for event in ticket if isinstance(event, Step) and event.index == index)


def wait_until_served(ticket: Ticket) -> None:
    next(event for event in ticket if not isinstance(event, Queued))


def refused(worker: Worker, client: str = "") -> float:
    """Return when to come back, from a worker that must refuse."""
    with pytest.raises(QueueFull) as refusal:
        worker.submit(RED, client=client)
    return refusal.value.retry_after
