"""In how large parts a file is sent, and how many of them at once.

Small enough that little is sent twice when something breaks, and that some are held in memory; no
smaller than Cloud Storage takes them, and no more of them than it takes. Source:
https://cloud.google.com/storage/quotas#requests.
"""

from __future__ import annotations

from typing import Final

MIB: Final = 1 << 20
SMALLEST: Final = 5 * MIB
USUAL: Final = 8 * MIB
MOST_PARTS: Final = 10_000
MOST_THREADS: Final = 8
"""How many parts are sent at once on a fast way."""

_LEAST_THREADS: Final = 2
_LOST_SECONDS: Final = 4.0


def part_size(size: int, usual: int = USUAL) -> int:
    """Return the size of the parts of a file of `size` bytes, in whole MiB."""
    least = -(-size // MOST_PARTS)
    return max(SMALLEST, usual, -(-least // MIB) * MIB)


def threads_for(rate: float | None, most: int = MOST_THREADS) -> int:
    """Return how many parts to send at once at `rate` bytes a second; None if that is not known.

    What is under way is lost when a push is stopped: on a slow way no more than it passes in some
    seconds. Two fill a way on which an answer takes its time.
    """
    if rate is None:
        return most
    return min(most, max(_LEAST_THREADS, round(rate * _LOST_SECONDS / USUAL)))
