from __future__ import annotations

from collections.abc import Callable

import pytest
from console_scenes import SCENES, opened, scene, settled, text_of
from in_languages import in_every_language

SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
SCREENS = {"overview": "f1", "logs": "f3", "generate": "f5"}


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCENES)
async def test_every_screen_in_every_state(
    name: str, size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with opened(scene(name), SIZES[size]) as (app, pilot):
        for screen, key in SCREENS.items():
            await pilot.press(key)
            await settled(app, pilot)
            matches_golden(f"{screen}-{name}-{size}", text_of(app))


@in_every_language
async def test_help_lists_the_keys_of_the_screen(
    language: str,
    matches_golden: Callable[[str, str], None],
) -> None:
    async with opened(scene("ready"), (80, 36), on="logs") as (app, pilot):
        await pilot.press("question_mark")
        await settled(app, pilot)
        matches_golden("logs-help-80x36", text_of(app))
