"""What the starts of a stretch of time have in common, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What is usual, how figures are spread, and how starts go on; the default is of none."""

    usual: Usual = field(default_factory=Usual)
    summary: Summary | None = None
    trend: Trend | None = None

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
    return Reckoned(usual(timings), summarise(timings), trend(timings))
