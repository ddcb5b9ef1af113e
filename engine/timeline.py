"""The stopwatch of a start: which phase was reached when, counted from the process's own birth.

Written by the main thread and the worker, read by HTTP handlers; every method may be called from
any thread. Whoever wants to hear of each moment as it happens (the log) gives a `listener`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.schema import Phase, Readiness, StartupEvent

_IMPORTED_AT: Final = time.monotonic()

# Reading the files is by far the longest part of a start, so it has most of the scale.
_PERCENT: Final = {
    Phase.PROCESS_START: 0,
    Phase.PORT_OPEN: 1,
    Phase.IMPORTS_DONE: 5,
    Phase.WEIGHTS_READ: 5,
    Phase.ON_DEVICE: 92,
    Phase.WARM: 99,
    Phase.READY: 100,
    Phase.FIRST_IMAGE: 100,
    Phase.FAILED: 0,
}
_WHAT_HAPPENS: Final = {
    Phase.PROCESS_START: "starting",
    Phase.PORT_OPEN: "importing libraries",
    Phase.IMPORTS_DONE: "reading model files",
    Phase.WEIGHTS_READ: "reading model files",
    Phase.ON_DEVICE: "warming up",
    Phase.WARM: "warming up",
    Phase.READY: "ready",
    Phase.FIRST_IMAGE: "ready",
}


def process_age() -> float:
    """Return the seconds since the operating system started this process.

    Linux states the moment in `/proc/self/stat` (field 22, clock ticks after boot; see
    proc_pid_stat(5)); where it does not, or says something impossible, the import of this
    module stands in for it.
    """
    since_import = time.monotonic() - _IMPORTED_AT
    try:
        after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        born = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - born
    except (OSError, ValueError, IndexError, AttributeError):
        return since_import
    return age if since_import <= age else since_import


class Timeline:
    """Moments of a start in the order they happened.

    `clock` gives the seconds since the process started.
    """

    def __init__(
        self,
        clock: Callable[[], float] = process_age,
        listener: Callable[[StartupEvent], None] = lambda event: None,
    ) -> None:
        self._clock = clock
        self._listener = listener
        self._lock = threading.Lock()
        self._events = [StartupEvent(Phase.PROCESS_START, 0.0)]
        self._read = 0
        self._to_read = 0
        listener(self._events[0])

    def reached(
        self, phase: Phase, *, port: int = 0, seconds: float = 0.0, message: str = ""
    ) -> None:
        """Record that `phase` was reached now; a phase that was reached before stays as it was.

        `seconds` is how long it took, where that is not the time since the phase before;
        `message` says more.
        """
        event = StartupEvent(phase, self._clock(), seconds=seconds, message=message, port=port)
        self._record(event, once=True)

    def file_read(self, name: str, size: int, seconds: float) -> None:
        """Record that the file `name` of `size` bytes was read within `seconds`."""
        self._record(StartupEvent(Phase.WEIGHTS_READ, self._clock(), name, size, seconds))

    def progress(self, read: int, in_all: int) -> None:
        """Note how many of all the model's bytes are read so far."""
        with self._lock:
            self._read, self._to_read = read, in_all

    def failed(self, reason: str) -> None:
        """Record that the start failed for `reason`, one line."""
        self._record(StartupEvent(Phase.FAILED, self._clock(), message=reason), once=True)

    def events(self) -> tuple[StartupEvent, ...]:
        """Return everything recorded so far, oldest first."""
        with self._lock:
            return tuple(self._events)

    def readiness(self) -> Readiness:
        """Return whether pictures can be made, and if not how far the start has come."""
        with self._lock:
            last = self._events[-1]
            share = self._read / self._to_read if self._to_read else 0.0
        if last.phase is Phase.FAILED:
            return Readiness(False, last.phase, 0, last.message)
        percent = _PERCENT[last.phase]
        if last.phase in (Phase.IMPORTS_DONE, Phase.WEIGHTS_READ):
            percent += int(min(1.0, share) * (_PERCENT[Phase.ON_DEVICE] - percent - 2))
        ready = last.phase in (Phase.READY, Phase.FIRST_IMAGE)
        return Readiness(ready, last.phase, percent, _WHAT_HAPPENS[last.phase])

    def _record(self, event: StartupEvent, *, once: bool = False) -> None:
        with self._lock:
            if once and any(event.phase is earlier.phase for earlier in self._events):
                return
            self._events.append(event)
        self._listener(event)
