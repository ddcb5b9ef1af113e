"""From a configuration to a console on the terminal."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from functools import partial

from console import paths
from console.app import ConsoleApp
from console.config import Config
from console.destinations import Destinations
from console.recents import Recents, utc_now
from console.screens.base import Surroundings
from console.store import Store
from console.terminal.capabilities import detect
from console.theme import NAME, theme_name

_SELDOM = (2_000, 10, 500)


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
    )
    app = ConsoleApp(
        surroundings, partial(places.open_session, context), places=places, theme=theme
    )
    if capabilities.remote:
        app.animation_level = "none"
    return asyncio.run(_until_left(app))


async def _until_left(app: ConsoleApp) -> int:
    try:
        result = await app.run_async()
    finally:
        await app.end_session()
    return result if result is not None else app.return_code or 0
