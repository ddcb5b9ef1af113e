"""What the starts of a stretch of time have in common, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from console.model.starts.changes import Trend, trend
from console.model.starts.snapshot import Timing
from console.model.starts.start import ColdStart, StartPhase
from console.model.starts.statistics import (
    LEAST_FOR_USUAL,
    Summary,
    Usual,
    stands_out,
    summarise,
    timing,
    usual,
)

MOST_TOTALS: Final = 400


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What is usual, how figures are spread, and how starts go on; the default is of none.

    `totals` are those of all starts, oldest first, `MOST_TOTALS` at most, each the median of its
    neighbours then; None for those that did not come to their end.
    """

    usual: Usual = field(default_factory=Usual)
    summary: Summary | None = None
    trend: Trend | None = None
    totals: tuple[float | None, ...] = ()

    def slow(self, start: ColdStart) -> bool:
        """Whether a start as a whole took far longer than usual."""
        known, total = self.usual.total, start.total
        limit = None if known is None else known.limit
        return limit is not None and total is not None and total > limit

    def notable(self, start: ColdStart) -> frozenset[StartPhase]:
        """Return the phases of a start that took far longer than usual."""
        return stands_out(timing(start), self.usual)

    def usual_for(self, start: ColdStart) -> dict[StartPhase, float]:
        """Return the median of each phase that a start came to the end of; of few there is none."""
        known = self.usual.phases
        return {
            phase: known[phase].median
            for phase in timing(start).phases
            if phase in known and known[phase].count >= LEAST_FOR_USUAL
        }


def reckon(timings: Sequence[Timing]) -> Reckoned:
    """Reckon what `timings`, oldest first, have in common; for ten thousand it takes a moment."""
    totals = [None if each.failed else each.total for each in timings]
    return Reckoned(
        usual(timings), summarise(timings), trend(timings), tuple(in_few(totals, MOST_TOTALS))
    )


def in_few(values: Sequence[float | None], most: int) -> list[float | None]:
    """Return at most so many values, each the median of neighbours; None where none is known."""
    each = -(-len(values) // most)
    first = len(values) % each if each else 0
    groups = [values[:first]] if first else []
    groups += [values[start : start + each] for start in range(first, len(values), each or 1)]
    return [_median(group) for group in groups]


def _median(group: Sequence[float | None]) -> float | None:
    known = [value for value in group if value is not None]
    return median(known) if known else None
