"""What is being made for AUTOMATIC1111's clients, so that they can ask how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from engine.schema import Done, Encoded, GenerationEvent, Picture, Step
from engine.ticket import Ticket

# A client that hangs up sends its interrupt at the same moment, so it may come a little later.
_LATE_INTERRUPT_SECONDS: Final = 2.0


class Job:
    """One order on its way: pictures done, the step of the present one, its latest preview."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.started: float | None = None
        self.made = 0
        self.step = 0
        self.preview: Picture | None = None

    @property
    def count(self) -> int:
        """How many pictures were asked for."""
        return len(self.ticket.requests)

    @property
    def steps(self) -> int:
        """How many steps each picture takes."""
        return self.ticket.requests[0].steps

    @property
    def progress(self) -> float:
        """The share of the steps that are done, 0 to 1."""
        return min(1.0, (self.made + self.step / self.steps) / self.count)


class JobBoard:
    """The orders that are being made or wait, oldest first; `clock` gives seconds.

    Belongs to the event loop: no method may be called from another thread.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._jobs: list[Job] = []
        self._hung_up_at: float | None = None

    @contextmanager
    def entry(self, ticket: Ticket) -> Iterator[Callable[[GenerationEvent], None]]:
        """Keep the order on the board for a while; yields what its events are to be told to."""
        job = Job(ticket)
        self._jobs.append(job)

        def watch(event: GenerationEvent) -> None:
            self._note(job, event)

        try:
            yield watch
        finally:
            self._jobs.remove(job)

    def hung_up(self) -> None:
        """Note that a client closed its connection before its pictures were finished."""
        self._hung_up_at = self._clock()

    def interrupt(self) -> bool:
        """Stop the order that is being made, at its next step; returns whether there was one.

        An interrupt that comes just after a client has hung up is that client's, and its order is
        cancelled already: it must not stop the order of the next one.
        """
        hung_up_at, self._hung_up_at = self._hung_up_at, None
        if hung_up_at is not None and self._clock() - hung_up_at < _LATE_INTERRUPT_SECONDS:
            return False
        job = self._current()
        if job is None or job.started is None:
            return False
        job.ticket.cancel()
        return True

    def current_preview(self) -> Picture | None:
        """Return the latest preview of the order that is being made."""
        job = self._current()
        return job.preview if job else None

    def report(self) -> dict[str, object]:
        """Return how far the present order is, as `/sdapi/v1/progress` tells it, without pictures.

        All is zero when there is none; `eta_relative` is in seconds.
        """
        job = self._current()
        progress = job.progress if job else 0.0
        eta = 0.0
        if job is not None and job.started is not None and progress:
            eta = (self._clock() - job.started) * (1 / progress - 1)
        state = {
            "skipped": False,
            "interrupted": bool(job and job.ticket.is_cancelled()),
            "stopping_generation": False,
            "job": "txt2img" if job else "",
            "job_count": sum(each.count - each.made for each in self._jobs),
            "job_timestamp": "0",
            "job_no": job.made if job else 0,
            "sampling_step": job.step if job else 0,
            "sampling_steps": job.steps if job else 0,
        }
        return {"progress": round(progress, 4), "eta_relative": round(eta, 2), "state": state}

    def _current(self) -> Job | None:
        """Return the order that is being made, or else the oldest that waits."""
        begun = (job for job in self._jobs if job.started is not None)
        return next(begun, self._jobs[0] if self._jobs else None)

    def _note(self, job: Job, event: GenerationEvent) -> None:
        match event:
            case Encoded() if job.started is None:
                job.started = self._clock()
            case Step(index):
                job.step = index
                job.preview = event.preview or job.preview
            case Done():
                job.made, job.step, job.preview = job.made + 1, 0, None
