"""A report of costs for a person on plain output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from console.language import tr, tr_later
from console.model.cost.estimate import FreeTier
from console.model.cost.money import UNKNOWN_TEXT, Amount, dollars, ranged
from console.model.cost.report import CostPart, CostReport, PictureCosts, PricesLabel

_FREE = {
    FreeTier.NONE: tr_later("no free tier counted"),
    FreeTier.SHARED: tr_later("from all of the free tier to none of it"),
    FreeTier.ALONE: tr_later("all of the free tier counted"),
}


def print_cost(context: str, report: CostReport, stream: TextIO) -> None:
    """Print what is spent, what for, and what follows from it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, highlight=False, soft_wrap=False)
    console.print(Text(tr("{context}: {report}", context=context, report=head(report))))
    heads = ("", tr("today"), tr("so far"), tr("by month's end"), "")
    table = Table(*heads, box=None, padding=(0, 2, 0, 0))
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
    said = {
        "region": report.region,
        "label": report.label,
        "prices": prices_text(report.prices),
        "free": tr(_FREE[report.free]),
    }
    if report.hypothetical:
        return tr(
            "costs nothing here; what it would cost in {region}; {label} ({prices}); {free}",
            **said,
        )
    return tr("{region}; {label} ({prices}); {free}", **said)


def prices_text(label: PricesLabel) -> str:
    """Say how many prices are from where."""
    parts = [tr("{count} from Google's catalog", count=label.live)] if label.live else []
    parts.append(tr("{count} packaged", count=label.packaged))
    if label.unverified:
        parts.append(tr("{count} never checked", count=label.unverified))
    return tr(", ").join(parts)


def cost_facts(report: CostReport) -> Iterator[tuple[str, str]]:
    """Yield what a person wants to know beside the amounts, as names and values."""
    yield tr("now"), tr("nothing runs") if report.now is None else report.now.words
    if report.storage_advice:
        yield tr("storage"), report.storage_advice
        for choice in report.classes[1:]:
            yield "", choice.words
    if report.pictures is not None:
        yield from _pictures(report.pictures)
    if report.most_a_day is not None:
        yield tr("at most"), tr("{amount} a day, a soft limit", amount=report.most_a_day.text())
    if report.regions is not None:
        yield tr("regions"), report.regions.words
    if report.check is not None:
        yield tr("measured"), report.check.words
    for number, what in enumerate(report.what_ifs):
        yield tr("what if") if number == 0 else "", what.words
    if report.prices.problem:
        yield tr("prices"), report.prices.problem
    for note in report.notes:
        yield tr("note"), note


def _pictures(pictures: PictureCosts) -> Iterator[tuple[str, str]]:
    known = {
        "warm": pictures.warm.fine(),
        "cold": pictures.cold.fine(),
        "count": pictures.made,
    }
    if pictures.each:
        said = tr(
            "{warm} awake, {cold} if it wakes an instance; "
            "{count:,} this month, {each} each with everything",
            each=pictures.each.fine(),
            **known,
        )
    else:
        said = tr("{warm} awake, {cold} if it wakes an instance; {count:,} this month", **known)
    yield tr("picture"), said
    yield tr("speeds"), pictures.speeds
    if (on_gpu := pictures.on_gpu) is not None:
        yield tr("GPU"), tr("cheaper than processors alone {when}", when=on_gpu.words)


def _part(part: CostPart) -> tuple[str, str, str, str, str]:
    spending = part.spending
    if spending is None:
        return tr(part.name), UNKNOWN_TEXT, UNKNOWN_TEXT, UNKNOWN_TEXT, part.note
    return (
        tr(part.name),
        _ranged(spending.today),
        _ranged(spending.so_far.total),
        _ranged(spending.month_end.total),
        part.note,
    )


def _total(report: CostReport) -> tuple[str, str, str, str, str]:
    spending = report.spending
    return (
        tr("total"),
        _ranged(spending.today),
        _ranged(spending.so_far.total),
        _ranged(spending.month_end.total),
        spending.so_far.total.missing_text(),
    )


def _ranged(amount: Amount) -> str:
    """Return an amount as a column has it, with its range where it has one."""
    if amount.known is None or not amount.complete:
        return amount.short()
    return ranged(dollars(amount.known.low), dollars(amount.known.high))
