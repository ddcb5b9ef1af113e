"""Rules about how texts stand in the code, without which their catalogues could not hold them."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import console

ROOT = Path(console.__file__).parent
CALLED = {"tr": 1, "tr_many": 2, "tr_later": 1}
FILES = sorted(file.relative_to(ROOT).as_posix() for file in ROOT.rglob("*.py"))


def calls(file: str) -> Iterator[tuple[str, ast.Call]]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id in CALLED:
            yield node.func.id, node


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def problem(name: str, call: ast.Call) -> str | None:
    """What is wrong with a call; a template that is no literal was marked where it is written."""
    templates = call.args[: CALLED[name]]
    if any(isinstance(one, ast.JoinedStr | ast.BinOp) for one in templates):
        return "a template is put together"
    literals = [one.value for one in templates if isinstance(one, ast.Constant)]
    if name == "tr_later" or not literals or any(one.arg is None for one in call.keywords):
        return None
    given = {str(one.arg) for one in call.keywords} | ({"count"} if name == "tr_many" else set())
    if not given:
        return None
    wanted = set().union(*(fields(str(one)) for one in literals))
    return None if given - {"count"} == wanted - {"count"} else f"{given} is not {wanted}"


@pytest.mark.parametrize("file", [file for file in FILES if "tr" in (ROOT / file).read_text()])
def test_every_template_can_be_looked_up_and_filled_in(file: str) -> None:
    wrong = [
        f"line {call.lineno}: {said}" for name, call in calls(file) if (said := problem(name, call))
    ]
    assert not wrong


def test_the_rules_find_what_they_forbid() -> None:
    def said(code: str) -> str | None:
        call = ast.parse(code, mode="eval").body
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Name)
        return problem(call.func.id, call)

    assert said('tr(f"{x} is here")')
    assert said('tr("a" + b)')
    assert said('tr("{x} is here", y=1)')
    assert said('tr_many("{x} line", "{count} {y}", n, x=1)')
    assert said('tr("{x} is here", x=1)') is None
    assert said('tr_many("one", "{count}", n)') is None
    assert said("tr(title)") is None
