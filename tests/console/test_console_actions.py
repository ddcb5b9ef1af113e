from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from console.actions import ACTIONS, Action, Scope, action, in_scope, keys_page, refusal

PAGE = Path(__file__).parent.parent.parent / "docs" / "keys.md"


def test_identifiers_are_unique() -> None:
    assert [each for each, count in Counter(a.id for a in ACTIONS).items() if count > 1] == []


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.GLOBAL])
def test_no_key_means_two_things_at_once(scope: Scope) -> None:
    reachable = [*in_scope(Scope.GLOBAL), *in_scope(scope)]
    keys = Counter(key for known in reachable for key in known.keys)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("known", ACTIONS, ids=lambda known: known.id)
def test_every_action_is_told_in_words(known: Action) -> None:
    assert known.keys
    assert known.label
    assert known.tooltip
    assert known.group
    assert action(known.id) is known


@pytest.mark.parametrize("known", ACTIONS, ids=lambda known: known.id)
def test_read_only_refuses_what_writes_or_spends_and_nothing_else(known: Action) -> None:
    refused = refusal(known, read_only=True)
    assert (refused is not None) == (known.writes or known.spends)
    assert refusal(known, read_only=False) is None


def test_the_page_of_keys_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == keys_page(), (
        "docs/keys.md is out of date: python -m console.actions > docs/keys.md"
    )
