"""What the screen of cold starts shows of all that is known: which starts, and what is usual."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from console.language import tr
from console.model.starts.changes import (
    Change,
    Comparison,
    Trend,
    compare,
    of_revision,
    split_at,
)
from console.model.starts.reckoned import Reckoned
from console.model.starts.snapshot import StartsSnapshot, Timing
from console.model.starts.start import ColdStart
from console.model.starts.statistics import (
    LEAST_FOR_USUAL,
    Spread,
    Summary,
)
from console.model.starts.window import Window, starts_in, timings_in
from console.model.starts.words import ABSENT, difference_text, revision_text, seconds_text
from console.model.text import SafeText
from console.widgets.starts.figure_table import FigureRow
from console.widgets.starts.phase_look import LETTERS
from console.widgets.starts.start_figures import Figures
from console.widgets.starts.start_row import Mark


class View(Enum):
    """What stands beside the waterfall of the chosen start."""

    DIAGNOSIS = "diagnosis"
    USUAL = "usual"
    REVISIONS = "revisions"
    AROUND = "before and after"

    def next(self, *, both: bool) -> View:
        """The next one; where there is room for `both`, the first two are the same."""
        every = tuple(View)
        following = every[(every.index(self) + 1) % len(every)]
        return View.REVISIONS if both and self is View.DIAGNOSIS else following


class StartsInSight:
    """The starts of one window of time; `look` takes in what is known, `reckoned` what is usual."""

    def __init__(self) -> None:
        self.window = Window.WEEK
        self.view = View.DIAGNOSIS
        self.reckoned = Reckoned()
        self.starts: tuple[ColdStart, ...] = ()
        self.timings: Sequence[Timing] = ()
        self._snapshot = StartsSnapshot()

    def look(self, snapshot: StartsSnapshot, now: datetime) -> bool:
        """Take in what is known; returns whether what is usual has to be reckoned anew."""
        before = self.timings
        self._snapshot = snapshot
        self.starts = starts_in(snapshot, self.window, now)
        self.timings = timings_in(snapshot.timings, self.window, now)
        return self.timings != before

    @property
    def going_on(self) -> bool:
        """Whether a start is under way."""
        return self._snapshot.going_on is not None

    @property
    def older(self) -> int:
        """How many starts of the window are in the history and not read yet."""
        if not self._snapshot.starts:
            return len(self.timings)
        oldest = self._snapshot.starts[-1].began
        return bisect_left(self.timings, oldest, key=lambda each: each.began)

    def mark(self, start: ColdStart) -> Mark:
        """Return what is to be noticed of a start."""
        if start is self._snapshot.going_on:
            return Mark.GOING_ON
        if start.failure is not None:
            return Mark.FAILED
        if self.reckoned.slow(start):
            return Mark.SLOW
        return Mark.DOUBTFUL if start.doubts else Mark.NOTHING

    def figures(self, chosen: ColdStart | None) -> tuple[str, Figures]:
        """Return what the figures are about, and the figures, as the view asks for them."""
        if self.view in (View.DIAGNOSIS, View.USUAL) or chosen is None:
            title = tr("Usual, {window}", window=tr(self.window.value))
            return title, self._usual_figures()
        if self.view is View.AROUND:
            before, after = split_at(self.timings, chosen.began)
            return tr("Before and since then"), compared(compare(before, after))
        previous = self._revision_before(chosen.revision)
        if previous is None:
            return tr("Compared"), Figures(says=(tr("no start of an earlier revision is known"),))
        names = revision_text(previous), revision_text(chosen.revision)
        every = self._snapshot.timings
        found = compare(of_revision(every, previous), of_revision(every, chosen.revision), names)
        return " → ".join(names), compared(found)

    def _usual_figures(self) -> Figures:
        summary, found = self.reckoned.summary, self.reckoned.trend
        if summary is None and self.timings:
            return Figures(says=(tr("reckoning …"),))
        if summary is None or not summary.count:
            return Figures(says=(tr("nothing to compare yet"),))
        rows = [_spread_row("=", tr("total"), summary.total)] if summary.total else []
        rows += [
            _spread_row(LETTERS[phase], tr(phase.value), spread)
            for phase, spread in summary.phases.items()
        ]
        return Figures(
            (tr("median"), "p90", "p95", "n"),
            tuple(rows),
            self.reckoned.totals,
            tuple(_words(summary, found)),
            found is not None and found.notable and found.seconds > 0,
        )

    def _revision_before(self, revision: SafeText) -> SafeText | None:
        """Return the revision that was started before `revision` first was."""
        order = list(dict.fromkeys(each.revision for each in self._snapshot.timings))
        place = order.index(revision) if revision in order else len(order)
        return order[place - 1] if place > 0 and order else None


def compared(found: Comparison) -> Figures:
    """Return a comparison as figures."""
    rows = [_change_row("=", tr("total"), found.total)]
    rows += [
        _change_row(LETTERS[each.phase], tr(each.phase.value), each)
        for each in found.phases
        if each.phase is not None
    ]
    slower = found.total.notable and (found.total.difference or 0.0) > 0
    return Figures(
        (tr("before"), tr("after"), tr("change")), tuple(rows), (), (found.says,), slower
    )


def _spread_row(sign: str, name: str, spread: Spread) -> FigureRow:
    figures = (_figure(each) for each in (spread.median, spread.p90, spread.p95))
    return FigureRow(sign, name, (*figures, f"{spread.count:,}"), weight=spread.median)


def _change_row(sign: str, name: str, change: Change) -> FigureRow:
    difference = change.difference
    told = ABSENT if difference is None else difference_text(difference)
    values = (_figure(change.before), _figure(change.after), told)
    weight = max(change.before or 0.0, change.after or 0.0)
    return FigureRow(sign, name, values, change.notable, weight)


def _figure(seconds: float | None) -> str:
    return seconds_text(seconds, exact=True)


def _words(summary: Summary, found: Trend | None) -> list[str]:
    words = []
    if summary.failed:
        words.append(
            tr("{failed:,} of {count:,} failed", failed=summary.failed, count=summary.count)
        )
    if found is not None:
        words.append(found.says)
    elif summary.total is None or summary.total.count < LEAST_FOR_USUAL:
        words.append(tr("what is usual takes {count} starts to say", count=LEAST_FOR_USUAL))
    return words
