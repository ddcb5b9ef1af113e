"""What this machine has: room for files, memory, and the packages that the engine needs.

Sources: https://docs.kernel.org/filesystems/proc.html (`/proc/meminfo`) and
https://docs.kernel.org/admin-guide/cgroup-v2.html (`memory.max`).
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

from console.model.doctor.facts import Memory, Space
from console.terminal.sanitise import sanitise

ENGINE_PACKAGES: Final = (
    *("torch", "numpy", "safetensors", "tokenizers", "starlette", "uvicorn"),
    *("prometheus_client", "gguf"),
)
"""What the engine imports: the extra `engine` of the distribution."""

_LINE: Final = re.compile(r"^(MemTotal|MemAvailable):\s+(\d{1,15}) kB$", re.MULTILINE)


class FileSystem(Protocol):
    """What `os.statvfs` tells of a file system; sizes are in blocks of `f_frsize` bytes."""

    @property
    def f_frsize(self) -> int:
        """Bytes in a block."""
        ...

    @property
    def f_bavail(self) -> int:
        """Blocks that a user may still fill."""
        ...

    @property
    def f_blocks(self) -> int:
        """All blocks."""
        ...


def is_installed(package: str) -> bool:
    """Say whether a package can be imported, without doing so."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


class ThisMachine:
    """A `MachineSource`; `root` is where `/proc` and `/sys` are.

    `statvfs` tells of the file system of a folder, and `installed` whether there is a package.
    """

    def __init__(
        self,
        statvfs: Callable[[Path], FileSystem] = os.statvfs,
        installed: Callable[[str], bool] = is_installed,
        root: Path = Path("/"),
    ) -> None:
        self._statvfs = statvfs
        self._installed = installed
        self._root = root

    def space(self, folder: Path) -> Space:
        """Return the room in a folder, or the nearest above that exists; raises `OSError`."""
        there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
        told = self._statvfs(there)
        return Space(
            folder=sanitise(str(there)),
            free=told.f_bavail * told.f_frsize,
            total=told.f_blocks * told.f_frsize,
            writable=os.access(there, os.W_OK | os.X_OK),
        )

    def memory(self) -> Memory:
        """Return how much memory there is for this process."""
        said = dict(_LINE.findall(self._read("proc/meminfo")))
        total, available = (
            int(said[name]) * 1_024 if name in said else None
            for name in ("MemTotal", "MemAvailable")
        )
        if total is None:
            return Memory(_pages("SC_PHYS_PAGES"), _pages("SC_AVPHYS_PAGES"))
        return self._limited(total, available)

    def _limited(self, total: int, available: int | None) -> Memory:
        """Take the limit of a container into account, if this process is in one."""
        limit = _whole(self._read("sys/fs/cgroup/memory.max"))
        if limit is None or limit >= total:
            return Memory(total, available)
        used = _whole(self._read("sys/fs/cgroup/memory.current")) or 0
        free = max(0, limit - used)
        return Memory(limit, free if available is None else min(free, available))

    def missing_packages(self) -> tuple[str, ...]:
        """Return the packages that the engine needs and that are not installed."""
        return _without(ENGINE_PACKAGES, self._installed)

    def _read(self, path: str) -> str:
        try:
            return (self._root / path).read_text("ascii", "replace")
        except OSError:
            return ""


def _without(packages: Iterable[str], installed: Callable[[str], bool]) -> tuple[str, ...]:
    return tuple(each for each in packages if not installed(each))


def _whole(text: str) -> int | None:
    said = text.strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None


def _pages(name: str) -> int | None:
    """Return bytes of memory by their pages; None where the system does not count such."""
    try:
        pages, size = os.sysconf(name), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None
    return pages * size if pages > 0 else None
