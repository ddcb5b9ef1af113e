"""The filter in force, in one row: how many lines pass it, and what it asks for."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from console.language import tr
from console.model.log.query import Query, brief
from console.terminal.sanitise import sanitise


class LogFilterBar(Static):
    """Shows the filter of a log; not there while all lines are shown."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.display = False

    def show(self, query: Query, shown: int, total: int, scanned: float | None) -> None:
        """Say that `shown` of `total` lines pass `query`, so far as a share of them was looked at.

        `scanned` is None when that is all of them.
        """
        self.display = bool(query.terms)
        if not self.display:
            return
        if scanned is None:
            count = tr("{shown:,} of {total:,} lines", shown=shown, total=total)
        else:
            count = tr(
                "{shown:,} of {total:,} lines, {share:.0%} looked at",
                shown=shown,
                total=total,
                share=scanned,
            )
        parts = [Content.styled(count, "bold"), Content("  ")]
        for term in query.terms:
            parts += [Content(" "), Content.styled(f" {sanitise(brief(term))} ", "reverse")]
        self.update(Content.assemble(*parts), layout=False)
