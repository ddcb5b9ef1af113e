"""From a configuration to a console on the terminal."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module

from console import paths
from console.app import ConsoleApp
from console.config import Config
from console.destinations import Destinations
from console.model.doctor.finding import Finding, Report
from console.recents import Recents, utc_now
from console.screens.base import Surroundings
from console.screens.deploy_keeper import DeployKeeper
from console.sources.off_loop import off_loop
from console.store import Store
from console.terminal.capabilities import detect
from console.theme import NAME, theme_name

_SELDOM = (2_000, 10, 500)
Told = Callable[[Finding], None]


def run(config: Config) -> int:
    """Run the console until it is left; returns the exit code."""
    # The log is hundreds of thousands of objects, none of them garbage: to go through all of them
    # takes longer than a key may wait.
    gc.set_threshold(*_SELDOM)
    capabilities = detect(os.environ, config.images)
    theme = theme_name(capabilities, os.environ.get("TERM", ""))
    places = Destinations(config, Recents(paths.recents_file(), utc_now))
    context = places.first or ""
    surroundings = Surroundings(
        places.store(context) if context else Store(),
        time.monotonic,
        context=context,
        pictures=capabilities.pictures,
        colour=theme == NAME and capabilities.unicode,
        read_only=config.read_only,
        restarts=places.restarts(context),
        multiplexer=capabilities.multiplexer,
        examine=partial(_examined, config),
    )
    app = ConsoleApp(
        surroundings,
        partial(places.open_session, context),
        places=places,
        open_deployer=partial(_open_deployer, config),
        theme=theme,
    )
    if capabilities.remote:
        app.animation_level = "none"
    return asyncio.run(_until_left(app))


async def _examined(config: Config, context: str, told: Told) -> Report:
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
    return result if result is not None else app.return_code or 0
