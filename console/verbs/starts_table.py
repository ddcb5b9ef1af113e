"""Cold starts as tables for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, TextIO

from console.language import tr, tr_later
from console.model.starts.diagnosis import diagnose, headline
from console.model.starts.reckoned import Reckoned
from console.model.starts.snapshot import StartsSnapshot
from console.model.starts.spans import phase_spans
from console.model.starts.start import ColdStart
from console.model.starts.statistics import Spread, Summary
from console.model.starts.words import (
    instance_text,
    largest_text,
    reason_text,
    revision_text,
    seconds_text,
    time_text,
    waited_text,
)

if TYPE_CHECKING:
    from rich.console import Console

_PIPE_WIDTH: Final = 160
_HEADINGS: Final = (
    tr_later("time UTC"),
    tr_later("inst"),
    tr_later("rev"),
    tr_later("reason"),
    tr_later("total"),
    "",
    tr_later("longest"),
    tr_later("waited"),
    tr_later("why"),
)


def print_starts(
    known: StartsSnapshot,
    starts: Sequence[ColdStart],
    reckoned: Reckoned,
    stream: TextIO,
    now: datetime,
) -> None:
    """Print `starts`, newest first, what they have in common, and how to mend the newest."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    width = None if stream.isatty() else _PIPE_WIDTH
    console = Console(file=stream, width=width, highlight=False)
    table = Table(*map(tr, _HEADINGS), box=None, padding=(0, 2, 0, 0))
    table.columns[4].justify = "right"
    for start in starts:
        table.add_row(*map(Text, _row(start, known, reckoned, now)))
    console.print(table)
    if reckoned.summary is not None:
        _print_figures(reckoned.summary, console)
    for line in _in_words(known, starts, reckoned):
        console.print(Text(line))


def _row(
    start: ColdStart, known: StartsSnapshot, reckoned: Reckoned, now: datetime
) -> tuple[str, ...]:
    findings = diagnose(start, reckoned.usual, known.setting)
    total = start.total if start != known.going_on else (now - start.began).total_seconds()
    return (
        time_text(start.began, now),
        instance_text(start),
        revision_text(start.revision),
        reason_text(start),
        seconds_text(total),
        _mark(start, known, reckoned),
        largest_text(phase_spans(start)),
        waited_text(start, going_on=start == known.going_on),
        headline(findings),
    )


def _mark(start: ColdStart, known: StartsSnapshot, reckoned: Reckoned) -> str:
    if start == known.going_on:
        return tr("going on")
    if start.failure is not None:
        return tr("failed")
    if reckoned.slow(start):
        return tr("slow")
    return "!" if start.doubts else ""


def _print_figures(summary: Summary, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(tr("phase"), tr("median"), "p90", "p95", "n", box=None, padding=(0, 2, 0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    for name, spread in _spreads(summary):
        figures = (
            seconds_text(each, exact=True) for each in (spread.median, spread.p90, spread.p95)
        )
        table.add_row(*map(Text, (name, *figures, f"{spread.count:,}")))
    if table.row_count:
        console.print()
        console.print(table)


def _spreads(summary: Summary) -> Iterator[tuple[str, Spread]]:
    if summary.total is not None:
        yield tr("total"), summary.total
    for phase, spread in summary.phases.items():
        yield tr(phase.value), spread


def _in_words(
    known: StartsSnapshot, starts: Sequence[ColdStart], reckoned: Reckoned
) -> Iterator[str]:
    """Yield how starts go on, and of the newest why it was slow and what mends it."""
    yield ""
    if reckoned.summary is not None and reckoned.summary.failed:
        failed, count = reckoned.summary.failed, reckoned.summary.count
        yield tr("{failed:,} of {count:,} failed", failed=failed, count=count)
    if reckoned.trend is not None:
        yield reckoned.trend.says
    newest = next(iter(starts), None)
    if newest is None:
        return
    yield tr(
        "newest: {instance}, {seconds}",
        instance=instance_text(newest),
        seconds=seconds_text(newest.total),
    )
    for finding in diagnose(newest, reckoned.usual, known.setting):
        yield f"  {finding.says}"
        if finding.mend:
            yield f"    {tr('mend: ')}{finding.mend}"
