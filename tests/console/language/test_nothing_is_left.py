"""Nothing that a person is shown is left in one language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import console

ROOT = Path(console.__file__).parent
SHOWN = {
    *("sanitise", "complain", "notify", "flash", "ConfigError", "ArgumentTypeError", "Mend"),
    *("RecordingError", "Finding", "Unanswered", "Meaning"),
}
"""What is called with texts that people read."""

NAMED = {"help", "description", "epilog", "words", "placeholder", "tooltip", "border_title"}
"""Arguments of any call that people read."""

ELSEWHERE = {
    "sandbox": "what plays Google speaks as Google does",
    "recording/calls.py": "names of calls, for the file",
    "actions/__main__.py": "writes a page of the documentation",
}
_TWO_WORDS = re.compile(r"[a-z]{2,},? [a-z]{2,}")
_COMMAND = re.compile(
    r"^(?:[A-Z]+=|(?:sudo|gcloud|zimage-console|pip|curl|docker|python|export|ps|du|unset)\b)"
)


def test_every_text_has_a_translation(catalogues: ModuleType, texts: dict[Any, str]) -> None:
    assert len(texts) > 2_000
    assert catalogues.lacking(texts, catalogues.read_catalogues()) == {}


def test_no_text_stands_where_the_catalogues_do_not_see_it(
    catalogues: ModuleType, texts: dict[Any, str]
) -> None:
    """Within an f-string, say, where what finds texts does not look."""
    unseen = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for file in sorted(ROOT.rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id in catalogues.KEYWORDS and (said := _templates(call))
        if said not in texts
    ]
    assert unseen == []


def _templates(call: ast.Call) -> object:
    """Return what is looked up: a text, or two for a number; nothing where it is no literal."""
    number = 2 if isinstance(call.func, ast.Name) and call.func.id == "tr_many" else 1
    texts = [one.value for one in call.args[:number] if isinstance(one, ast.Constant)]
    if len(texts) < number:
        return None
    return tuple(texts) if number == 2 else texts[0]


def left(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the texts that are shown as they are written, each with its line."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        shown = [each.value for each in call.keywords if each.arg in NAMED]
        shown += call.args if name in SHOWN else []
        for each in shown:
            if (text := _written(each)) and _TWO_WORDS.search(text) and not _COMMAND.match(text):
                yield each.lineno, text


def _written(node: ast.expr) -> str:
    """Return a literal, or what is literal of one with values in it."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_written(each) for each in node.values)
    return ""


@pytest.mark.parametrize(
    "file",
    [
        name
        for name in sorted(file.relative_to(ROOT).as_posix() for file in ROOT.rglob("*.py"))
        if not name.startswith(tuple(ELSEWHERE))
    ],
)
def test_what_is_shown_goes_through_the_catalogues(file: str) -> None:
    assert list(left(ast.parse((ROOT / file).read_text(encoding="utf-8")))) == []


def test_the_rule_finds_what_is_left() -> None:
    def found(code: str) -> list[str]:
        return [text for _, text in left(ast.parse(code))]

    assert found('raise Offline(sanitise("it broke off"))') == ["it broke off"]
    assert found('complain(f"cannot write {file} there", 1)') == ["cannot write  there"]
    assert found('parser.add_argument("--x", help="what it is")') == ["what it is"]
    assert found('Mend("gcloud auth login", tr("log in again"))') == []
    assert found('sanitise(tr("it broke off"))') == []
