"""Rows to choose from while the cursor stays in the line that narrows them."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from console.language import tr
from console.model.choosing import Matches, Row

_NAME_LIMIT = 44


class ChoiceList(OptionList, can_focus=False):
    """Shows `Matches`; enter and the arrows come from whoever has the focus."""

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)
        self._matches = Matches(())

    @property
    def chosen(self) -> str | None:
        """The name that is highlighted."""
        return None if self.highlighted is None else self._matches.chosen(self.highlighted)

    def show(self, matches: Matches) -> None:
        """Replace the rows and highlight the first."""
        self._matches = matches
        self.clear_options()
        width = min(_NAME_LIMIT, max((cell_len(row.label) for row in matches.rows), default=0))
        options = [Option(choice_row(row, width)) for row in matches.rows]
        if matches.typed is not None:
            typed = Content.assemble(matches.typed, "  ", (tr("as typed"), "$text-muted"))
            options.append(Option(typed))
        if matches.more:
            said = tr("and {count:,} more: type to narrow the list", count=matches.more)
            options.append(Option(Content.styled(said, "$text-muted"), disabled=True))
        self.add_options(options)
        self.highlighted = 0 if options else None


def choice_row(row: Row, width: int) -> Content:
    """Return a row with the name in a column of `width` cells."""
    name = Content(row.label).truncate(max(width, 1), ellipsis=True, pad=True)
    return Content.assemble(name, "  ", (row.detail, "$text-muted"))
