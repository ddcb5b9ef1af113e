"""Costs with their colours; goldens of the text hold everything else."""

from __future__ import annotations

from console_scenes import settled
from cost_screen_scenes import cost_scene, no_clock
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.screens.base import Surroundings


def test_costs_look_as_they_did(snap_compare: object) -> None:
    store = cost_scene("kept")
    app = ConsoleApp(
        Surroundings(store, lambda: 100.0, restarts=False, clock=no_clock()), repaint_interval=0.0
    )

    async def show(pilot: Pilot[int]) -> None:
        await pilot.press("f4", "enter")
        await settled(app, pilot)

    assert callable(snap_compare)
    assert snap_compare(app, terminal_size=(120, 36), run_before=show)
