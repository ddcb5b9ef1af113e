"""What is not known of a log: stretches of time in which lines came that nobody delivered.

All times are those at which the cloud received a line, because a line may be written long after
the time that it is of.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from console.model.log.lines import LogRecord

DISORDER: Final = timedelta(seconds=10)
"""How far lines that were received later may be delivered earlier, while few are written."""

LEAST_DISORDER: Final = timedelta(seconds=0.5)
"""The same while so many are written that ten seconds of them cannot be read again."""

MANY_LINES: Final = 1_000
REMEMBERED: Final = 200_000
_PORTIONS: Final = 8
MOST_GAPS: Final = 100


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines received from `since` to `until`, both included, may be missing; None: no end yet."""

    since: datetime
    until: datetime | None = None


class Gaps:
    """Gaps, the oldest first; they do not overlap, and only the last one may have no end."""

    def __init__(self) -> None:
        self._gaps: deque[Gap] = deque()
        self._joined_until: datetime | None = None
        """Where the latest of the gaps ended that the open one took in."""

    def __bool__(self) -> bool:
        return bool(self._gaps)

    def __len__(self) -> int:
        return len(self._gaps)

    @property
    def oldest(self) -> Gap:
        """The one that began first; raises `IndexError` when there is none."""
        return self._gaps[0]

    @property
    def is_open(self) -> bool:
        """Whether the last one has no end yet."""
        return bool(self._gaps) and self._gaps[-1].until is None

    def begin(self, since: datetime) -> None:
        """Lines may be missing from `since` on."""
        while self._gaps and (self._gaps[-1].until is None or self._gaps[-1].until >= since):
            joined = self._gaps.pop()
            since = min(since, joined.since)
            self._joined_until = self._joined_until or joined.until
        self._gaps.append(Gap(since))
        if len(self._gaps) > MOST_GAPS:
            first, second = self._gaps.popleft(), self._gaps.popleft()
            self._gaps.appendleft(Gap(first.since, second.until))

    def end(self, until: datetime) -> None:
        """Nothing is missing any more from after `until` on."""
        if self.is_open:
            last = self._gaps.pop()
            known = (last.since, until, self._joined_until or last.since)
            self._gaps.append(Gap(last.since, max(known)))
            self._joined_until = None

    def read(self, since: datetime, upto: datetime) -> None:
        """Every line received from `since` to `upto` is known now."""
        rest: deque[Gap] = deque()
        for gap in self._gaps:
            if gap.since < since or gap.since > upto:
                rest.append(gap)
            elif gap.until is None or gap.until > upto:
                rest.append(Gap(upto, gap.until))
        self._gaps = rest


class KnownLines:
    """The lines delivered lately: tells which are new, and where they stand.

    At most `capacity` are known, of which an eighth is forgotten at once: a dictionary that loses a
    line for each that it gains takes ever more room until it is made anew.
    """

    def __init__(self, capacity: int = REMEMBERED) -> None:
        self._at_once = max(1, capacity // _PORTIONS)
        self._known = deque([dict[object, datetime]()], maxlen=_PORTIONS)
        self._received: deque[datetime] = deque(maxlen=MANY_LINES)
        self.newest: datetime | None = None
        """When the cloud received the line that it received last of all."""

    def is_new(self, record: LogRecord) -> bool:
        """Whether a line was not known; from now on it is.

        Lines of the same time and identifier are the same one, and without identifiers those
        that say the same.
        """
        where = record.provenance
        key = where.insert_id or (record.time, record.message, where.instance)
        if any(each.get(key) == record.time for each in reversed(self._known)):
            return False
        if len(self._known[-1]) >= self._at_once:
            self._known.append({})
        self._known[-1][key] = record.time
        received = record.received or record.time
        self._received.append(received)
        if self.newest is None or received > self.newest:
            self.newest = received
        return True

    def certain(self, newest: datetime, disorder: timedelta = DISORDER) -> datetime:
        """Return the moment before which every line is known, if `newest` is the latest known.

        So long ago that lines may be in disorder by `disorder`; less when many are written.
        """
        if len(self._received) < MANY_LINES:
            return newest - disorder
        many_ago = max(newest - disorder, self._received[0])
        return min(newest - LEAST_DISORDER, many_ago)
