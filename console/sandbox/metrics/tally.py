"""Things counted by the minute, kept for a month in a file so that they outlive the sandbox."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from console.paths import write_atomically
from console.sandbox.moments import read, written

KEPT: Final = timedelta(days=32)
"""For how long it is known what was counted: a month, and a day of another time zone."""

_MINUTE: Final = timedelta(minutes=1)
_LENGTH: Final = len("2026-11-30T12:34")

Names = tuple[str, ...]
"""What a count is of."""


class Tally:
    """Counts by minute and by what they are of; with a `path` kept there too.

    A file that is damaged is as good as none.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._counts: Counter[tuple[str, Names]] = Counter()
        self._saved = True
        self._load()

    def add(self, names: Names, amount: int, at: str) -> None:
        """Count `amount` more at the time `at`, as it is written in UTC."""
        self._counts[at[:_LENGTH], names] += amount
        self._saved = False

    def between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, Names, int]]:
        """Yield what was counted in minutes that end after `start` and up to `end`."""
        first, last = written(start)[:_LENGTH], written(end)[:_LENGTH]
        for (minute, names), amount in self._counts.items():
            if first <= minute <= last:
                at = read(minute) + _MINUTE
                if start < at <= end:
                    yield at, names, amount

    def save(self, now: datetime) -> None:
        """Write what changed, and forget what is too old; what cannot be written is only lost."""
        if self._saved or self._path is None:
            return
        self._saved = True
        oldest = written(now - KEPT)
        self._counts = Counter(
            {key: amount for key, amount in self._counts.items() if key[0] >= oldest[:_LENGTH]}
        )
        rows = [[minute, list(names), amount] for (minute, names), amount in self._counts.items()]
        with suppress(OSError):
            write_atomically(self._path, json.dumps(rows).encode())

    def _load(self) -> None:
        if self._path is None:
            return
        with suppress(OSError, ValueError, TypeError, RecursionError):
            rows = json.loads(self._path.read_bytes())
            self._counts = Counter(
                {
                    (written(read(minute))[:_LENGTH], tuple(map(str, names))): int(amount)
                    for minute, names, amount in rows
                }
            )


@dataclass(frozen=True, slots=True)
class Tallies:
    """What is counted in `project` beside what its log tells.

    `bucket_requests` counts by bucket, method and the code of the answer, `log_bytes` by the type
    of what wrote the lines.
    """

    project: str = ""
    bucket_requests: Tally = field(default_factory=Tally)
    log_bytes: Tally = field(default_factory=Tally)

    def save(self, now: datetime) -> None:
        """Write what changed."""
        self.bucket_requests.save(now)
        self.log_bytes.save(now)
