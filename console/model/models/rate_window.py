"""How fast bytes pass, over the last seconds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class RateWindow:
    """Bytes a second over the last `seconds`, from a count that only grows."""

    seconds: float = 10.0
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, now: float, count: int) -> None:
        """Note that `count` bytes had come at the moment `now`, in seconds."""
        if self._samples and now - self._samples[-1][0] < self.seconds / 100:
            return
        self._samples.append((now, count))
        while len(self._samples) > 2 and self._samples[1][0] <= now - self.seconds:
            self._samples.popleft()

    def rate(self, now: float, count: int) -> float | None:
        """Return the rate up to `now`; None before there is a span to measure."""
        if not self._samples:
            return None
        begin, before = self._samples[0]
        return (count - before) / (now - begin) if now - begin >= self.seconds / 20 else None

    def passing(self, now: float, count: int) -> float | None:
        """Note `count`, and return the rate up to `now`."""
        self.add(now, count)
        return self.rate(now, count)
