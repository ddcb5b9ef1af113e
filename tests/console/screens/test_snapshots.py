"""A few screens with their colours; goldens of the text hold everything else."""

from __future__ import annotations

import pytest
from console_scenes import scene, settled
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.language import CHINESE, ENGLISH
from console.looks.theme import DARK, HIGH_CONTRAST, LIGHT
from console.screens.base import Surroundings

HEROES = {
    "overview-starting-80x24": ("f1", "starting", (80, 24), DARK.name, ENGLISH),
    "overview-done-120x36": ("f1", "done", (120, 36), DARK.name, ENGLISH),
    "generate-done-80x24": ("f5", "done", (80, 24), DARK.name, ENGLISH),
    "logs-failed-80x24": ("f3", "failed", (80, 24), DARK.name, ENGLISH),
    "overview-done-light-zh-120x36": ("f1", "done", (120, 36), LIGHT.name, CHINESE),
    "generate-done-light-80x24": ("f5", "done", (80, 24), LIGHT.name, ENGLISH),
    "logs-failed-contrast-zh-80x24": ("f3", "failed", (80, 24), HIGH_CONTRAST.name, CHINESE),
}


@pytest.mark.parametrize(
    ("key", "name", "size", "theme", "language"), HEROES.values(), ids=HEROES, indirect=["language"]
)
def test_it_looks_as_it_did(
    key: str,
    name: str,
    size: tuple[int, int],
    theme: str,
    language: str,
    snap_compare: object,
) -> None:
    around = Surroundings(scene(name), lambda: 100.0)
    app = ConsoleApp(around, repaint_interval=0.0, theme=theme)

    async def show(pilot: Pilot[int]) -> None:
        await pilot.press(key)
        await settled(app, pilot)

    assert callable(snap_compare)
    assert snap_compare(app, terminal_size=size, run_before=show)
