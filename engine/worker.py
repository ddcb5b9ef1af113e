"""The worker: one thread that owns the device, loads the model and serves a bounded, fair inbox.

Imports no torch: how to load is a callable given by whoever starts the worker, and runs in the
worker's own thread. Requests may come before the model is loaded; they wait in the inbox.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from engine.errors import (
    Cancelled,
    EngineError,
    GenerationFailed,
    NotReady,
    OutOfMemory,
    QueueFull,
    one_line,
)
from engine.exhaustion import ran_out_of_memory
from engine.inbox import Inbox, NoPlace
from engine.pace import Pace
from engine.schema import Done, GenerationEvent, GenerationRequest, InvalidRequest, Phase, Size
from engine.settings import DEFAULT_QUEUE
from engine.ticket import Ticket
from engine.timeline import Timeline

FINISH_WITHIN: Final = 5.0
ABORT_WITHIN: Final = 1.5
# What is left of a picture that already takes longer than expected.
_LATE_SHARE: Final = 0.1


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

    def free_memory(self) -> None:
        """Give back whatever memory is kept only to be faster."""


class Observer:
    """Hears what the worker does, in the worker's thread; this one does not care."""

    def began(self, waited: float) -> None:
        """A ticket that waited so many seconds is being served now."""

    def happened(self, event: GenerationEvent) -> None:
        """A picture has come one event further."""

    def ended(self, error: Exception | None) -> None:
        """The ticket that was being served has ended, without error if all pictures came."""


