"""What every key does, from the table of actions."""

from __future__ import annotations

from textual.content import Content

from console.actions import Scope, in_scope
from console.language import tr
from console.model.log.query import EXAMPLES
from console.screens.modals.detail import DetailScreen

_KEY_WIDTH = 18


def help_text(scope: Scope | None) -> Content:
    """Return the actions of a screen's scope, then those that work everywhere, by group."""
    scopes = [Scope.GLOBAL] if scope is None or scope is Scope.GLOBAL else [scope, Scope.GLOBAL]
    rows: list[Content] = []
    group = None
    for known in (known for one in scopes for known in in_scope(one)):
        if known.group != group:
            group = known.group
            rows += [Content(""), Content.styled(tr(group), "bold $accent")]
        rows.append(_row(known.key_text, tr(known.tooltip)))
    if scope is Scope.LOGS:
        rows += [Content(""), Content.styled(tr("What a filter asks for"), "bold $accent")]
        rows += [_row(written, tr(meaning)) for written, meaning in EXAMPLES]
    return Content("\n").join(rows[1:])


def _row(what: str, meaning: str) -> Content:
    shown = Content.styled(what, "bold $primary").truncate(_KEY_WIDTH, pad=True)
    return Content.assemble("  ", shown, meaning)


class HelpScreen(DetailScreen):
    """The help of one screen."""

    def __init__(self, scope: Scope | None) -> None:
        super().__init__(tr("Keys"), help_text(scope))
