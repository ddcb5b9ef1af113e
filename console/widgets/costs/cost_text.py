"""Costs as plain text, to be pasted elsewhere: what the screen shows, with every line."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from console.model.cost.report import CostReport
from console.model.cost.snapshot import CostSnapshot
from console.model.freshness import Freshness, Standing
from console.widgets.costs.class_table import class_table
from console.widgets.costs.cost_breakdown import breakdown_rows
from console.widgets.costs.cost_head import cost_head, cost_label, cost_terms
from console.widgets.costs.cost_insights import insights

_WIDTH = 100
_NO_CURSOR = -1


def cost_text(report: CostReport, now: datetime) -> str:
    """Return a report as lines of text, every part with all that it is made of."""
    opened = frozenset(part.name for part in report.parts)
    known = CostSnapshot(report, Freshness(Standing.FRESH, report.at), settled=True)
    rows, _ = breakdown_rows(report, _WIDTH, _NO_CURSOR, opened, colour=False)
    blocks = (
        Content(f"{cost_label(report)}\n{cost_terms(known)}"),
        cost_head(known, now, _WIDTH),
        Content("\n").join(rows),
        class_table(report, _WIDTH),
        insights(report, _WIDTH),
    )
    text = "\n\n".join(block.plain for block in blocks)
    return "\n".join(line.rstrip() for line in text.split("\n")) + "\n"
