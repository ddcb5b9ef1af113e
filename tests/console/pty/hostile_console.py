"""A console that is shown nothing but hostile text, driven through all it has; for a terminal.

    PYTHONPATH=. python tests/console/pty/hostile_console.py

Nobody made it safe on the way in, so that only what is on the way out stands against it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import cloud_scenes
import cost_screen_scenes
import deploy_screen_scenes
import doctor_scenes
import model_file_scenes
import model_keeper_scenes
import start_scenes
from console_scenes import QuietSession, made
from hostile_text import HOSTILE, poisoned
from textual.pilot import Pilot

from console.actions import ACTIONS, Scope
from console.app import ConsoleApp
from console.config import Config
from console.model.images import Run, RunState
from console.model.log.lines import Severity
from console.model.text import SafeText
from console.screens.base import Surroundings
from console.store import Store
from engine.schema import GenerationRequest

HERE = Path(__file__)
SCREENS = {
    "f2": Scope.COLD_STARTS,
    "f3": Scope.LOGS,
    "f4": Scope.COST,
    "f6": Scope.MODELS,
    "f7": Scope.DEPLOY,
}
MODALS = ("D", "question_mark", "ctrl+p")


def moments(text: SafeText) -> Iterator[dict[str, Any]]:
    """Yield what a store may know, every scene of every screen at least once."""
    scenes = (
        [poisoned(each(), text) for each in cloud_scenes.SNAPSHOTS.values()],
        [poisoned(each(), text) for each in cost_screen_scenes.SNAPSHOTS.values()],
        [poisoned(each, text, own=True) for each in model_file_scenes.SNAPSHOTS.values()],
        [poisoned(each(), text, own=True) for each in deploy_screen_scenes.SNAPSHOTS_OF.values()],
        [start_scenes.poisoned(text)],
    )
    longest = max(map(len, scenes))
    names = ("service", "cost", "models", "deploy", "starts")
    for found in islice(zip(*map(cycle, scenes), strict=True), longest):
        yield dict(zip(names, found, strict=True))


def tell(store: Store, known: dict[str, Any]) -> None:
    """Put all of it into the store, which tells the screens."""
    for name, value in known.items():
        getattr(store, f"set_{name}")(value)


def filled(text: SafeText) -> Store:
    """A store with hostile lines, pictures and runs."""
    store = Store()
    for number in range(40):
        severity = (Severity.INFO, Severity.WARNING, Severity.ERROR)[number % 3]
        store.add_log(cloud_scenes.NOW, severity, text, text, {text: [text]})
    for line in cloud_scenes.LAST_WORDS:
        store.add_record(poisoned(line, text))
    store.add_picture(made(prompt=text))
    store.put_run(Run(9, GenerationRequest(text), RunState.FAILED, problem=text))
    return store


async def drive(pilot: Pilot[Any], text: SafeText) -> None:
    """Show the moments on the screens in turn, then do and open all that keys do and open."""
    app: Any = pilot.app
    await pilot.pause()
    app.surroundings.operator.models = model_keeper_scenes.Keeper(model_keeper_scenes.NEW)
    for number, known in enumerate(moments(text)):
        tell(app.store, known)
        await pilot.press(("f1", "f7", "f6", "f1", "f7", "f4")[number % 6])
    app.flash(text, "warning")
    for key, scope in SCREENS.items():
        for action in ACTIONS:
            if action.scope is scope:
                await pilot.press(key, action.keys[0], "escape")
    for key in MODALS:
        await pilot.press(key, "down", "enter", "escape", "escape")
    app.exit(0)


def main() -> int:
    text = SafeText(HOSTILE)
    config = Config(pictures_directory=HERE.parent / "nowhere")
    found = [poisoned(each, text, own=True) for each in doctor_scenes.findings("hostile")[1]]
    app = ConsoleApp(
        Surroundings(
            filled(text),
            lambda: 100.0,
            context=text,
            restarts=False,
            clock=lambda: cloud_scenes.NOW,
            examine=doctor_scenes.ScriptedDoctor(found),
            deployer=deploy_screen_scenes.Desk(),
        ),
        lambda store: QuietSession(store, config),
        repaint_interval=0.0,
    )

    async def run() -> int:
        try:
            code = await app.run_async(auto_pilot=lambda pilot: drive(pilot, text))
        finally:
            await app.end_session()
        return app.return_code or 0 if code is None else code

    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
