"""Rows to choose from while the cursor stays in the line that narrows them."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

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
        width = min(_NAME_LIMIT, max((len(row.name) for row in matches.rows), default=0))
        options = [Option(choice_row(row, width)) for row in matches.rows]
        if matches.typed is not None:
            options.append(Option(Content.assemble(matches.typed, ("  as typed", "$text-muted"))))
        if matches.more:
            said = f"and {matches.more:,} more: type to narrow the list"
            options.append(Option(Content.styled(said, "$text-muted"), disabled=True))
        self.add_options(options)
        self.highlighted = 0 if options else None


def choice_row(row: Row, width: int) -> Content:
    """Return a row with the name in a column of `width` cells."""
    name = Content(row.name).truncate(max(width, 1), ellipsis=True, pad=True)
    return Content.assemble(name, "  ", (row.detail, "$text-muted"))
