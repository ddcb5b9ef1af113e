"""The keys that a person chose: `[keys]` in the configuration file, read against the table.

[keys]
"app.quit" = "q, ctrl+q"
"logs.follow" = "F"
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from console.actions.action import Action, Scope
from console.actions.keys import InvalidKey, key_named, spelled
from console.language import tr

Keymap = Mapping[str, tuple[str, ...]]
"""The keys of actions by the actions' ids; the other actions keep theirs."""


def read_keymap(table: Mapping[str, object], actions: Iterable[Action]) -> Keymap:
    """Return the keys that `table` gives to some of `actions`.

    Raises `InvalidKey` for an action or a key that does not exist, and for a key that would do two
    things in one place.
    """
    known = {each.id: each for each in actions}
    chosen = {identifier: _keys(identifier, text, known) for identifier, text in table.items()}
    _refuse_doubles(with_keymap(known.values(), chosen))
    return chosen


def with_keymap(actions: Iterable[Action], chosen: Keymap) -> tuple[Action, ...]:
    """Return the actions with the keys that were chosen for them."""
    return tuple(replace(each, keys=chosen.get(each.id, each.keys)) for each in actions)


def _keys(identifier: str, text: object, known: Mapping[str, Action]) -> tuple[str, ...]:
    if identifier not in known:
        near = difflib.get_close_matches(identifier, known, n=1, cutoff=0.5)
        if near:
            raise InvalidKey(
                tr(
                    "there is no action {action!r}; did you mean {near!r}?",
                    action=identifier,
                    near=near[0],
                )
            )
        raise InvalidKey(
            tr("there is no action {action!r}; the page of keys names all", action=identifier)
        )
    if not isinstance(text, str) or not text.strip():
        raise InvalidKey(
            tr(
                'the keys of {action} must be text in quotes, as "q, ctrl+q", not {value!r}',
                action=identifier,
                value=text,
            )
        )
    return tuple(dict.fromkeys(key_named(each.strip()) for each in text.split(",")))


def _refuse_doubles(actions: tuple[Action, ...]) -> None:
    for scope in Scope:
        owners: dict[str, Action] = {}
        for each in actions:
            if each.scope not in (Scope.GLOBAL, scope):
                continue
            for key in each.keys:
                if (other := owners.setdefault(key, each)) is not each:
                    raise InvalidKey(
                        tr(
                            "the key {key} is given to both {one} and {other}; "
                            "give one of them another",
                            key=spelled(key),
                            one=other.id,
                            other=each.id,
                        )
                    )
