"""From the table of actions to what Textual binds, and to what the key bar shows."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from console.actions import Action, Scope, action, in_scope, spelled, types_a_character
from console.widgets.key_bar import KeyHint

_KEPT_BY_WIDGETS = frozenset({"enter", "home", "end"})


def bindings(scope: Scope) -> list[Binding]:
    """Return the bindings of one scope."""
    return [binding for known in in_scope(scope) for binding in bindings_of(known.id)]


def bindings_of(identifier: str) -> list[Binding]:
    """Return the bindings of one action, one for each of its keys.

    They lead to the application's `press` for keys that write a character, which is refused
    while a person types, and to `perform` for all others. Nearly all come before those of
    widgets: the application handles them at once, so that whatever is typed next arrives where
    the key led.
    """
    known = action(identifier)
    return [
        Binding(
            key,
            f"app.{'press' if types_a_character(key) else 'perform'}('{identifier}')",
            known.label,
            show=False,
            priority=key not in _KEPT_BY_WIDGETS,
            tooltip=known.tooltip,
        )
        for key in known.keys
    ]


def hints(actions: Iterable[Action], *, typing: bool) -> tuple[KeyHint, ...]:
    """Return the hints of actions that have a key which works now.

    While a person types, keys that write a character belong to the text.
    """
    shown = []
    for known in actions:
        keys = [key for key in known.keys if not (typing and types_a_character(key))]
        if keys:
            shown.append(KeyHint(spelled(keys[0]), known.label))
    return tuple(shown)
