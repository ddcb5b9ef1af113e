"""The screen of the deployment with its colours; goldens of the text hold everything else."""

from __future__ import annotations

import pytest
from cloud_scenes import clock
from console_scenes import settled
from deploy_screen_scenes import PLACE, Desk, deploy_scene
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.looks.theme import ANSI, DARK
from console.screens.base import Surroundings

HEROES = {
    "deploy-building-120x36": ("building", (120, 36), DARK.name),
    "deploy-destroy-plain-80x24": ("destroy", (80, 24), ANSI.name),
}


@pytest.mark.parametrize(("name", "size", "theme"), HEROES.values(), ids=HEROES)
def test_a_deployment_looks_as_it_did(
    name: str, size: tuple[int, int], theme: str, snap_compare: object
) -> None:
    around = Surroundings(
        deploy_scene(name),
        lambda: 100.0,
        context=str(PLACE),
        restarts=False,
        clock=clock(),
        colour=theme == DARK.name,
        deployer=Desk(),
    )
    app = ConsoleApp(around, repaint_interval=0.0, theme=theme)

    async def show(pilot: Pilot[int]) -> None:
        await pilot.press("f7")
        await settled(app, pilot)

    assert callable(snap_compare)
    assert snap_compare(app, terminal_size=size, run_before=show)