class Worker:
    """Serves tickets one at a time, in the order of `engine.inbox`.

    `load` runs in the worker's thread and tells `timeline` what it has done; `capacity` is how
    many tickets may wait beside the one being served, and `deadline` how many seconds each may
    take, waiting included.
    """

    def __init__(
        self,
        load: Callable[[Timeline], ImagePipeline],
        timeline: Timeline,
        capacity: int = DEFAULT_QUEUE,
        *,
        deadline: float | None = None,
        observer: Observer | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._timeline = timeline
        self._deadline = deadline
        self._observer = observer or Observer()
        self._clock = clock
        self._changed = threading.Condition()
        self._inbox = Inbox(capacity)
        self._serving: Ticket | None = None
        self._serving_since = 0.0
        self._turned_away = 0
        self._refusal: NotReady | None = None
        self._pipeline: ImagePipeline | None = None
        self._pace = Pace()
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
            return len(self._inbox.tickets())

    def serving(self) -> bool:
        """Whether a ticket is being served now."""
        return self._serving is not None

    def interrupt(self) -> bool:
        """Cancel the ticket that is being served; returns whether there was one."""
        with self._changed:
            serving = self._serving
        if serving is None or serving.finished:
            return False
        serving.cancel(Cancelled("the picture was interrupted on request"))
        return True

    def submit(self, *requests: GenerationRequest, client: str = "") -> Ticket:
        """Take one order of `client` and return its ticket.

        Raises `InvalidRequest`, `QueueFull` with a guess of when to try again, or `NotReady` when
        no picture will be made here any more. A ticket that waits may still end in `QueueFull`:
        when all places are taken, who holds most of them gives one up for who holds fewer.
        """
        for request in requests:
            request.check()
        ticket = Ticket(requests, self._deadline, self._clock)
        with self._changed:
            if self._refusal is not None:
                # A new one each time: an exception keeps the frames of every raise.
                raise NotReady(str(self._refusal), final=self._refusal.final)
            try:
                displaced = self._inbox.put(client, ticket)
            except NoPlace:
                raise self._full() from None
            if displaced:
                displaced.cancel(self._full())
            self._tell_places()
            self._changed.notify_all()
        return ticket

    def stop(
        self, finish_within: float = FINISH_WITHIN, abort_within: float = ABORT_WITHIN
    ) -> bool:
        """Take no more tickets, finish those there are, and end the thread.

        Whatever is not done after `finish_within` seconds is cancelled: its readers are told at
        once, and the thread has `abort_within` more seconds to reach a step boundary. Returns
        whether it has ended; a load that is still running cannot be interrupted and ends with the
        process.
        """
        refusal = NotReady("the engine is shutting down; send the request again")
        with self._changed:
            self._refusal = self._refusal or refusal
            self._changed.notify_all()
            self._changed.wait_for(self._is_idle, finish_within)
            leftovers = [*self._inbox.tickets(), *([self._serving] if self._serving else [])]
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
            self._observer.ended(outcome)
            with self._changed:
                self._serving = None
                self._changed.notify_all()
            ticket.finish(outcome)

    def _give_up(self, reason: str) -> None:
        refusal = NotReady(f"the model could not be loaded: {reason}", final=True)
        with self._changed:
            self._refusal = refusal
            pending = self._inbox.tickets()
            self._inbox.clear()
        self._timeline.failed(reason)
        for ticket in pending:
            ticket.finish(refusal)

    def _next(self) -> Ticket | None:
        with self._changed:
            while (ticket := self._inbox.take()) is None:
                if self._refusal is not None:
                    return None
                self._changed.wait()
            self._serving, self._serving_since = ticket, self._clock()
            self._turned_away = max(0, self._turned_away - 1)
            self._tell_places()
        self._observer.began(ticket.age())
        return ticket

    def _serve(self, pipeline: ImagePipeline, ticket: Ticket) -> Exception | None:
        try:
            for request in ticket.requests:
                self._make(pipeline, request, ticket)
        except (EngineError, InvalidRequest) as error:
            return ticket.stop_reason() or error
        except Exception as error:
            size = request.size or pipeline.native_size
            failure: GenerationFailed
            if ran_out_of_memory(error):
                failure = OutOfMemory(f"not enough memory for {size}; ask for a smaller picture")
                # The frames of the failure still hold what was computed so far.
                traceback.clear_frames(error.__traceback__)
                pipeline.free_memory()
            else:
                failure = GenerationFailed(one_line(error))
            failure.__cause__ = error
            return failure
        return None

    def _make(self, pipeline: ImagePipeline, request: GenerationRequest, ticket: Ticket) -> None:
        if ticket.is_cancelled():
            raise Cancelled("the request was cancelled before its picture was begun")
        event: GenerationEvent | None = None
        for event in pipeline.generate(request, ticket.is_cancelled):
            if isinstance(event, Done):
                self._timeline.reached(Phase.FIRST_IMAGE, seconds=event.seconds)
                with self._changed:
                    self._pace.learn(request, pipeline.native_size, event.seconds)
            self._observer.happened(event)
            ticket.publish(event)
        if not isinstance(event, Done):
            raise GenerationFailed("the pipeline ended without a picture")

    # -- with the lock held -----------------------------------------------------------------

    def _tell_places(self) -> None:
        ahead = 1 if self._serving else 0
        for place, ticket in enumerate(self._inbox.tickets(), start=ahead):
            ticket.queue_at(place)

    def _is_idle(self) -> bool:
        return self._serving is None and not self._inbox.tickets()

    def _full(self) -> QueueFull:
        waiting = self._inbox.tickets()
        wait = self._until_place(waiting)
        self._turned_away = min(self._turned_away + 1, len(waiting))
        return QueueFull(f"{len(waiting)} requests wait already; try again later", wait)

    def _until_place(self, waiting: list[Ticket]) -> float:
        """Return the seconds until a place is free that nobody was told to come back for."""
        native = self._pipeline.native_size if self._pipeline else None
        left = 0.0
        if self._serving is not None:
            expected = self._pace.expect(self._serving.requests, native)
            elapsed = self._clock() - self._serving_since
            left = max(expected - elapsed, _LATE_SHARE * expected)
        before = waiting[: self._turned_away]
        return left + sum(self._pace.expect(ticket.requests, native) for ticket in before)
