from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from in_languages import in_every_language

from console.actions import ACTIONS, Action, Scope, action, in_scope, refusal
from console.actions.page import keys_page
from console.language import tr

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = {"en": "keys.md", "zh": "keys.zh.md"}


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


@in_every_language
def test_the_page_of_keys_is_what_the_table_says(language: str) -> None:
    page = PAGES[language]
    assert (DOCS / page).read_text(encoding="utf-8") == keys_page(ACTIONS), (
        f"docs/{page} is out of date: python -m console.actions {language} > docs/{page}"
    )


@pytest.mark.parametrize("language", ["zh"], indirect=True)
@pytest.mark.parametrize("known", ACTIONS, ids=lambda known: known.id)
def test_every_action_is_told_in_every_language(known: Action, language: str) -> None:
    for text in (known.label, known.tooltip, known.group, known.scope.value):
        assert any("\u4e00" <= character <= "\u9fff" for character in tr(text)), text


@pytest.mark.parametrize("language", ["zh"], indirect=True)
def test_a_refusal_is_told_in_every_language(language: str) -> None:
    assert refusal(action("deploy.apply"), read_only=True) == (
        "执行：已拒绝，控制台处于只读模式；请不带 --read-only 重新启动"
    )
