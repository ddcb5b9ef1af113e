"""What costs mean, one fact for each row: pictures, GPUs, limits, and where things are."""

from __future__ import annotations

from rich.cells import set_cell_size
from textual.content import Content

from console.language import tr
from console.model.cost.picture_cost import BreakEven
from console.model.cost.report import CostReport, PictureCosts
from console.widgets.costs.amounts import column

_LABEL = 10
_WIDTH_AT_LEAST = 12
_UNKNOWN = Content.styled("–", "$text-muted")


def insights(report: CostReport, width: int) -> Content:
    """Return the facts in rows of `width` cells, each with its label, and what else to know."""
    pictures = report.pictures
    facts = [
        (tr("picture"), _picture(pictures)),
        (tr("GPU"), _on_gpu(None if pictures is None else pictures.on_gpu)),
        (tr("at most"), _at_most(report)),
        (tr("regions"), _regions(report)),
        (tr("measured"), _measured(report)),
    ]
    rows = [row for label, fact in facts for row in _labelled(label, fact, width)]
    for note in _notes(report):
        rows += _labelled("", Content.styled(note, "$text-muted"), width)
    return Content("\n").join(rows)


def _labelled(label: str, fact: Content, width: int) -> list[Content]:
    """Return a fact in as many rows as it takes, all of them beside its label."""
    lines = fact.wrap(max(width - _LABEL, _WIDTH_AT_LEAST))
    labels = [label, *[""] * (len(lines) - 1)]
    return [
        Content.assemble((set_cell_size(begun, _LABEL), "$text-muted"), line)
        for begun, line in zip(labels, lines, strict=True)
    ]


def _picture(pictures: PictureCosts | None) -> Content:
    if pictures is None:
        return _UNKNOWN
    warm, cold = column(pictures.warm, fine=True), column(pictures.cold, fine=True)
    if pictures.each is not None:
        said = tr(
            "{warm} awake, {cold} if it wakes an instance; "
            "{count:,} this month, {each} each with everything",
            warm=warm,
            cold=cold,
            count=pictures.made,
            each=column(pictures.each, fine=True),
        )
    elif pictures.made == 0:
        said = tr(
            "{warm} awake, {cold} if it wakes an instance; none made this month",
            warm=warm,
            cold=cold,
        )
    else:
        said = tr("{warm} awake, {cold} if it wakes an instance", warm=warm, cold=cold)
    return Content(said)


def _on_gpu(even: BreakEven | None) -> Content:
    if even is None:
        return _UNKNOWN
    if even.missing:
        return Content.styled(f"– {even.words}", "$text-muted")
    if even.likely is None:
        return Content(tr("never cheaper than processors alone, with likely figures"))
    return Content(tr("cheaper than processors alone {when}", when=even.words))


def _at_most(report: CostReport) -> Content:
    most = report.most_a_day
    if most is None or most.known is None:
        lacking = "" if most is None else most.missing_text()
        said = tr("– not known {lacking}", lacking=lacking) if lacking else tr("– not known")
        return Content.styled(said, "$text-muted")
    return Content.assemble(
        tr("{amount} a day, all instances at work", amount=column(most)),
        (tr(" (a soft limit)"), "$text-muted"),
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
        return Content.styled(tr("– Cloud Monitoring has measured nothing yet"), "$text-muted")
    glyph, style = ("✓", "$success") if check.agree else ("▲", "$warning")
    return Content.assemble((f"{glyph} ", style), check.words)


def _notes(report: CostReport) -> list[str]:
    """Return what else is worth knowing; why the prices are no newer ones belongs to it."""
    speeds = report.pictures.speeds if report.pictures is not None else ""
    problem = report.prices.problem
    about_prices = tr("no newer prices: {problem}", problem=problem) if problem else ""
    return [each for each in (speeds, *report.notes, about_prices) if each]
