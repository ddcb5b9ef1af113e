"""The verb `cost`: what a service costs, without a screen. Nothing is woken by it.

Of an engine on this machine is told what its starts and pictures so far would have cost in the
cloud; none is started for it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from console.config import Config, ConfigError
from console.contexts import open_session
from console.model.cost.estimate import FreeTier
from console.model.cost.snapshot import CostSnapshot
from console.store import Store
from console.verbs.cost_document import cost_document
from console.verbs.cost_table import print_cost
from console.verbs.headless import DONE, FAILED, Ended, until_signal

PATIENCE_SECONDS: Final = 60.0
"""How long is waited for what costs depend on; what is not known by then is said to be missing."""


def cost(config: Config, arguments: Mapping[str, object]) -> int:
    """Report what the service costs; returns 0 if anything is known of it.

    Raises `ConfigError` for a time zone that is none.
    """
    name = str(arguments["month_zone"] or "UTC")
    zone, free = _zone(name), FreeTier(str(arguments["free"] or FreeTier.NONE))
    try:
        known = asyncio.run(until_signal(_known(config, zone, free)))
    except Ended as ended:
        return _complain(str(ended), ended.code)
    if arguments["json"] is True:
        print(json.dumps(cost_document(config.context, known, name), indent=2))
    elif known.report is not None:
        print_cost(config.context, known.report, sys.stdout)
    if known.report is None:
        return _complain(known.fresh.problem or "nothing is known of its costs", FAILED)
    return DONE


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ConfigError(
            f"--month-zone {name!r} is no time zone; write one such as America/Los_Angeles or UTC"
        ) from None


async def _known(config: Config, zone: tzinfo, free: FreeTier) -> CostSnapshot:
    """Return what is known of costs once all has been answered or refused, or patience ends."""
    store, news = Store(), asyncio.Event()
    session = open_session(store, config, keep_pictures=False, zone=zone)
    session.reckon(free)
    store.subscribe(lambda topic: news.set())
    running = asyncio.create_task(session.run())
    running.add_done_callback(lambda _: news.set())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (store.cost.settled or store.cost.fresh.troubled or running.done()):
                    news.clear()
                    await news.wait()
        if running.done():
            await running
        return store.cost
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _complain(why: str, code: int) -> int:
    print(f"zimage-console: {why}", file=sys.stderr)
    return code
