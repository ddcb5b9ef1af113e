"""How much memory a device still has for weights, and how the C library hands memory out."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import torch

# Parameters of glibc's mallopt(3).
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_KEPT: Final = 1 << 30


def keep_freed_memory() -> bool:
    """Let the C library keep up to a gigabyte that was freed, for what is asked for next.

    It would give each large tensor back to the system, whose new pages then cost more time than
    much of the arithmetic: a tenth of a step. Returns whether it is glibc and took the settings.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    settings = ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _KEPT), (_TRIM_THRESHOLD, _KEPT))
    return all(mallopt(name, value) == 1 for name, value in settings)


def give_back_freed_memory() -> None:
    """Let the C library return what it keeps to the system, for others that need it."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def available_memory(device: torch.device, root: Path = Path("/")) -> int:
    """Return the bytes that may still be used on a device.

    On the CPU that is what the machine has available, or less where a container's limit
    (cgroup version 2 or 1) leaves less. `root` is where `proc` and `sys` are found.
    """
    if device.type == "cuda":
        free: int = torch.cuda.mem_get_info(device)[0]
        return free
    limits = [_machine(root), *_containers(root)]
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else _half_of_all_memory()


def _machine(root: Path) -> int | None:
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line[:13] == "MemAvailable:")
    except (OSError, StopIteration, ValueError):
        return None


def _half_of_all_memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _containers(root: Path) -> list[int | None]:
    cgroup = root / "sys/fs/cgroup"
    return [
        _remaining(cgroup / "memory.max", cgroup / "memory.current"),
        _remaining(
            cgroup / "memory/memory.limit_in_bytes", cgroup / "memory/memory.usage_in_bytes"
        ),
    ]


def _remaining(limit: Path, used: Path) -> int | None:
    try:
        return max(0, int(limit.read_text()) - int(used.read_text()))
    except (OSError, ValueError):
        return None
