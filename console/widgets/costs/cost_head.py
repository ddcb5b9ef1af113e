"""What is spent: this month, today, by its end, and at this moment."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one

from console.language import tr, tr_later
from console.model.cost.countdown import spending_at
from console.model.cost.estimate import FreeTier
from console.model.cost.parts import INSTANCES, untold_instances
from console.model.cost.report import CostReport
from console.model.cost.snapshot import CostSnapshot
from console.model.freshness import Standing, note
from console.widgets.costs.amounts import DOUBT, column, is_small, left
from console.widgets.laid_text import Quiet

_GAP = 3
_ASLEEP = tr_later("nothing runs, nothing is billed but the bucket")
_FREE = {
    FreeTier.NONE: tr_later("no free tier"),
    FreeTier.SHARED: tr_later("free tier shared"),
    FreeTier.ALONE: tr_later("all of the free tier"),
}


def cost_head(snapshot: CostSnapshot, now: datetime, width: int) -> Content:
    """Return the head of all costs in rows of `width` cells, or why there are none."""
    blocks = (figure_rows(snapshot.report, width), now_rows(snapshot.report, now, width))
    return Content("\n").join([*blocks[0], *blocks[1], *trouble_rows(snapshot, now, width)])


def figure_rows(report: CostReport | None, width: int) -> list[Content]:
    """Return what the month costs, under that it costs nothing where that is so."""
    if report is None:
        return []
    said = tr("costs nothing here; in {region} the same would cost", region=report.region)
    nothing = [left(said, width, "bold $success")] if report.hypothetical else []
    return [*nothing, *_figures(report, width)]


def now_rows(report: CostReport | None, now: datetime, width: int) -> list[Content]:
    """Return what is spent at this moment."""
    return [] if report is None else now_row(report, now).wrap(max(width, 1))


def trouble_rows(snapshot: CostSnapshot, now: datetime, width: int) -> list[Content]:
    """Return why there is no report, or no newer one."""
    said = troubles(snapshot, now)
    return [row for each in said.split("\n") for row in each.wrap(max(width, 1))] if said else []


def troubles(snapshot: CostSnapshot, now: datetime) -> Content:
    """Return why there is no report, or no newer one; nothing where all is well."""
    known = snapshot.fresh
    if known.standing is Standing.LOADING:
        return Content.styled(tr("reckoning …") if snapshot.report is None else "", "$text-muted")
    said = note(known, now)
    if not known.troubled:
        missing, nothing = snapshot.report is None, tr("nothing is known yet")
        return Content.styled(f"– {said or nothing}" if missing else said, "$warning")
    about = known.problem or tr("costs are not known")
    return Content.assemble(
        (f"✗ {about}", "$error"),
        (f"\n{said}" if said else "", "$warning"),
    )


def now_row(report: CostReport, now: datetime) -> Content:
    """Return what is spent at this moment, as it follows from the clock alone."""
    label = Content.styled(tr("now  "), "$text-muted")
    if (why := _instances_unknown(report)) is not None:
        return Content.assemble(label, (f"– {why}", "$text-muted"))
    spending = spending_at(report, now - report.at)
    if spending is None:
        return Content.assemble(label, (f"○ {tr(_ASLEEP)}", "$text-muted"))
    said = spending.words
    if spending.instances > 1:
        said = tr("{count} instances {spending}", count=spending.instances, spending=said)
    return Content.assemble(label, ("● ", "$warning"), (said, "bold"))


def counts_down(report: CostReport | None, now: datetime) -> bool:
    """Say whether what is spent at this moment changes with the clock alone."""
    return report is not None and spending_at(report, now - report.at) is not None


def cost_label(report: CostReport | None) -> str:
    """Return what stands over all figures: that they are estimates, and of which prices."""
    return tr("Cost") if report is None else tr("Cost   {label}", label=report.label)


def cost_terms(snapshot: CostSnapshot) -> str:
    """Return by which prices a report was made, in a few words, and if more is still asked for."""
    report = snapshot.report
    if report is None:
        return ""
    prices = report.prices
    counts: list[str] = []
    if prices.live:
        counts.append(
            tr(
                "{live} live, {packaged} packaged prices",
                live=prices.live,
                packaged=prices.packaged,
            )
        )
    if prices.unverified:
        counts.append(tr("{count} not verified ({sign})", count=prices.unverified, sign=DOUBT))
    asking = [] if snapshot.settled else [tr("still asking")]
    return " · ".join([*asking, report.region, tr(_FREE[report.free]), *counts])


def cost_brief(report: CostReport | None, now: datetime) -> str:
    """Return in a few words what is spent, with its date first; nothing where nothing is billed."""
    if report is None or report.hypothetical:
        return ""
    partial = any(part.spending is None for part in report.parts)
    date = report.prices.date.isoformat()
    month = column(report.spending.so_far.total, partial=partial)
    spending = spending_at(report, now - report.at)
    if spending is None:
        return tr("estimate {date}: month {month}", date=date, month=month)
    return tr(
        "estimate {date}: month {month}, now {amount}/h",
        date=date,
        month=month,
        amount=spending.an_hour.short(),
    )


def _figures(report: CostReport, width: int) -> list[Content]:
    """Return labels over figures, and what is not in the figures."""
    spending = report.spending
    so_far, end = spending.so_far.total, spending.month_end.total
    partial = any(part.spending is None for part in report.parts)
    labels = (tr("this month so far"), tr("today"), tr("by month's end"))
    amounts = (so_far, spending.today, end)
    figures = [
        (label, column(amount, partial=partial, fine=is_small(end)))
        for label, amount in zip(labels, amounts, strict=True)
    ]
    wide = [max(cell_len(label), cell_len(figure)) + _GAP for label, figure in figures]
    wide[-1] -= _GAP
    cells = list(zip(figures, wide, strict=True))
    rows = [
        Content("").join(left(label, each, "$text-muted") for (label, _), each in cells),
        Content("").join(left(figure, each, "bold") for (_, figure), each in cells),
    ]
    if lacking := _lacking(report):
        said = tr("+ without {things}", things=tr(", ").join(lacking))
        rows.append(Content.styled(said, "$text-muted"))
    return [left(each, width) for each in rows]


def _lacking(report: CostReport) -> list[str]:
    """Return what is not in the figures, instances first: they cost the most."""
    unknown = {tr(part.name) for part in report.parts if part.spending is None}
    names = unknown | report.spending.so_far.total.missing
    first = {tr(INSTANCES)}
    if report.known_since is not None:
        first.add(untold_instances(report.known_since))
    return sorted(names, key=lambda name: (name not in first, name))


def _instances_unknown(report: CostReport) -> str | None:
    """Return why nobody can say whether an instance is awake; None where somebody can."""
    if report.now is not None:
        return None
    lost = [part for part in report.parts if part.name == INSTANCES and part.spending is None]
    return (lost[0].note or tr("not known")) if lost else None


class CostHead(Vertical):
    """The head of the screen of costs; what goes on with the clock has a row of its own."""

    figures = query_one("#figures", Quiet)
    going_on = query_one("#now", Quiet)
    trouble = query_one("#trouble", Quiet)

    def __init__(self) -> None:
        super().__init__()
        self._cost = CostSnapshot()
        self._now: datetime | None = None
        self._words = ("", "")

    def compose(self) -> ComposeResult:
        """Lay out figures, the present moment, and what is wrong."""
        yield Quiet(id="figures")
        yield Quiet(id="now")
        yield Quiet(id="trouble")

    def show(self, cost: CostSnapshot, now: datetime) -> None:
        """Say what is known of costs, as it is at `now`, and by which prices."""
        self._cost, self._now = cost, now
        if (words := (cost_label(cost.report), cost_terms(cost))) != self._words:
            self._words = words
            self.border_title, self.border_subtitle = map(Content, words)
        self._say()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the rows out for the new width."""
        self._say()

    def _say(self) -> None:
        width = self.content_size.width
        if self._now is not None and width > 0:
            self.figures.say(figure_rows(self._cost.report, width))
            self.going_on.say(now_rows(self._cost.report, self._now, width))
            self.trouble.say(trouble_rows(self._cost, self._now, width))
