"""In how large parts a file is sent.

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


def part_size(size: int, usual: int = USUAL) -> int:
    """Return the size of the parts of a file of `size` bytes, in whole MiB."""
    least = -(-size // MOST_PARTS)
    return max(SMALLEST, usual, -(-least // MIB) * MIB)
