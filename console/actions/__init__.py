"""Every action of the console in one table: keys, footer, help and `docs/keys.md` come from it.

`python -m console.actions` prints `docs/keys.md`. The one gate for read-only is here too:
`refusal` says why an action may not be carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.actions.action import Action, Scope
from console.actions.coldstarts import COLD_STARTS
from console.actions.cost import COST
from console.actions.deploy import DEPLOY
from console.actions.everywhere import EVERYWHERE
from console.actions.generate import GENERATE
from console.actions.keymap import Keymap, read_keymap, with_keymap
from console.actions.keys import InvalidKey, spelled, types_a_character
from console.actions.logs import LOGS
from console.actions.models import MODELS
from console.language import tr

__all__ = [
    "ACTIONS",
    "Action",
    "InvalidKey",
    "Keymap",
    "Scope",
    "action",
    "in_scope",
    "keymap",
    "present",
    "refusal",
    "spelled",
    "types_a_character",
    "use_keys",
]

ACTIONS: Final[tuple[Action, ...]] = (
    *EVERYWHERE,
    *COLD_STARTS,
    *LOGS,
    *COST,
    *GENERATE,
    *MODELS,
    *DEPLOY,
)
"""Every action, with the keys that it has where nobody chose others."""


class _Present:
    """The actions of this process, with the keys that a person chose."""

    actions: tuple[Action, ...] = ACTIONS
    by_id: Mapping[str, Action] = {each.id: each for each in ACTIONS}


def keymap(table: Mapping[str, object]) -> Keymap:
    """Read the keys that a person chose, by the ids of actions; raises `InvalidKey`."""
    return read_keymap(table, ACTIONS)


def use_keys(chosen: Keymap) -> None:
    """Give these actions these keys from now on, and all others those they come with."""
    _Present.actions = with_keymap(ACTIONS, chosen)
    _Present.by_id = {each.id: each for each in _Present.actions}


def present() -> tuple[Action, ...]:
    """Return every action, with the keys that it has now."""
    return _Present.actions


def action(identifier: str) -> Action:
    """Return the action with this id; raises `KeyError`."""
    return _Present.by_id[identifier]


def in_scope(scope: Scope) -> tuple[Action, ...]:
    """Return the actions of one scope, in the order of the table."""
    return tuple(known for known in _Present.actions if known.scope is scope)


def refusal(asked: Action, *, read_only: bool, live: bool = True) -> str | None:
    """Say in one line why `asked` may not be carried out; None when it may.

    Where it is not `live`, what is seen was recorded.
    """
    if not live and (asked.writes or asked.spends):
        return tr(
            "{action}: refused in a replay, where nothing is made or changed",
            action=tr(asked.label),
        )
    if read_only and (asked.writes or asked.spends):
        return tr(
            "{action}: refused because the console is read-only; start it without --read-only",
            action=tr(asked.label),
        )
    return None
