"""The screen of cold starts with its colours; goldens of the text hold everything else."""

from __future__ import annotations

import pytest
from cloud_scenes import clock, cloud_scene
from console_scenes import settled
from start_scenes import STARTS
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.looks.theme import ANSI, DARK
from console.screens.base import Surroundings

HEROES = {
    "coldstarts-slow-120x36": ("slow", (120, 36), DARK.name),
    "coldstarts-untold-plain-80x24": ("untold", (80, 24), ANSI.name),
}


@pytest.mark.parametrize(("name", "size", "theme"), HEROES.values(), ids=HEROES)
def test_cold_starts_look_as_they_did(
    name: str, size: tuple[int, int], theme: str, snap_compare: object
) -> None:
    store = cloud_scene("zero")
    store.set_starts(STARTS[name])
    surroundings = Surroundings(store, lambda: 100.0, restarts=False, clock=clock())
    app = ConsoleApp(surroundings, repaint_interval=0.0, theme=theme)

    async def show(pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await settled(app, pilot)

    assert callable(snap_compare)
    assert snap_compare(app, terminal_size=size, run_before=show)
