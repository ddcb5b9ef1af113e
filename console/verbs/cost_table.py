"""A report of costs for a person on plain output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from console.model.cost.estimate import FreeTier
from console.model.cost.money import UNKNOWN_TEXT, Amount
from console.model.cost.report import CostPart, CostReport, PictureCosts, PricesLabel

_FREE = {
    FreeTier.NONE: "no free tier counted",
    FreeTier.SHARED: "from all of the free tier to none of it",
    FreeTier.ALONE: "all of the free tier counted",
}


def print_cost(context: str, report: CostReport, stream: TextIO) -> None:
    """Print what is spent, what for, and what follows from it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, highlight=False, soft_wrap=False)
    console.print(Text(f"{context}: {head(report)}"))
    table = Table("", "today", "so far", "by month's end", "", box=None, padding=(0, 2, 0, 0))
    for column in table.columns[1:4]:
        column.justify = "right"
    for row in (*(_part(each) for each in report.parts), _total(report)):
        table.add_row(*map(Text, row))
    console.print(table)
    facts = Table.grid(padding=(0, 2))
    for name, value in cost_facts(report):
        facts.add_row(Text(name), Text(value))
    console.print()
    console.print(facts)


def head(report: CostReport) -> str:
    """Say what every figure is, and where the prices are from."""
    where = f"in {report.region}" if report.hypothetical else report.region
    nothing = "costs nothing here; what it would cost " if report.hypothetical else ""
    return f"{nothing}{where}; {report.label} ({prices_text(report.prices)}); {_FREE[report.free]}"


def prices_text(label: PricesLabel) -> str:
    """Say how many prices are from where."""
    parts = [f"{label.live} from Google's catalog"] if label.live else []
    parts.append(f"{label.packaged} packaged")
    if label.unverified:
        parts.append(f"{label.unverified} never checked")
    return ", ".join(parts)


def cost_facts(report: CostReport) -> Iterator[tuple[str, str]]:
    """Yield what a person wants to know beside the amounts, as names and values."""
    yield "now", "nothing runs" if report.now is None else report.now.words
    if report.storage_advice:
        yield "storage", report.storage_advice
        for choice in report.classes[1:]:
            yield "", choice.words
    if report.pictures is not None:
        yield from _pictures(report.pictures)
    if report.most_a_day is not None:
        yield "at most", f"{report.most_a_day.text()} a day, a soft limit"
    if report.regions is not None:
        yield "regions", report.regions.words
    if report.check is not None:
        yield "measured", report.check.words
    for number, what in enumerate(report.what_ifs):
        yield "what if" if number == 0 else "", what.words
    if report.prices.problem:
        yield "prices", report.prices.problem
    for note in report.notes:
        yield "note", note


def _pictures(pictures: PictureCosts) -> Iterator[tuple[str, str]]:
    each = f", {pictures.each.fine()} each with everything" if pictures.each else ""
    yield (
        "picture",
        f"{pictures.warm.fine()} awake, {pictures.cold.fine()} if it wakes an instance; "
        f"{pictures.made:,} this month{each}",
    )
    yield "speeds", pictures.speeds
    if pictures.on_gpu is not None:
        yield "GPU", f"cheaper than processors alone {pictures.on_gpu.words}"


def _part(part: CostPart) -> tuple[str, str, str, str, str]:
    spending = part.spending
    if spending is None:
        return part.name, UNKNOWN_TEXT, UNKNOWN_TEXT, UNKNOWN_TEXT, part.note
    return (
        part.name,
        _ranged(spending.today),
        _ranged(spending.so_far.total),
        _ranged(spending.month_end.total),
        part.note,
    )


def _total(report: CostReport) -> tuple[str, str, str, str, str]:
    spending = report.spending
    return (
        "total",
        _ranged(spending.today),
        _ranged(spending.so_far.total),
        _ranged(spending.month_end.total),
        spending.so_far.total.missing_text(),
    )


def _ranged(amount: Amount) -> str:
    """Return an amount as a column has it, with its range where it has one."""
    if amount.known is None or not amount.complete:
        return amount.short()
    said = amount.text()
    return said.removeprefix("about ")
