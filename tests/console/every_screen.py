"""Every screen and every panel over one, each at a moment that shows much of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cloud_scenes import clock, cloud_scene
from console_scenes import opened, scene, settled
from cost_screen_scenes import cost_scene
from deploy_screen_scenes import PLACE, Desk, deploy_scene
from doctor_scenes import ScriptedDoctor, findings
from log_scenes import log_scene
from model_file_scenes import models_scene
from start_scenes import STARTS
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.store import Store


@dataclass(frozen=True)
class View:
    """What is in the store, what it is shown with, and the keys that lead there."""

    store: Callable[[], Store]
    keys: tuple[str, ...]
    around: Mapping[str, Any] = field(default_factory=lambda: CLOUD)


def _slow_starts() -> Store:
    store = cloud_scene("zero")
    store.set_starts(STARTS["slow"])
    return store


CLOUD: Mapping[str, Any] = {"restarts": False, "clock": clock(), "context": str(PLACE)}
HERE: Mapping[str, Any] = {}
EXAMINED = {**CLOUD, "examine": ScriptedDoctor(findings("wrong")[1], None)}
VIEWS = {
    "overview-split": View(lambda: cloud_scene("split"), ("f1",)),
    "overview-broken": View(lambda: cloud_scene("broken"), ("f1",)),
    "overview-rolling": View(lambda: cloud_scene("rolling"), ("f1",)),
    "overview-starting": View(lambda: scene("starting"), ("f1",), HERE),
    "overview-failed": View(lambda: scene("failed"), ("f1",), HERE),
    "coldstarts": View(_slow_starts, ("2", "down")),
    "coldstarts-figures": View(_slow_starts, ("2", "v")),
    "logs": View(lambda: log_scene("following"), ("f3", "m", "up", "up")),
    "cost": View(lambda: cost_scene("awake"), ("f4", "enter", "down")),
    "what-if": View(lambda: cost_scene("awake"), ("f4", "w")),
    "generate": View(lambda: scene("running"), ("f5",), HERE),
    "models": View(lambda: models_scene("differs"), ("f6", "down")),
    "deploy": View(lambda: deploy_scene("fresh"), ("f7", "down")),
    "deploy-failed": View(lambda: deploy_scene("failed"), ("f7",)),
    "doctor": View(lambda: cloud_scene("zero"), ("D",), EXAMINED),
    "help": View(lambda: log_scene("following"), ("f3", "question_mark")),
    "palette": View(lambda: scene("ready"), ("ctrl+p",), HERE),
}


@asynccontextmanager
async def viewed(
    name: str,
    size: tuple[int, int] = (120, 36),
    looks: Mapping[str, Any] | None = None,
    **around: Any,
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    """A console that shows one of the `VIEWS`."""
    view = VIEWS[name]
    if name.startswith("deploy"):
        looks = {**(looks or {}), "open_deployer": lambda *_: Desk()}
    async with opened(view.store(), size, looks=looks, **view.around, **around) as (app, pilot):
        await pilot.press(*view.keys)
        await settled(app, pilot)
        if name == "palette":
            await pilot.pause(0.5)
        yield app, pilot
