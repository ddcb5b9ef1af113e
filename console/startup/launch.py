"""From a configuration to a console on the terminal."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from console import paths
from console.actions import use_keys
from console.app import ConsoleApp
from console.commands.history import CommandHistory
from console.config import Config
from console.contexts.destinations import Destinations
from console.contexts.recents import Recents, utc_now
from console.contexts.session_life import SessionLike
from console.contexts.switching import Places
from console.looks.theme import theme_for
from console.screens.base import Surroundings
from console.screens.deploy_keeper import DeployKeeper
from console.sources.off_loop import off_loop
from console.startup.collecting import collect_seldom
from console.startup.ending import forget_threads
from console.store import Store
from console.terminal.capabilities import Capabilities, Pictures, detect
from console.terminal.multiplexers import SCREEN, tmux_passes_on
from console.terminal.painting import ASCII_ONLY

if TYPE_CHECKING:
    from console.model.doctor.finding import Finding, Report


class Scene(Protocol):
    """Where the console begins; `console.contexts.destinations.Destinations` is one."""

    @property
    def first(self) -> str | None:
        """Where to begin; None when nobody ever said."""
        ...

    def store(self, context: str) -> Store:
        """Return what is known about `context` before anybody was asked."""
        ...

    def restarts(self, context: str) -> bool:
        """Say whether the engine of `context` is one that the console can end and start."""
        ...

    def open_session(self, context: str, store: Store) -> SessionLike:
        """Return the session that keeps `store` true."""
        ...


@dataclass(frozen=True, slots=True)
class Stage:
    """What a console runs on: where it begins, where else it can go, and its clocks.

    `live` says whether there is a world that can be asked and changed. `listen` is given what
    tells a person in one line what happened beside the console.
    """

    scene: Scene
    places: Places | None
    clock: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    live: bool = True
    listen: Callable[[Callable[[str], object]], None] | None = None


def run(config: Config, stage: Stage | None = None) -> int:
    """Run the console until it is left; returns the exit code. It is live unless on a `stage`."""
    collect_seldom()
    use_keys(config.keys)
    if not os.environ.get("NO_COLOR", "colour"):
        # It counts when it is not empty (https://no-color.org); for Textual it always does.
        del os.environ["NO_COLOR"]
    capabilities = detect(os.environ, config.images)
    theme = theme_for(config.theme, capabilities)
    in_ascii = not capabilities.unicode if config.ascii is None else config.ascii
    if stage is None:
        everywhere = Destinations(config, Recents(paths.recents_file(), utc_now))
        stage = Stage(everywhere, everywhere)
    scene = stage.scene
    context = scene.first or ""
    surroundings = Surroundings(
        scene.store(context) if context else Store(),
        stage.monotonic,
        context=context,
        pictures=_drawable(capabilities),
        colour=not theme.ansi and not in_ascii,
        read_only=config.read_only or not stage.live,
        live=stage.live,
        restarts=scene.restarts(context),
        clock=stage.clock,
        multiplexer=capabilities.multiplexer,
        examine=partial(_examined, config) if stage.live else None,
        pictures_directory=config.pictures_directory if stage.live else None,
    )
    app = ConsoleApp(
        surroundings,
        partial(scene.open_session, context),
        places=stage.places,
        open_deployer=partial(_open_deployer, config) if stage.live else None,
        theme=theme.name,
        commands=CommandHistory(paths.commands_file()),
        filters=(ASCII_ONLY,) if in_ascii else (),
    )
    if stage.listen is not None:
        stage.listen(partial(app.flash, severity="warning"))
    if capabilities.remote:
        app.animation_level = "none"
    return asyncio.run(_until_left(app))


def _drawable(capabilities: Capabilities) -> Pictures:
    """Return how pictures are drawn; in full only if what lies between lets it."""
    wanted, between = capabilities.pictures, capabilities.multiplexer
    if wanted not in (Pictures.KITTY, Pictures.SIXEL) or not between:
        return wanted
    if between == SCREEN or (wanted is Pictures.KITTY and not tmux_passes_on(os.environ)):
        # screen would print the inside of a Sixel picture as text.
        return Pictures.HALF
    return wanted


async def _examined(config: Config, context: str, told: Callable[[Finding], None]) -> Report:
    """Let the doctor examine a context; what that takes is imported while nobody waits for it."""
    await off_loop(partial(import_module, "console.examining"), "imports")
    from console.examining import examined_beside

    # Textual has taken the streams; the terminal is where it draws.
    screen = sys.__stderr__ or sys.stderr
    return await examined_beside(replace(config, context=context), os.environ, screen, told)


def _open_deployer(config: Config, context: str, store: Store) -> DeployKeeper | None:
    """Return what takes wishes about a deployment; what that takes is imported only then."""
    from console.deploying import deploy_desk

    return deploy_desk(store, context, config.models)


async def _until_left(app: ConsoleApp) -> int:
    try:
        result = await app.run_async()
    finally:
        await app.end_session()
        forget_threads()
    return result if result is not None else app.return_code or 0
