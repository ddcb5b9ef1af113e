"""What is read of style sheets, and how often."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cloud_scenes import clock, cloud_scene
from console_scenes import opened, scene, settled
from every_screen import VIEWS, viewed
from textual.css import stylesheet
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.layout import Layout

import console
from console.looks import style_sheets
from console.looks.style_sheets import PANELS
from console.looks.theme import LIGHT

ROOT = Path(console.__file__).parent
FIRST = {"app.tcss", "frame.tcss", "overview.tcss", "log_lines.tcss"}
"""What the first screen looks like."""


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often each sheet was parsed, by its place."""
    counted: Counter[tuple[str, str]] = Counter()
    parse = stylesheet.parse

    def counting(scope: str, css: str, read_from: tuple[str, str], **more: Any) -> Any:
        counted[read_from] += 1
        return parse(scope, css, read_from, **more)

    monkeypatch.setattr(stylesheet, "parse", counting)
    monkeypatch.setattr(style_sheets, "READ", {})
    return counted


def ours(parsed: Counter[tuple[str, str]]) -> set[str]:
    return {Path(place).name for place, _ in parsed if place.endswith(".tcss")}


def how_often(parsed: Counter[tuple[str, str]]) -> set[int]:
    return {count for (place, _), count in parsed.items() if place.endswith(".tcss")}


def meant(rules: list[RuleSet]) -> list[object]:
    """What rules say; no two layouts are equal, so each is taken by its kind and settings."""
    return [
        (
            rule.selector_set,
            {
                name: (type(value), vars(value)) if isinstance(value, Layout) else value
                for name, value in rule.styles.get_rules().items()
            },
            rule.styles.important,
            rule.errors,
            rule.is_default_rules,
            rule.tie_breaker,
            rule.selector_names,
            rule.pseudo_classes,
        )
        for rule in rules
    ]


async def test_until_the_first_frame_nothing_is_parsed_twice(
    parsed: Counter[tuple[str, str]],
) -> None:
    async with opened(scene("ready")):
        assert ours(parsed) == FIRST
        assert how_often(parsed) == {1}


async def test_what_a_screen_looks_like_is_read_when_it_is_shown(
    parsed: Counter[tuple[str, str]],
) -> None:
    async with opened(cloud_scene("zero"), restarts=False, clock=clock()) as (app, pilot):
        for key, sheet in (("f4", "cost.tcss"), ("question_mark", "modals.tcss")):
            assert sheet not in ours(parsed)
            await pilot.press(key)
            await settled(app, pilot)
            assert sheet in ours(parsed)
        await pilot.press("escape", "f1", "f4", "question_mark")
        await settled(app, pilot)
        assert how_often(parsed) == {1}


async def test_another_theme_parses_everything_once_more_and_going_back_nothing(
    parsed: Counter[tuple[str, str]],
) -> None:
    async with opened(scene("ready")) as (app, pilot):
        before = app.theme
        for theme in (LIGHT.name, before, LIGHT.name):
            app.theme = theme
            await settled(app, pilot)
            assert how_often(parsed) == {2}


async def test_every_sheet_is_shown_by_some_screen(parsed: Counter[tuple[str, str]]) -> None:
    for view in ("overview-split", "coldstarts", "logs", "cost", "generate", "models"):
        async with viewed(view):
            pass
    for view in ("deploy", "doctor"):
        assert view in VIEWS
        async with viewed(view):
            pass
    assert ours(parsed) == {sheet.name for sheet in ROOT.rglob("*.tcss")}
    assert PANELS.name in ours(parsed)
    # What is kept goes from one application to the next: none of them may have changed it.
    ((variables, kept),) = style_sheets.READ.items()
    anew = Stylesheet(variables=dict(variables))
    for key in list(kept.keys()):
        assert meant(kept[key]) == meant(anew._parse_rules(*key))  # type: ignore[arg-type]
