"""The verb `logs`: what a service and the platform around it wrote, and with `-f` what they write.

Nothing is woken by it. The log of an engine on this machine is there only while that engine runs,
so there it can only be followed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from console.config import Config
from console.contexts.opening import open_cloud, open_session
from console.language import tr
from console.model.contexts import LOCAL
from console.model.log.gaps import KnownLines
from console.model.log.lines import LogQuery, LogRecord
from console.model.log.query import Query
from console.model.log.terms import InvalidQuery, Op, Shown, Term
from console.model.service import ServiceName, ServiceState
from console.session.clock import utc_now
from console.session.log_feed import LogFeed
from console.session.racing import first_of
from console.sources.base import LogSource, SourceError
from console.store import Store
from console.verbs.complaint import complain
from console.verbs.headless import DONE, FAILED, Ended, until_signal
from console.verbs.log_printer import LogPrinter, in_colour, line_document
from console.verbs.since import since_term
from engine.schema import SCHEMA_VERSION

USAGE: Final = 2
PAGE: Final = 1_000
MOST_PAGES: Final = 20
"""How many pages are looked through for lines that the query means."""

_LINES: Final = 1_000
_LINES_BEFORE: Final = 10
_BACK: Final = "1h"


def logs(config: Config, arguments: Mapping[str, object]) -> int:
    """Print the lines that the command line asks for; returns the exit code."""
    now, as_json = utc_now(), arguments["json"] is True
    printer = LogPrinter(sys.stdout, as_json=as_json, colour=in_colour(sys.stdout, os.environ))
    try:
        wish = _Wish.parse(arguments, now)
        if config.context == LOCAL and not wish.follow:
            return complain(
                tr(
                    "the log of an engine on this machine is there only while it runs; follow one "
                    "by -f, or name a service by --context"
                ),
                FAILED,
            )
        if config.context == LOCAL:
            return asyncio.run(until_signal(_follow_here(config, wish, printer)))
        if wish.follow:
            return asyncio.run(until_signal(_follow(config, wish, printer)))
        found, whole = asyncio.run(until_signal(_search(config, wish)))
    except InvalidQuery as error:
        return complain(str(error), USAGE)
    except SourceError as error:
        return complain(error.message, FAILED)
    except Ended as ended:
        return complain(str(ended), ended.code)
    if as_json:
        print(json.dumps(_document(config, wish, found, whole), indent=2, default=str))
    for record in [] if as_json else found:
        printer.line(record)
    if not found and not as_json:
        since = wish.since.astimezone(UTC)
        complain(
            tr(
                "no such line since {time:%Y-%m-%d %H:%M} UTC; --since looks further back",
                time=since,
            ),
            DONE,
        )
    elif not whole and not as_json:
        complain(tr("there are more lines than these; narrow them down, or ask by --limit"), DONE)
    return DONE


@dataclass(frozen=True, slots=True)
class _Wish:
    """Which lines are asked for: what a source can look for, and the whole of it."""

    query: Query
    asked: LogQuery
    shown: Shown
    since: datetime
    now: datetime
    limit: int
    follow: bool

    @classmethod
    def parse(cls, arguments: Mapping[str, object], now: datetime) -> _Wish:
        """Read the command line; raises `InvalidQuery`."""
        words = arguments["query"]
        typed = Query.parse(" ".join(words) if isinstance(words, list) else "")
        query = Query((*typed.terms, *_flags(arguments, now)))
        if query.since(now) is None:
            query = Query((*query.terms, Term(_BACK, "since", Op.EQUAL)))
        shown = query.compiled(now) or (lambda record: True)
        follow = arguments["follow"] is True
        limit = arguments["limit"]
        asked = query.for_source(now)
        return cls(
            query=query,
            asked=replace(asked, until=None) if follow else asked,
            shown=shown,
            since=query.since(now) or now,
            now=now,
            limit=limit if isinstance(limit, int) else (_LINES_BEFORE if follow else _LINES),
            follow=follow,
        )


def _flags(arguments: Mapping[str, object], now: datetime) -> list[Term]:
    """Return the terms that flags stand for."""
    made: dict[str, Callable[[str], Term]] = {
        "since": lambda value: since_term(value, now),
        "severity": lambda value: Term(value.upper(), "severity", Op.AT_LEAST),
        "grep": Term,
        "instance": lambda value: Term(value, "instance", Op.EQUAL),
        "revision": lambda value: Term(value, "revision", Op.EQUAL),
    }
    given = {name: arguments[name] for name in made}
    return [made[name](value) for name, value in given.items() if isinstance(value, str) and value]


async def _search(config: Config, wish: _Wish) -> tuple[list[LogRecord], bool]:
    async with open_cloud(config.context) as cloud:
        return await _found(cloud.logs, cloud.name, wish)


async def _found(source: LogSource, name: ServiceName, wish: _Wish) -> tuple[list[LogRecord], bool]:
    """Return the latest lines of a wish, oldest first, and whether there are no others."""
    known, found = KnownLines(), list[LogRecord]()
    asked = wish.asked
    for _ in range(MOST_PAGES):
        page = await source.list(name, asked, wish.since, PAGE)
        fresh = [record for record in page if known.is_new(record)]
        found[:0] = filter(wish.shown, fresh)
        if len(page) < PAGE:
            return _latest(found, wish.limit), len(found) <= wish.limit
        if len(found) > wish.limit:
            break
        # The oldest ones again, unless there is nothing else, as others may be of the same time.
        oldest = page[0].time
        asked = replace(asked, until=oldest + timedelta(microseconds=1 if fresh else 0))
    return _latest(found, wish.limit), False


def _latest(found: list[LogRecord], limit: int) -> list[LogRecord]:
    return found[max(0, len(found) - limit) :]


async def _follow(config: Config, wish: _Wish, printer: LogPrinter) -> int:
    """Print what comes until cancelled; raises `SourceError` where nothing can be read at all."""
    async with open_cloud(config.context) as cloud:
        await cloud.logs.list(cloud.name, wish.asked, wish.since, 1)
        feed = LogFeed(
            cloud.logs,
            cloud.name,
            _printing(printer, wish.shown),
            _tell,
            utc_now,
            random.random,
            query=wish.asked,
            backfill=wish.now - wish.since if wish.limit else timedelta(0),
            backfill_lines=wish.limit or 1,
        )
        await first_of(feed.run(), cloud.lost())
    return DONE


def _printing(printer: LogPrinter, shown: Shown) -> Callable[[LogRecord], None]:
    def deliver(record: LogRecord) -> None:
        if shown(record):
            printer.line(record)

    return deliver


def _tell(why: SourceError | None) -> None:
    if why is not None:
        complain(why.message, FAILED)


async def _follow_here(config: Config, wish: _Wish, printer: LogPrinter) -> int:
    """Start an engine on this machine, and print what it says until cancelled."""
    store = Store()
    session = open_session(store, config, keep_pictures=False)
    news = asyncio.Event()
    store.subscribe(lambda topic: news.set())

    async def tell() -> None:
        told = 0
        while store.service.state is not ServiceState.FAILED or told < store.logs.next_seq:
            for entry in store.logs.since(told):
                if wish.shown(entry):
                    printer.line(entry)
            told = store.logs.next_seq
            news.clear()
            if store.service.state is not ServiceState.FAILED:
                await news.wait()

    try:
        await first_of(session.run(), tell())
    finally:
        await session.close()
    return complain(store.service.problem or tr("the engine ended"), FAILED)


def _document(
    config: Config, wish: _Wish, found: list[LogRecord], whole: bool
) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "context": config.context,
        "query": str(wish.query),
        "since": wish.since.isoformat(),
        "complete": whole,
        "lines": [line_document(record) for record in found],
    }
