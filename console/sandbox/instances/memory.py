"""How much memory a container may use and uses."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

MIB: Final = 1 << 20
_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)(|[kMGT]i?)")
_UNITS: Final = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "ki": 1 << 10,
    "Mi": MIB,
    "Gi": 1 << 30,
    "Ti": 1 << 40,
}


def in_bytes(quantity: str) -> int | None:
    """Read an amount of memory as Kubernetes writes it, `16Gi`; None for anything else."""
    found = _QUANTITY.fullmatch(quantity.replace("K", "k"))
    return int(float(found[1]) * _UNITS[found[2]]) if found is not None else None


def resident(process: int) -> int | None:
    """Return how many bytes of memory a process holds; None where that cannot be known."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
