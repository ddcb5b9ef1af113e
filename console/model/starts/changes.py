"""Whether starts became slower or faster: over time, from one revision to another, by a change."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.language import tr
from console.model.starts.snapshot import Timing
from console.model.starts.start import StartPhase
from console.model.starts.statistics import Typical, figures, typical
from console.model.text import SafeText

LEAST_FOR_TREND: Final = 8
"""So many starts are needed to say how they go on, four in each half."""

LEAST_FOR_COMPARISON: Final = 3
"""So many starts of each side are needed to compare them."""

_LEAST_SECONDS: Final = 0.3
_LEAST_SHARE: Final = 0.05
"""A difference of less is none that a person would notice."""

_CERTAINTY: Final = 2.0
_OF_A_MEDIAN: Final = 1.2533
"""How many times further a median strays than a mean does; √(π/2)."""


@dataclass(frozen=True, slots=True)
class Change:
    """Medians before and after in seconds, of so many starts; `phase` None means the whole.

    `notable` says whether the difference is more than what starts differ by anyway.
    """

    phase: StartPhase | None
    before: float | None
    after: float | None
    counts: tuple[int, int]
    notable: bool

    @property
    def difference(self) -> float | None:
        """How many seconds longer it takes after than before."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two groups of starts compared, as a whole and by phases, and what follows in words."""

    total: Change
    phases: tuple[Change, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Trend:
    """How starts go on: the newer half of them against the older.

    `seconds` is by how much the newer are slower, `notable` whether that is more than chance.
    """

    older: float
    newer: float
    notable: bool
    says: str

    @property
    def seconds(self) -> float:
        """By how much the newer are slower."""
        return self.newer - self.older


def trend(timings: Sequence[Timing]) -> Trend | None:
    """Say whether starts become slower; `timings` are oldest first. None for too few of them."""
    done = [each for each in timings if each.total is not None and not each.failed]
    if len(done) < LEAST_FOR_TREND:
        return None
    half = len(done) // 2
    found = _changes(done[:half], done[half:])
    total = found[0]
    assert total.before is not None
    assert total.after is not None
    way = tr(
        "median {before:.1f} s in the older half of {count}, {after:.1f} s since",
        before=total.before,
        after=total.after,
        count=len(done),
    )
    if not total.notable:
        says = tr("neither slower nor faster: {way}", way=way)
    else:
        seconds = total.after - total.before
        if seconds > 0:
            says = tr("{seconds:.1f} s slower: {way}", seconds=seconds, way=way)
        else:
            says = tr("{seconds:.1f} s faster: {way}", seconds=-seconds, way=way)
        says = _mostly(says, total, found[1:])
    return Trend(total.before, total.after, total.notable, says)


def compare(
    before: Iterable[Timing],
    after: Iterable[Timing],
    names: tuple[str, str] | None = None,
) -> Comparison:
    """Compare two groups of starts, such as those of two revisions; `names` stand in the words.

    Without names they are those of before and after.
    """
    total, *phases = _changes(tuple(before), tuple(after))
    first, second = names or (tr("before"), tr("after"))
    return Comparison(total, tuple(phases), _in_words(total, phases, first, second))


def of_revision(timings: Iterable[Timing], revision: SafeText) -> tuple[Timing, ...]:
    """Return the starts of one revision."""
    return tuple(each for each in timings if each.revision == revision)


def split_at(
    timings: Iterable[Timing], moment: datetime
) -> tuple[tuple[Timing, ...], tuple[Timing, ...]]:
    """Return the starts that began before a moment, and those since."""
    every = tuple(timings)
    before = tuple(each for each in every if each.began < moment)
    return before, tuple(each for each in every if each.began >= moment)


def _changes(before: Sequence[Timing], after: Sequence[Timing]) -> list[Change]:
    """Return how the whole changed, then each phase that is known on either side, in order."""
    (totals, phases), (later_totals, later_phases) = figures(before), figures(after)
    known = [phase for phase in StartPhase if phase in phases or phase in later_phases]
    return [
        _change(None, totals, later_totals),
        *(_change(each, phases.get(each, []), later_phases.get(each, [])) for each in known),
    ]


def _change(phase: StartPhase | None, before: Sequence[float], after: Sequence[float]) -> Change:
    one = typical(before) if before else None
    two = typical(after) if after else None
    return Change(
        phase,
        None if one is None else one.median,
        None if two is None else two.median,
        (len(before), len(after)),
        one is not None and two is not None and _differ(one, two),
    )


def _differ(one: Typical, two: Typical) -> bool:
    """Whether two medians differ by more than chance and by more than nobody notices.

    By chance, a median of n figures strays by about 1.25 deviations over the root of n.
    """
    if min(one.count, two.count) < LEAST_FOR_COMPARISON:
        return False
    strays = [each.deviation * _OF_A_MEDIAN / math.sqrt(each.count) for each in (one, two)]
    least = max(_LEAST_SECONDS, _LEAST_SHARE * min(one.median, two.median))
    return abs(two.median - one.median) > max(least, _CERTAINTY * math.hypot(*strays))


def _in_words(total: Change, phases: Sequence[Change], first: str, second: str) -> str:
    counted = tr(
        "{before} starts of {first}, {after} of {second}",
        first=first,
        second=second,
        before=total.counts[0],
        after=total.counts[1],
    )
    if total.before is None or total.after is None or min(total.counts) < LEAST_FOR_COMPARISON:
        return tr(
            "too few to compare: {counted}; {least} of each are needed",
            counted=counted,
            least=LEAST_FOR_COMPARISON,
        )
    way = f"{total.before:.1f} s → {total.after:.1f} s"
    moved = _largest_first(each for each in phases if each.notable)
    if total.notable:
        says = _mostly(_compared(total, second, way), total, phases)
    elif moved:
        says = tr(
            "as a whole no difference that is more than chance ({way}), but {phases}",
            way=way,
            phases=_parts(moved),
        )
    else:
        says = tr("no difference that is more than chance ({way})", way=way)
    return tr("{comparison}; {counted}", comparison=says, counted=counted)


def _compared(total: Change, second: str, way: str) -> str:
    seconds = total.difference or 0.0
    if seconds > 0:
        return tr("{name} is {seconds:.1f} s slower ({way})", name=second, seconds=seconds, way=way)
    return tr("{name} is {seconds:.1f} s faster ({way})", name=second, seconds=-seconds, way=way)


def _mostly(says: str, total: Change, phases: Iterable[Change]) -> str:
    """Say as well which phases moved along with the whole, the most first."""
    up = (total.difference or 0.0) > 0
    along = [each for each in phases if each.notable and ((each.difference or 0.0) > 0) is up]
    if not along:
        return says
    return tr("{change}, mostly {phases}", change=says, phases=_parts(_largest_first(along)[:2]))


def _parts(changes: Iterable[Change]) -> str:
    return tr(", ").join(map(_part, changes))


def _part(change: Change) -> str:
    name = "" if change.phase is None else tr(change.phase.value)
    return f"{name} {change.difference or 0.0:+.1f} s".replace("-", "−")


def _largest_first(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda each: -abs(each.difference or 0.0))
