"""Work on the rows of weights, shared out among threads.

A thread takes a few rows at a time through all that is to be done with them, so they stay in its
caches. torch by itself shares out each operation instead, and every result goes through memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

import torch

# Few enough numbers that a thread's copies of them stay in its caches: 2 MiB in float32.
_NUMBERS_AT_ONCE: Final = 1 << 19
# More shares than threads, so that a thread which is held up does not hold up the others.
_SHARES: Final = 4


def by_rows(rows: int, at_once: int, work: Callable[[slice], None]) -> None:
    """Call `work` for each run of up to `at_once` of `rows` rows, and wait until all are done.

    Runs may be worked on at the same time and in any order; what `work` raises is raised.
    """
    threads = torch.get_num_threads()
    if threads == 1 or rows <= at_once:
        in_runs(rows, at_once, work)
        return
    share = max(at_once, -(-rows // (threads * _SHARES)))

    def work_on(first: int) -> None:
        last = min(first + share, rows)
        # Where the caller computes without gradients is not known to other threads.
        with torch.inference_mode():
            for start in range(first, last, at_once):
                work(slice(start, min(start + at_once, last)))

    # Asking for the results raises what was raised.
    for _ in _crew(threads).map(work_on, range(0, rows, share)):
        pass


def in_runs(rows: int, at_once: int, work: Callable[[slice], None]) -> None:
    """Call `work` for one run of up to `at_once` of `rows` rows after another."""
    for start in range(0, rows, at_once):
        work(slice(start, min(start + at_once, rows)))


def rows_in_caches(columns: int) -> int:
    """Return how many rows of so many numbers a thread can keep in its caches."""
    return max(1, _NUMBERS_AT_ONCE // columns)


@cache
def _crew(threads: int) -> ThreadPoolExecutor:
    """Return threads whose torch operations each stay in one thread."""
    crew = ThreadPoolExecutor(threads, "rows", initializer=_compute_alone)
    everyone = threading.Barrier(threads + 1)
    for _ in range(threads):
        crew.submit(everyone.wait)
    everyone.wait()
    # torch hands the latest number on to other threads.
    torch.set_num_threads(threads)
    return crew


def _compute_alone() -> None:
    torch.set_num_threads(1)
    # A thread takes torch's number over when it asks for the first time, which has to be now.
    torch.get_num_threads()
