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
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from console import paths
from console.config import Config, ConfigError
from console.contexts.opening import open_session
from console.language import tr
from console.model.contexts import LOCAL
from console.model.cost.estimate import FreeTier
from console.model.cost.snapshot import CostSnapshot
from console.model.freshness import Standing
from console.model.service import ServiceState
from console.session.clock import utc_now
from console.session.costs.cost_facts import facts_here
from console.session.costs.cost_watch import CostWatch
from console.session.costs.price_watch import PriceWatch
from console.session.history.keeper import HistoryKeeper
from console.session.racing import first_of
from console.sources.prices import packaged_prices
from console.store import Store
from console.verbs.complaint import complain
from console.verbs.cost_document import cost_document
from console.verbs.cost_table import print_cost
from console.verbs.headless import DONE, FAILED, Ended, until_signal

PATIENCE_SECONDS: Final = 60.0
"""How long is waited for what costs depend on; what is not known by then is said to be missing."""

_HOPELESS: Final = (ServiceState.FAILED, ServiceState.DENIED, ServiceState.MISSING)


def cost(config: Config, arguments: Mapping[str, object]) -> int:
    """Report what the service costs; returns 0 if anything is known of it.

    Raises `ConfigError` for a time zone that is none.
    """
    name = str(arguments["month_zone"] or "UTC")
    zone, free = _zone(name), FreeTier(str(arguments["free"] or FreeTier.NONE))
    try:
        known = asyncio.run(until_signal(_known(config, zone, free)))
    except Ended as ended:
        return complain(str(ended), ended.code)
    if arguments["json"] is True:
        print(json.dumps(cost_document(config.context, known, name), indent=2))
    elif known.report is not None:
        print_cost(config.context, known.report, sys.stdout)
    if known.report is None:
        return complain(known.fresh.problem or tr("nothing is known of its costs"), FAILED)
    return DONE


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ConfigError(
            tr(
                "--month-zone {name} is no time zone; write one such as America/Los_Angeles or UTC",
                name=repr(name),
            )
        ) from None


async def _known(config: Config, zone: tzinfo, free: FreeTier) -> CostSnapshot:
    """Return what is known of costs once all has been answered or refused, or patience ends."""
    if config.context == LOCAL:
        return await _known_here(zone, free)
    store, news = Store(), asyncio.Event()
    session = open_session(store, config, keep_pictures=False, zone=zone)
    session.reckon(free)
    store.subscribe(lambda topic: news.set())
    running = asyncio.create_task(session.run())
    running.add_done_callback(lambda _: news.set())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (store.cost.settled or _hopeless(store) or running.done()):
                    news.clear()
                    await news.wait()
        if running.done():
            await running
        return _explained(store)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _hopeless(store: Store) -> bool:
    """Say whether nothing will ever be known of a service."""
    return store.service.state in _HOPELESS and store.service.facts is None


def _explained(store: Store) -> CostSnapshot:
    """Return what is known of costs, with why if that is nothing."""
    known, problem = store.cost, store.service.problem
    if known.report is not None or known.fresh.problem is not None or problem is None:
        return known
    return replace(known, fresh=known.fresh.failed(Standing.ERROR, problem, None))


async def _known_here(zone: tzinfo, free: FreeTier) -> CostSnapshot:
    """Return what the engine on this machine did so far, from what was kept of it."""
    store = Store()
    history = HistoryKeeper(store, LOCAL, utc_now, _warn, paths.history_file())
    watch = CostWatch(
        store,
        lambda: facts_here(store.starts, history),
        history,
        PriceWatch(packaged_prices(), None, utc_now, lambda: 0.5),
        utc_now,
        zone=zone,
        free=free,
    )
    keeping = asyncio.create_task(history.run())
    try:
        await first_of(history.loaded.wait(), _ended(keeping))
        await watch.once()
        return store.cost
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        history.close()


async def _ended(task: asyncio.Task[None]) -> None:
    await task


def _warn(why: str) -> None:
    complain(why, DONE)
