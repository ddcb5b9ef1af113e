"""A limit of bytes a second that several threads keep together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

_BURST_SECONDS: Final = 0.25


class Bandwidth:
    """Lets `rate` bytes a second pass, none meaning as many as can be.

    `clock` gives seconds; `wait` waits for some, and is asked again afterwards.
    """

    def __init__(
        self, rate: float | None, clock: Callable[[], float], wait: Callable[[float], object]
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._wait = wait
        self._free_at = clock()
        self._lock = threading.Lock()

    def limited(self, rate: float | None) -> Bandwidth:
        """Return one that lets so many bytes a second pass, by the same clock."""
        return Bandwidth(rate, self._clock, self._wait)

    def take(self, count: int) -> None:
        """Wait until `count` more bytes may pass."""
        if self._rate is None:
            return
        with self._lock:
            begin = max(self._free_at, self._clock() - _BURST_SECONDS)
            self._free_at = begin + count / self._rate
            wait = self._free_at - self._clock()
        if wait > 0:
            self._wait(wait)
