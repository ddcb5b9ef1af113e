"""A ticket: what a client holds while its pictures are being made.

One thread publishes events into a ticket, any number of readers follow them from the beginning,
each at its own pace: a plain thread by iterating, a coroutine by `stream`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator

from engine.errors import Cancelled, DeadlineExceeded, EngineError
from engine.schema import GenerationEvent, GenerationRequest, Queued


class Ticket:
    """The life of one order: one or more `requests`, served one after another.

    The events are those of each request in turn, so every `Done` ends one picture. `deadline` is
    how many seconds of `clock` the order may take from now on, waiting included.
    """

    def __init__(
        self,
        requests: tuple[GenerationRequest, ...],
        deadline: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.requests = requests
        self._clock = clock
        self._created = clock()
        self._deadline = deadline
        self._changed = threading.Condition()
        self._events: list[GenerationEvent] = []
        self._position: int | None = None
        self._finished = False
        self._error: Exception | None = None
        self._stop_reason: EngineError | None = None
        self._wakers: list[Callable[[], None]] = []

    # -- the client's side ------------------------------------------------------------------

    def cancel(self, reason: EngineError | None = None) -> None:
        """End for all readers at once; whoever makes the picture stops at the next step boundary.

        Only the first call counts. Readers get `reason`, by default `engine.errors.Cancelled`.
        """
        reason = reason or Cancelled("the request was cancelled before its picture was finished")
        with self._changed:
            if self._finished:
                return
            self._stop_reason = reason
            self.finish(reason)

    def __iter__(self) -> Iterator[GenerationEvent]:
        """Follow the events, blocking; raises what ended the ticket if not all pictures came."""
        seen = 0
        while True:
            with self._changed:
                while len(self._events) == seen and not self._finished:
                    self._changed.wait(self._left())
                    self._expire()
                news, finished = self._events[seen:], self._finished
            yield from news
            seen += len(news)
            if finished:
                break
        if self._error is not None:
            raise self._error

    async def stream(self, beat: float | None = None) -> AsyncIterator[GenerationEvent | None]:
        """Follow the events from a coroutine; None whenever `beat` seconds pass without one.

        Raises what ended the ticket if not all pictures came.
        """
        loop, wake = asyncio.get_running_loop(), asyncio.Event()
        seen = 0
        with self._watched_by(lambda: loop.call_soon_threadsafe(wake.set)):
            while True:
                wake.clear()
                with self._changed:
                    news, finished = self._events[seen:], self._finished
                for event in news:
                    yield event
                seen += len(news)
                if finished:
                    break
                left = self._left()
                last = left is not None and (beat is None or left <= beat)
                try:
                    await asyncio.wait_for(wake.wait(), left if last else beat)
                except TimeoutError:
                    if last:
                        self._expire()
                    else:
                        yield None
        if self._error is not None:
            raise self._error

    def _left(self) -> float | None:
        if self._deadline is None:
            return None
        return max(0.0, self._created + self._deadline - self._clock())

    def _expire(self) -> None:
        if self._left() == 0.0:
            self.cancel(
                DeadlineExceeded(
                    f"not finished within {self._deadline:g} seconds; ask for fewer or smaller "
                    "pictures or fewer steps, or let the service's operator raise ZIMAGE_DEADLINE"
                )
            )

    @contextlib.contextmanager
    def _watched_by(self, waker: Callable[[], object]) -> Iterator[None]:
        def wake() -> None:
            # A loop that has ended takes no more calls, and nobody is left to wake.
            with contextlib.suppress(RuntimeError):
                waker()

        with self._changed:
            self._wakers.append(wake)
        try:
            yield
        finally:
            with self._changed:
                self._wakers.remove(wake)

    # -- the worker's side ------------------------------------------------------------------

    def is_cancelled(self) -> bool:
        """Whether somebody asked for an end, or the deadline did."""
        self._expire()
        return self._stop_reason is not None

    def stop_reason(self) -> EngineError | None:
        """Return what readers are to be told when the ticket was cancelled."""
        return self._stop_reason

    @property
    def finished(self) -> bool:
        """Whether no more events will come."""
        return self._finished

    def queue_at(self, position: int) -> None:
        """Publish the place in the queue, if it is a new one."""
        if position != self._position:
            self._position = position
            self.publish(Queued(position))

    def age(self) -> float:
        """Return the seconds since the order was taken."""
        return self._clock() - self._created

    def publish(self, event: GenerationEvent) -> None:
        """Hand `event` to all readers, unless the ticket has ended."""
        with self._changed:
            if not self._finished:
                self._events.append(event)
                self._notify()

    def finish(self, error: Exception | None = None) -> None:
        """Say that no more events come; only the first call counts."""
        with self._changed:
            if not self._finished:
                self._finished, self._error = True, error
                self._notify()

    def _notify(self) -> None:
        self._changed.notify_all()
        for wake in self._wakers:
            wake()
