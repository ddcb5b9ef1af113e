"""What costs mean: per picture, on a GPU or not, at most, and where things are."""

from __future__ import annotations

from textual.content import Content

from console.model.cost.picture_cost import BreakEven
from console.model.cost.report import CostReport, PictureCosts
from console.widgets.amounts import DOUBT, MORE, SIGNS, column, signs

_LABEL = 10
_UNKNOWN = Content.styled("–", "$text-muted")


def insights(report: CostReport) -> Content:
    """Return one fact for each row, its label first."""
    rows = [
        ("picture", _picture(report.pictures)),
        ("GPU", _on_gpu(None if report.pictures is None else report.pictures.on_gpu)),
        ("at most", _at_most(report)),
        ("regions", _regions(report)),
        ("measured", _measured(report)),
    ]
    said = [Content.assemble((label.ljust(_LABEL), "$text-muted"), fact) for label, fact in rows]
    return Content("\n").join([*said, *_notes(report)])


def _picture(pictures: PictureCosts | None) -> Content:
    if pictures is None:
        return _UNKNOWN
    parts = [
        f"{column(pictures.warm, fine=True)} awake, {column(pictures.cold, fine=True)} woken for it"
    ]
    if pictures.each is not None:
        count = f"{pictures.made:,} picture{'' if pictures.made == 1 else 's'} this month"
        parts.append(f"{count} at {column(pictures.each, fine=True)} with everything")
    elif pictures.made == 0:
        parts.append("none made this month")
    speeds = f"\n{' ' * _LABEL}{pictures.speeds}" if pictures.speeds else ""
    return Content.assemble("; ".join(parts), (speeds, "$text-muted"))


def _on_gpu(even: BreakEven | None) -> Content:
    if even is None:
        return _UNKNOWN
    if even.missing:
        return Content.styled(f"– {even.words}", "$text-muted")
    if even.likely is None:
        return Content("never cheaper than processors alone, with likely figures")
    return Content(f"cheaper than processors alone {even.words}")


def _at_most(report: CostReport) -> Content:
    most = report.most_a_day
    if most is None or most.known is None:
        lacking = f" without {', '.join(sorted(most.missing))}" if most is not None else ""
        return Content.styled(f"– not known{lacking}", "$text-muted")
    return Content.assemble(
        f"{column(most)} a day with every instance at work", (" (a soft limit)", "$text-muted")
    )


def _regions(report: CostReport) -> Content:
    check = report.regions
    if check is None:
        return _UNKNOWN
    if check.together is None:
        return Content.styled(f"– {check.words}", "$text-muted")
    glyph, style = ("✓", "$success") if check.together else ("▲", "$warning")
    return Content.assemble((f"{glyph} ", style), check.words)


def _measured(report: CostReport) -> Content:
    check = report.check
    if check is None:
        return Content.styled("– Cloud Monitoring has measured nothing yet", "$text-muted")
    glyph, style = ("✓", "$success") if check.agree else ("▲", "$warning")
    return Content.assemble((f"{glyph} ", style), check.words)


def _notes(report: CostReport) -> list[Content]:
    """Return what else is worth knowing, and what the signs behind figures mean if there are any.

    Why the prices are no newer ones belongs to it.
    """
    said = [*report.notes]
    if report.prices.problem:
        said.append(f"prices are those of the packaged list: {report.prices.problem}")
    if _has_signs(report):
        said.append(SIGNS)
    return [Content.styled(each, "$text-muted") for each in said]


def _has_signs(report: CostReport) -> bool:
    known = [part.spending for part in report.parts if part.spending is not None]
    every = [amount for each in known for amount in (each.so_far.total, each.month_end.total)]
    unknown = len(known) < len(report.parts)
    return unknown or any(set(signs(amount)) & {MORE, DOUBT} for amount in every)
