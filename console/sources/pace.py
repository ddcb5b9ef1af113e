"""Keeps calls within a quota of so many in so many seconds, by letting the next one wait."""

from __future__ import annotations

import asyncio
from collections import deque


class Pace:
    """At most `calls` turns within any `seconds`; whoever comes first is served first."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls = calls
        self._seconds = seconds
        self._turns: deque[float] = deque()
        self._line = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until another call is within the quota, and count it."""
        async with self._line:
            now = asyncio.get_running_loop().time
            while len(self._turns) >= self._calls:
                await asyncio.sleep(self._turns[0] + self._seconds - now())
                while self._turns and self._turns[0] + self._seconds <= now():
                    self._turns.popleft()
            self._turns.append(now())
