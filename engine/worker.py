"""The worker: one thread that owns the device, loads the model and serves a bounded inbox.

Imports no torch: how to load is a callable given by whoever starts the worker, and runs in the
worker's own thread. Requests may come before the model is loaded; they wait in the inbox.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from engine.errors import (
    EngineError,
    GenerationFailed,
    NotReady,
    QueueFull,
    one_line,
)
from engine.schema import Done, GenerationEvent, GenerationRequest, InvalidRequest, Phase, Size
from engine.settings import DEFAULT_QUEUE
from engine.ticket import Ticket
from engine.timeline import Timeline

FINISH_WITHIN: Final = 5.0
ABORT_WITHIN: Final = 2.0
_FIRST_GUESS: Final = 10.0
_WEIGHT_OF_LATEST: Final = 0.3


class ImagePipeline(Protocol):
    """What the worker needs of `engine.pipeline.Pipeline`."""

    @property
    def native_size(self) -> Size:
        """The size made when a request names none."""

    @property
    def name(self) -> str:
        """The name of the loaded model."""

    def warm_up(self) -> None:
        """Do once what would make the first picture slower than the next."""

    def generate(
        self, request: GenerationRequest, cancelled: Callable[[], bool]
    ) -> Iterator[GenerationEvent]:
        """Make one picture, saying how far it is; raises `Cancelled` between two steps."""


class Worker:
    """Serves tickets in the order they came, one at a time.

    `load` runs in the worker's thread and tells `timeline` what it has done; `capacity` is how
    many tickets may wait beside the one being served.
    """

    def __init__(
        self,
        load: Callable[[Timeline], ImagePipeline],
        timeline: Timeline,
        capacity: int = DEFAULT_QUEUE,
    ) -> None:
        self._load = load
        self._timeline = timeline
        self._capacity = capacity
        self._changed = threading.Condition()
        self._inbox: deque[Ticket] = deque()
        self._serving: Ticket | None = None
        self._refusal: NotReady | None = None
        self._pipeline: ImagePipeline | None = None
        self._seconds_per_picture = _FIRST_GUESS
        self._thread = threading.Thread(target=self._run, name="engine-worker", daemon=True)

    @property
    def pipeline(self) -> ImagePipeline | None:
        """The loaded pipeline, None until it can be used."""
        return self._pipeline

    @property
    def stopping(self) -> bool:
        """Whether no more tickets are taken, after `stop` or a failed load."""
        return self._refusal is not None

    @property
    def running(self) -> bool:
        """Whether the worker's thread is alive."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to load; returns at once."""
        self._thread.start()

    def waiting(self) -> int:
        """Return how many tickets wait, not counting the one being served."""
        with self._changed:
            return len(self._pending())

    def submit(self, *requests: GenerationRequest) -> Ticket:
        """Take one order and return its ticket.

        Raises `InvalidRequest`, `QueueFull` with a guess of when to try again, or `NotReady` when
        no picture will be made here any more.
        """
        for request in requests:
            request.check()
        ticket = Ticket(requests)
        with self._changed:
            if self._refusal is not None:
                # A new one each time: an exception keeps the frames of every raise.
                raise NotReady(str(self._refusal), final=self._refusal.final)
            pending = self._pending()
            if len(pending) >= self._capacity:
                raise QueueFull(
                    f"{len(pending)} requests wait already; try again later", self._patience()
                )
            self._inbox = deque([*pending, ticket])
            ticket.queue_at(len(pending) + (self._serving is not None))
            self._changed.notify_all()
        return ticket

    def stop(
        self, finish_within: float = FINISH_WITHIN, abort_within: float = ABORT_WITHIN
    ) -> bool:
        """Take no more tickets, finish those there are, and end the thread.

        Whatever is not done after `finish_within` seconds is cancelled at its next step boundary,
        for which `abort_within` more seconds are given. Returns whether the thread has ended; a
        load that is still running cannot be interrupted and ends with the process.
        """
        refusal = NotReady("the engine is shutting down; send the request again")
        with self._changed:
            self._refusal = self._refusal or refusal
            self._changed.notify_all()
            self._changed.wait_for(self._is_idle, finish_within)
            leftovers = [*self._inbox, *([self._serving] if self._serving else [])]
            loading = self._pipeline is None
        for ticket in leftovers:
            ticket.cancel(refusal)
        if self._thread.is_alive():
            self._thread.join(0.0 if loading else abort_within)
        return not self._thread.is_alive()

    # -- in the worker's thread -------------------------------------------------------------

    def _run(self) -> None:
        try:
            pipeline = self._load(self._timeline)
            self._timeline.reached(Phase.ON_DEVICE)
            pipeline.warm_up()
            self._timeline.reached(Phase.WARM)
        except Exception as error:
            self._give_up(one_line(error))
            return
        self._pipeline = pipeline
        self._timeline.reached(Phase.READY)
        while (ticket := self._next()) is not None:
            outcome = self._serve(pipeline, ticket)
            with self._changed:
                self._serving = None
                self._changed.notify_all()
            ticket.finish(outcome)

    def _give_up(self, reason: str) -> None:
        refusal = NotReady(f"the model could not be loaded: {reason}", final=True)
        with self._changed:
            self._refusal = refusal
            pending = self._pending()
            self._inbox.clear()
        self._timeline.failed(reason)
        for ticket in pending:
            ticket.finish(refusal)

    def _next(self) -> Ticket | None:
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._inbox or self._refusal is not None)
                if not self._inbox:
                    return None
                ticket = self._inbox.popleft()
                if not ticket.begin():
                    continue
                self._serving = ticket
                for place, waiting in enumerate(self._pending(), start=1):
                    waiting.queue_at(place)
                return ticket

    def _serve(self, pipeline: ImagePipeline, ticket: Ticket) -> Exception | None:
        try:
            for request in ticket.requests:
                self._make(pipeline, request, ticket)
        except (EngineError, InvalidRequest) as error:
            return ticket.stop_reason() or error
        except Exception as error:
            failure = GenerationFailed(_what_failed(error, request, pipeline.native_size))
            failure.__cause__ = error
            return failure
        return None

    def _make(self, pipeline: ImagePipeline, request: GenerationRequest, ticket: Ticket) -> None:
        reason = ticket.stop_reason()
        if reason is not None:
            raise reason
        event: GenerationEvent | None = None
        for event in pipeline.generate(request, ticket.is_cancelled):
            if isinstance(event, Done):
                self._timeline.reached(Phase.FIRST_IMAGE, seconds=event.seconds)
                drift = event.seconds - self._seconds_per_picture
                self._seconds_per_picture += _WEIGHT_OF_LATEST * drift
            ticket.publish(event)
        if not isinstance(event, Done):
            raise GenerationFailed("the pipeline ended without a picture")

    # -- with the lock held -----------------------------------------------------------------

    def _pending(self) -> list[Ticket]:
        return [ticket for ticket in self._inbox if not ticket.finished]

    def _is_idle(self) -> bool:
        return self._serving is None and not self._pending()

    def _patience(self) -> float:
        ahead = [*self._pending(), *([self._serving] if self._serving else [])]
        return self._seconds_per_picture * sum(len(ticket.requests) for ticket in ahead)


def _what_failed(error: Exception, request: GenerationRequest, native: Size) -> str:
    # torch names its exception OutOfMemoryError on a GPU and raises a RuntimeError on a CPU.
    if "OutOfMemory" in type(error).__name__ or "can't allocate memory" in str(error):
        return f"not enough memory for {request.size or native}; ask for a smaller picture"
    if isinstance(error, MemoryError):
        return f"not enough memory for {request.size or native}; ask for a smaller picture"
    return one_line(error)
