"""The verb `coldstarts`: why starts took as long as they did, without a screen.

Nothing is woken by it: what is told comes from the history on this machine, and for a service on
Google Cloud from its log, of which what is new is read and kept.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from console import paths
from console.config import Config
from console.contexts.opening import open_session
from console.language import tr
from console.model.contexts import LOCAL
from console.model.freshness import Standing
from console.model.log.terms import InvalidQuery
from console.model.service import ServiceState
from console.model.starts.reckoned import reckon
from console.model.starts.snapshot import StartsSnapshot
from console.model.starts.start import ColdStart
from console.session.clock import utc_now
from console.session.cloud_session import CloudSession
from console.session.history.keeper import HistoryKeeper
from console.session.racing import first_of
from console.store import Store
from console.verbs.complaint import complain
from console.verbs.headless import DONE, FAILED, Ended, until_signal
from console.verbs.since import since_moment
from console.verbs.starts_document import starts_document
from console.verbs.starts_table import print_starts

USAGE: Final = 2
PATIENCE_SECONDS: Final = 120.0
"""How long the log may take; what was not read by then is said to be missing."""

_BACK: Final = "7d"
_STARTS: Final = 20
_HOPELESS: Final = (ServiceState.FAILED, ServiceState.DENIED, ServiceState.MISSING)
_SETTLED: Final = (Standing.FRESH, Standing.DENIED, Standing.ERROR, Standing.ABSENT)


def coldstarts(config: Config, arguments: Mapping[str, object]) -> int:
    """Report the starts that the command line asks for; returns 0 if any could be known."""
    now, limit = utc_now(), arguments["limit"]
    try:
        since = since_moment(str(arguments["since"] or _BACK), now)
        known = asyncio.run(
            until_signal(_known(config, since, limit if isinstance(limit, int) else _STARTS))
        )
    except InvalidQuery as error:
        return complain(str(error), USAGE)
    except Ended as ended:
        return complain(str(ended), ended.code)
    starts = _asked_for(known, since)[: limit if isinstance(limit, int) else _STARTS]
    reckoned = reckon([each for each in known.timings if each.began >= since])
    if arguments["json"] is True:
        document = starts_document(config.context, since, known, starts, reckoned)
        print(json.dumps(document, indent=2, default=str))
    elif starts:
        print_starts(known, starts, reckoned, sys.stdout, now)
    problem = known.problem or known.fresh.problem
    if problem is not None:
        complain(problem, FAILED)
    elif not starts:
        complain(
            tr("no start since {time:%Y-%m-%d %H:%M} UTC; {mend}", time=since, mend=_mend(config)),
            DONE,
        )
    return FAILED if known.fresh.troubled and not starts else DONE


def _mend(config: Config) -> str:
    if config.context == LOCAL:
        return tr("--since looks further back, and --context names a service elsewhere")
    return tr("--since looks further back")


def _asked_for(known: StartsSnapshot, since: datetime) -> tuple[ColdStart, ...]:
    """Return the starts since a moment, newest first, the one that goes on before them."""
    current = known.going_on
    others = tuple(each for each in known.starts if each.began >= since and each != current)
    return others if current is None else (current, *others)


async def _known(config: Config, since: datetime, limit: int) -> StartsSnapshot:
    """Return what is known of starts, so many of them whole, once all was answered or refused."""
    if config.context == LOCAL:
        return await _known_here(since, limit)
    store, news = Store(), asyncio.Event()
    session = open_session(store, config, keep_pictures=False)
    assert isinstance(session, CloudSession)
    store.subscribe(lambda topic: news.set())
    running = asyncio.create_task(session.run())
    running.add_done_callback(lambda _: news.set())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (_settled(store) or running.done()):
                    news.clear()
                    await news.wait()
                while _lacks(store.starts, since, limit) and await session.older_starts():
                    pass
        if running.done():
            await running
        return _explained(store)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _known_here(since: datetime, limit: int) -> StartsSnapshot:
    """Return the starts of engines on this machine, from what was kept of them."""
    store = Store()
    keeper = HistoryKeeper(store, LOCAL, utc_now, _warn, paths.history_file())
    keeping = asyncio.create_task(keeper.run())
    try:
        await first_of(keeper.loaded.wait(), _ended(keeping))
        while _lacks(store.starts, since, limit) and await keeper.more():
            pass
        return replace(store.starts, fresh=store.starts.fresh.answered(utc_now()))
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        keeper.close()


def _settled(store: Store) -> bool:
    """Say whether all is known of starts that will be known soon."""
    lost = store.service.state in _HOPELESS and store.service.facts is None
    return lost or store.starts.fresh.standing in _SETTLED


def _lacks(known: StartsSnapshot, since: datetime, limit: int) -> bool:
    """Say whether starts that are asked for are in the history and not read yet."""
    read, oldest = len(known.starts), known.starts[-1].began if known.starts else None
    return read < min(limit, known.in_all) and (oldest is None or oldest >= since)


def _explained(store: Store) -> StartsSnapshot:
    """Return what is known of starts, with why if that is nothing."""
    known, problem = store.starts, store.service.problem
    if known.fresh.standing in _SETTLED or problem is None:
        return known
    return replace(known, fresh=known.fresh.failed(Standing.ERROR, problem, None))


async def _ended(task: asyncio.Task[None]) -> None:
    await task


def _warn(why: str) -> None:
    complain(why, DONE)
