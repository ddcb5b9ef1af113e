"""Rules for text that every file of the console keeps; each is found in the syntax, not by luck.

Textual and Rich take plain strings for markup in many places. There a string is written out, and
without a bracket, or it is made `Content` or `Text`, which are never parsed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

CONSOLE = Path(__file__).parents[3] / "console"
SHOWN = sorted(each for each in CONSOLE.rglob("*.py") if "sandbox" not in each.parts)
TITLES = {"border_title", "border_subtitle", "tooltip"}
PARSING = {"Static", "Label", "Button", "OptionList", "Checkbox", "RadioButton", "Option"}
NEVER_PARSED = {"Content", "Text", "Padding"}
OUTSIDE = ("sources", "session")

Fault = tuple[int, str]


def name_of(called: ast.expr) -> str:
    """Return `update` of `self.text.update`."""
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def base_of(called: ast.expr) -> str:
    """Return `Content` of `Content`, of `Content.styled`, and of `Content("").join`."""
    match called:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner) | ast.Call(func=inner):
            return base_of(inner)
        case _:
            return ""


def written_out(value: ast.expr | None) -> bool:
    """Whether it is a string of the source without a bracket, or translated, or such a choice."""
    match value:
        case None | ast.Constant(value=None):
            return True
        case ast.Constant(value=str(text)):
            return "[" not in text
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_").isupper()
        case ast.IfExp(body=body, orelse=orelse):
            return written_out(body) and written_out(orelse)
        case ast.Call(func=ast.Name(id="tr"), args=[said], keywords=[]):
            return written_out(said)
        case _:
            return False


def never_parsed(value: ast.expr | None) -> bool:
    match value:
        case ast.Call(func=function):
            return base_of(function) in NEVER_PARSED
        case ast.IfExp(body=body, orelse=orelse):
            return safe(body) and safe(orelse)
        case ast.Starred(value=ast.Call(func=ast.Name(id="map"), args=[ast.Name(id=made), *_])):
            return made in NEVER_PARSED
        case ast.Starred(value=ast.GeneratorExp(elt=elt)):
            return never_parsed(elt)
        case _:
            return False


def safe(value: ast.expr | None) -> bool:
    return written_out(value) or never_parsed(value)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def without_markup(call: ast.Call) -> bool:
    given = keyword(call, "markup")
    return isinstance(given, ast.Constant) and given.value is False


def parsers(tree: ast.AST) -> Iterator[Fault]:
    """Whatever parses markup on purpose."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)) and name_of(node) in (
            "from_markup",
            "from_ansi",
            "render_markup",
        ):
            yield node.lineno, name_of(node)
        if isinstance(node, ast.ImportFrom) and node.module in ("rich.markup", "textual.markup"):
            yield node.lineno, f"import of {node.module}"
    for call in calls(tree):
        given = keyword(call, "markup")
        if isinstance(given, ast.Constant) and given.value is True:
            yield call.lineno, "markup=True"
        if name_of(call.func) == "from_text" and not without_markup(call):
            yield call.lineno, "from_text with markup"


def notices(tree: ast.AST) -> Iterator[Fault]:
    """Notices, which are markup unless it is said that they are not."""
    for call in calls(tree):
        if name_of(call.func) == "notify" and not without_markup(call):
            yield call.lineno, "notify without markup=False"


def widgets(tree: ast.AST) -> Iterator[Fault]:
    """Widgets and options that are given a string to parse."""
    for call in calls(tree):
        if name_of(call.func) in PARSING and call.args and not without_markup(call):
            if name_of(call.func) == "Option" or safe(call.args[0]):
                continue
            if not annotated(tree, call.args[0]):
                yield call.lineno, f"{name_of(call.func)} of what may be a string"


def annotated(tree: ast.AST, value: ast.expr) -> bool:
    """Whether a name is said to be `Content` in its file, or only what is safe is assigned."""
    wanted = name_of(value.func if isinstance(value, ast.Call) else value).lstrip("_")
    said = False
    for node in ast.walk(tree):
        match node:
            case ast.arg(arg=name, annotation=kind) if kind and name.lstrip("_") == wanted:
                said = ast.unparse(kind) == "Content"
            case ast.FunctionDef(name=name, returns=kind) if kind and name.lstrip("_") == wanted:
                said = ast.unparse(kind) == "Content"
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind) if name == wanted:
                said = ast.unparse(kind) == "Content"
            case ast.Assign(targets=[ast.Name(id=name)], value=given) if name == wanted:
                said = safe(given)
                if not said:
                    return False
    return said


