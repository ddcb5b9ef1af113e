"""What is measured inside: to take in a line, and to filter all of them, in processor time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from console.model.log.index import LogIndex
from console.model.log.query import Query
from console.model.log.store import CAPACITY, LogStore
from speed.figure import Figure
from speed.lines import records

FILTERS: Final = ("seed", "~2[.]4. s", "~loading|timeout", "~[0-9]+.MiB", "severity>=ERROR")


def store_figures(times: int) -> list[Figure]:
    """Measure a store that is full; the best of so many times each."""
    store = LogStore()
    store.add_all(islice(records(), CAPACITY))
    return [*_appended(store, times), *_filtered(store, times)]


def _appended(store: LogStore, times: int) -> list[Figure]:
    """How long a line takes until it is among those shown, alone and with others.

    As many lines are taken in as leave at once, so that their leaving is in it.
    """
    index = LogIndex(store)

    def append(portion: int) -> Callable[[], None]:
        def work() -> None:
            made = records(store.next_seq)
            for _ in range(0, 4_096, portion):
                store.add_all(islice(made, portion))
                index.update()

        return work

    return [
        Figure(
            f"a line taken in, {portion} at once",
            _best(append(portion), times) / 4_096 * 1e6,
            "µs",
            50,
            noisy=True,
        )
        for portion in (1, 100)
    ]


def _filtered(store: LogStore, times: int) -> list[Figure]:
    """How long it takes until all lines were looked at, and the longest time without a turn."""
    found, longest = [], 0.0
    for text in FILTERS:
        shown = Query.parse(text).compiled(datetime.now(UTC))

        def work() -> None:
            nonlocal longest
            index = LogIndex(store)
            index.refilter(shown)  # noqa: B023 (called before the next one)
            while index.scanning:
                began = time.process_time()
                index.scan()
                longest = max(longest, time.process_time() - began)

        value = _best(work, times) * 1e3
        found.append(Figure(f"filter {text}", value, "ms", 150, noisy=True))
    return [*found, Figure("longest portion of a filter", longest * 1e3, "ms", noisy=True)]


def _best(work: Callable[[], None], times: int) -> float:
    seconds = []
    for _ in range(times):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return min(seconds)
