"""From the table of actions to what Textual binds, and to what the key bar shows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from textual.binding import Binding, BindingsMap

from console.actions import Action, Scope, action, in_scope, spelled, types_a_character
from console.language import tr
from console.widgets.key_bar import KeyHint

_KEPT_BY_WIDGETS = frozenset({"enter", "home", "end"})
_LEADS_TO_ACTION = re.compile(r"app\.(?:press|perform)\('(?P<id>[\w.]+)'\)")


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


def with_present_keys(given: BindingsMap) -> BindingsMap:
    """Return bindings with the keys that their actions have now.

    The bindings of a class are made before it is known which keys a person chose.
    """
    others: dict[str, list[Binding]] = {}
    named: dict[str, None] = {}
    for key, found in given.key_to_bindings.items():
        for binding in found:
            if led := _LEADS_TO_ACTION.fullmatch(binding.action):
                named[led["id"]] = None
            else:
                others.setdefault(key, []).append(binding)
    ours = [binding for identifier in named for binding in bindings_of(identifier)]
    return BindingsMap.merge([BindingsMap(ours), BindingsMap.from_keys(others)])


def hints(actions: Iterable[Action], *, typing: bool) -> tuple[KeyHint, ...]:
    """Return the hints of actions that have a key which works now.

    While a person types, keys that write a character belong to the text.
    """
    shown = []
    for known in actions:
        keys = [key for key in known.keys if not (typing and types_a_character(key))]
        if keys:
            shown.append(KeyHint(spelled(keys[0]), tr(known.label)))
    return tuple(shown)