def titles(tree: ast.AST) -> Iterator[Fault]:
    """Titles on borders, which Textual parses."""
    for node in ast.walk(tree):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            titled = isinstance(target, ast.Attribute) and target.attr in TITLES
            if titled and not safe(node.value) and not annotated(tree, node.value):
                yield node.lineno, f"{target.attr} of what may be a string"


def updates(tree: ast.AST) -> Iterator[Fault]:
    """Strings that are put together where a widget is updated, or Rich prints."""
    for call in calls(tree):
        if name_of(call.func) in ("update", "add_row") or (
            name_of(call.func) == "print" and isinstance(call.func, ast.Attribute)
        ):
            for each in call.args:
                if isinstance(each, (ast.JoinedStr, ast.BinOp)) or (
                    isinstance(each, ast.Constant) and not written_out(each)
                ):
                    yield call.lineno, f"{name_of(call.func)} of a string put together"


def claims(tree: ast.AST) -> Iterator[Fault]:
    """Text from outside that is called safe without having been made so."""
    for call in calls(tree):
        if name_of(call.func) == "SafeText" and not written_out(call.args[0]):
            yield call.lineno, f"{ast.unparse(call)}: it takes `sanitise` to make it safe"


def found(rule: Callable[[ast.AST], Iterator[Fault]], files: list[Path]) -> list[str]:
    return [
        f"{file.relative_to(CONSOLE.parent)}:{line}: {fault}"
        for file in files
        for line, fault in rule(ast.parse(file.read_text(encoding="utf-8")))
    ]


def test_no_translation_brings_markup_along() -> None:
    catalogues = sorted(CONSOLE.glob("language/*/LC_MESSAGES/*.po"))
    assert catalogues
    for file in catalogues:
        with file.open("rb") as opened:
            for entry in read_po(opened):
                said = entry.id if isinstance(entry.id, tuple) else (entry.id,)
                meant = entry.string if isinstance(entry.string, tuple) else (entry.string,)
                plain = not any("[" in text for text in said)
                assert not plain or not any("[" in text for text in meant), said


@pytest.mark.parametrize("rule", [parsers, notices, widgets, titles, updates])
def test_no_data_is_ever_parsed(rule: Callable[[ast.AST], Iterator[Fault]]) -> None:
    assert found(rule, SHOWN) == []


def test_only_the_sanitiser_says_that_text_from_outside_is_safe() -> None:
    outside = [each for each in SHOWN if each.relative_to(CONSOLE).parts[0] in OUTSIDE]
    assert len(outside) > 50
    assert found(claims, outside) == []


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (parsers, "Content.from_markup(text)"),
        (parsers, "from rich.markup import render"),
        (parsers, "Static(Content(text), markup=True)"),
        (parsers, "Content.from_text(text)"),
        (notices, "self.app.notify(said)"),
        (notices, "self.notify(said, markup=wanted)"),
        (widgets, "Static(f'{said}')"),
        (widgets, "Label(said)"),
        (widgets, "Static('[b]written out[/b]')"),
        (titles, "self.border_title = said"),
        (titles, "self.border_title = tr(said)"),
        (titles, "self.border_title = tr('for {said}', said=said)"),
        (titles, "panel.border_subtitle = 'none' if plain else f'for {said}'"),
        (updates, "self.text.update(f'for {said}')"),
        (updates, "table.add_row('for ' + said)"),
        (updates, "console.print(f'{said}')"),
        (claims, "SafeText(row[0])"),
        (claims, "SafeText(tr('for {said}', said=said))"),
    ],
)
def test_what_breaks_a_rule_is_found(
    rule: Callable[[ast.AST], Iterator[Fault]], source: str
) -> None:
    assert [line for line, _ in rule(ast.parse(source))] == [1]
