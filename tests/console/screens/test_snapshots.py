"""A few screens with their colours; goldens of the text hold everything else."""

from __future__ import annotations

import pytest
from console_scenes import scene, settled
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.screens.base import Surroundings

HEROES = {
    "overview-starting-80x24": ("f1", "starting", (80, 24)),
    "overview-done-120x36": ("f1", "done", (120, 36)),
    "generate-done-80x24": ("f5", "done", (80, 24)),
    "logs-failed-80x24": ("f3", "failed", (80, 24)),
}


@pytest.mark.parametrize(("key", "name", "size"), HEROES.values(), ids=HEROES)
def test_it_looks_as_it_did(
    key: str, name: str, size: tuple[int, int], snap_compare: object
) -> None:
    app = ConsoleApp(Surroundings(scene(name), lambda: 100.0), repaint_interval=0.0)

    async def show(pilot: Pilot[int]) -> None:
        await pilot.press(key)
        await settled(app, pilot)

    assert callable(snap_compare)
    assert snap_compare(app, terminal_size=size, run_before=show)
