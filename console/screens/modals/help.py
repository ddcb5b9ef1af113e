"""What every key does, from the table of actions."""

from __future__ import annotations

from textual.content import Content

from console.actions import Action, Scope, in_scope
from console.screens.modals.detail import DetailScreen

_KEY_WIDTH = 16


def help_text(scope: Scope | None) -> Content:
    """Return the actions of a screen's scope, then those that work everywhere, by group."""
    scopes = [Scope.GLOBAL] if scope is None or scope is Scope.GLOBAL else [scope, Scope.GLOBAL]
    rows: list[Content] = []
    group = None
    for known in (known for one in scopes for known in in_scope(one)):
        if known.group != group:
            group = known.group
            rows += [Content(""), Content.styled(group, "bold $accent")]
        rows.append(_row(known))
    return Content("\n").join(rows[1:])


def _row(known: Action) -> Content:
    keys = Content.styled(known.key_text, "bold $primary").truncate(_KEY_WIDTH, pad=True)
    return Content.assemble("  ", keys, known.tooltip)


class HelpScreen(DetailScreen):
    """The help of one screen."""

    def __init__(self, scope: Scope | None) -> None:
        super().__init__("Keys", help_text(scope))
