"""What many starts have in common: percentiles, what is usual, and whether something changed.

Starts that failed or never came to an end count nowhere but where they are counted. Measures are
robust: one start of ten minutes moves no median.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import Final

from console.model.starts.snapshot import Timing
from console.model.starts.spans import ENDS_WITH, phase_spans
from console.model.starts.start import ColdStart, StartPhase

LEAST_FOR_USUAL: Final = 5
"""So many starts say what is usual; of fewer, every second one would stand out."""

OUTLIER_DEVIATIONS: Final = 3.0
"""What lies further from the median than so many standard deviations stands out."""

OUTLIER_SECONDS: Final = 0.5
"""But not for less than this, for phases that always take the same differ by milliseconds."""

_NORMAL: Final = 1.4826
"""How many median deviations make a standard deviation where figures are spread normally."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How figures are spread; all in seconds but `count`."""

    count: int
    median: float
    p90: float
    p95: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The starts of a stretch of time: how many, how many failed, and how long they took."""

    count: int
    failed: int
    total: Spread | None
    phases: Mapping[StartPhase, Spread]


@dataclass(frozen=True, slots=True)
class Typical:
    """The median of figures, and the standard deviation around it, judged by the median too."""

    count: int
    median: float
    deviation: float

    @property
    def limit(self) -> float | None:
        """Beyond which a figure stands out; None where too few are known to say."""
        if self.count < LEAST_FOR_USUAL:
            return None
        return self.median + max(OUTLIER_SECONDS, OUTLIER_DEVIATIONS * self.deviation)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for the starts of a service, as a whole and for each phase told apart."""

    count: int = 0
    total: Typical | None = None
    phases: Mapping[StartPhase, Typical] = field(default_factory=lambda: MappingProxyType({}))

    def seconds(self, phase: StartPhase) -> float | None:
        """Return the median of a phase; None where none is known."""
        known = self.phases.get(phase)
        return None if known is None else known.median


def timing(start: ColdStart) -> Timing:
    """Return a start in figures alone.

    A phase in which it failed, or is still, has no figure: it did not take its time.
    """
    whole = {
        each.phases[0]: each.seconds
        for each in phase_spans(start)
        if len(each.phases) == 1 and _came_to_its_end(start, each.phases[0])
    }
    return Timing(
        start.began, start.revision, start.total, MappingProxyType(whole), start.failure is not None
    )


def percentile(values: Iterable[float], q: float) -> float:
    """Return the value below which the share `q` of `values` lies, `q` from 0 to 1.

    Between two values it is interpolated linearly, as spreadsheets do (PERCENTILE.INC). Raises
    `ValueError` for no values and for another `q`.
    """
    ordered = sorted(values)
    if not ordered or not 0 <= q <= 1:
        raise ValueError(f"no share {q!r} of {len(ordered)} values; q goes from 0 to 1")
    return _share(ordered, q)


def summarise(timings: Iterable[Timing]) -> Summary:
    """Return how the starts of `timings` are spread."""
    every = tuple(timings)
    totals, phases = figures(every)
    return Summary(
        len(every),
        sum(each.failed for each in every),
        _spread(totals),
        MappingProxyType({phase: _spread_of(values) for phase, values in phases.items()}),
    )


def usual(timings: Iterable[Timing]) -> Usual:
    """Return what is usual for the starts of `timings`."""
    totals, phases = figures(timings)
    return Usual(
        len(totals),
        typical(totals) if totals else None,
        MappingProxyType({phase: typical(values) for phase, values in phases.items()}),
    )


def stands_out(timing: Timing, usual: Usual) -> frozenset[StartPhase]:
    """Return the phases of a start that took far longer than usual."""
    out: set[StartPhase] = set()
    for phase, seconds in timing.phases.items():
        known = usual.phases.get(phase)
        limit = None if known is None else known.limit
        if limit is not None and seconds > limit:
            out.add(phase)
    return frozenset(out)


def rank(total: float, timings: Iterable[Timing]) -> int | None:
    """Return the percentile of a start that took `total` seconds among others, from 0 to 100.

    Of 74 it is slower than 74 % of them; those just as slow count half. None without any.
    """
    totals = sorted(figures(timings)[0])
    if not totals:
        return None
    below = (bisect_left(totals, total) + bisect_right(totals, total)) / 2
    return round(100 * below / len(totals))


def figures(timings: Iterable[Timing]) -> tuple[list[float], dict[StartPhase, list[float]]]:
    """Return the seconds of all starts that came to their end, and of each phase in its order."""
    totals: list[float] = []
    phases: dict[StartPhase, list[float]] = {phase: [] for phase in StartPhase}
    for each in timings:
        if each.failed or each.total is None:
            continue
        totals.append(each.total)
        for phase, seconds in each.phases.items():
            phases[phase].append(seconds)
    return totals, {phase: values for phase, values in phases.items() if values}


def typical(values: Sequence[float]) -> Typical:
    """Return the median of `values`, of which there is one at least, and the deviation from it."""
    # Of ordered figures, distances from the middle are two runs, which are sorted in no time.
    ordered = sorted(values)
    middle = median(ordered)
    around = median([abs(each - middle) for each in ordered])
    return Typical(len(ordered), middle, _NORMAL * around)


def _came_to_its_end(start: ColdStart, phase: StartPhase) -> bool:
    return start.ended is not None or ENDS_WITH[phase] in start.moments


def _spread(values: list[float]) -> Spread | None:
    return _spread_of(values) if values else None


def _spread_of(values: list[float]) -> Spread:
    ordered = sorted(values)
    return Spread(len(ordered), *(_share(ordered, q) for q in (0.5, 0.9, 0.95)))


def _share(ordered: Sequence[float], q: float) -> float:
    place = q * (len(ordered) - 1)
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))
