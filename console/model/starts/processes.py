"""The processes that an instance ran one after the other: a container may be started again.

The platform's lines are cut where something begins anew. The engine's are cut where its ages are:
each line says how long its process had lived, so that lines of one process overlap in time and
those of two never do. Both are put together in their order, whatever the engine's clock says.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from console.model.starts.clocks import needed_shift
from console.model.starts.engine_words import EngineWord
from console.model.starts.evidence import Mark
from console.model.starts.platform_words import WordKind
from console.model.starts.runs import EngineRun, PlatformRun

MOST_PROCESSES: Final = 20
"""An instance whose container ends more often than this tells nothing new each time."""

_ROUNDED: Final = timedelta(milliseconds=1)
"""Ages are written with four digits behind the point, so that lives may seem to be apart."""


@dataclass(frozen=True, slots=True)
class Process:
    """What the platform and the engine said of one process; either may have said nothing."""

    platform: PlatformRun
    engine: EngineRun | None = None

    @property
    def tells_a_start(self) -> bool:
        """Whether it tells more than what may happen in the middle of a life."""
        spoke = self.engine is not None and self.engine.tells_a_start
        return spoke or self.platform.starts

    @property
    def began(self) -> datetime:
        """The first sign of it, by the clock of whoever gave it."""
        if self.platform.marks:
            return self.platform.marks[0].time
        assert self.engine is not None
        return self.engine.birth


def processes(marks: Sequence[Mark], words: Iterable[EngineWord]) -> tuple[Process, ...]:
    """Return the processes whose start `marks` and `words` tell of, in their order."""
    told, runs = platform_runs(marks)[:MOST_PROCESSES], engine_runs(words)[:MOST_PROCESSES]
    costs = [[_contradiction(platform, engine) for engine in runs] for platform in told]
    if len(told) >= len(runs):
        columns = [[row[n] for row in costs] for n in range(len(runs))]
        engine_at = dict(zip(_places(columns, len(told)), runs, strict=True))
        found = [Process(each, engine_at.get(n)) for n, each in enumerate(told)]
    else:
        platform_at = dict(zip(_places(costs, len(runs)), told, strict=True))
        found = [Process(platform_at.get(n, PlatformRun()), each) for n, each in enumerate(runs)]
    return tuple(each for each in found if each.tells_a_start)


def platform_runs(marks: Sequence[Mark]) -> list[PlatformRun]:
    """Cut the platform's lines, which are in order, where a container is started anew."""
    runs: list[list[Mark]] = []
    for mark in marks:
        if not runs or _begins_anew(runs[-1], mark):
            runs.append([])
        runs[-1].append(mark)
    return [PlatformRun(tuple(run)) for run in runs]


def engine_runs(words: Iterable[EngineWord]) -> list[EngineRun]:
    """Put the engine's lines together that were written in the life of one process."""
    runs: list[list[EngineWord]] = []
    until: datetime | None = None
    for word in sorted(words, key=lambda each: each.birth):
        if until is None or word.birth > until + _ROUNDED:
            runs.append([])
            until = word.time
        runs[-1].append(word)
        until = max(until, word.time)
    return [EngineRun(tuple(run)) for run in runs]


def _begins_anew(run: Sequence[Mark], mark: Mark) -> bool:
    kind, over = mark.word.kind, any(each.word.final for each in run)
    if kind is WordKind.STARTING:
        return True
    known = {(each.word.kind, each.word.container) for each in run}
    if kind is WordKind.PROBE_PASSED:
        # An instance may have several containers, each with a probe of its own.
        return over or (kind, mark.word.container) in known
    return over and (kind, mark.word.container) in known


def _contradiction(platform: PlatformRun, engine: EngineRun) -> float:
    """Return how many seconds the two are apart, if they tell of the same process."""
    return abs(needed_shift(platform, engine, ()).total_seconds())


def _places(costs: Sequence[Sequence[float]], length: int) -> list[int]:
    """Return the places of a few among `length` that cost least and keep the order.

    `costs` has a row for each of the few, with what each place costs.
    """
    # After each row, the best way to put the rows so far among the first 0, 1, 2… places.
    best: list[tuple[float, list[int]]] = [(0.0, [])] * (length + 1)
    for row in costs:
        after: list[tuple[float, list[int]]] = [(math.inf, [])]
        for place, cost in enumerate(row):
            before, places = best[place]
            after.append(min(after[-1], (before + cost, [*places, place]), key=lambda way: way[0]))
        best = after
    return best[length][1]
