"""A directory seen through a slow mount, as a bucket is: every call late, every byte counted.

    python slow_mount.py SOURCE MOUNTPOINT --latency 0.03 --bandwidth 4e6

Needs mfusepy. Ends when it is unmounted.
"""

from __future__ import annotations

import argparse
import errno
import os
import threading
import time
from pathlib import Path
from typing import Any

import mfusepy


class SlowDirectory(mfusepy.Operations):  # type: ignore[misc]
    """Passes reads on to `source`, `latency` seconds late and at `bandwidth` bytes a second."""

    use_ns = True

    def __init__(self, source: Path, latency: float, bandwidth: float) -> None:
        self._source = source
        self._latency = latency
        self._bandwidth = bandwidth
        self._line = threading.Lock()
        self._free_at = 0.0

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        """Return what a file is."""
        time.sleep(self._latency)
        try:
            found = os.lstat(self._real(path))
        except OSError as error:
            raise mfusepy.FuseOSError(error.errno or errno.EIO) from None
        return {
            "st_mode": found.st_mode,
            "st_nlink": found.st_nlink,
            "st_size": found.st_size,
            "st_mtime": found.st_mtime_ns,
        }

    def readdir(self, path: str, fh: int) -> list[str]:
        """Return the names in a directory."""
        time.sleep(self._latency)
        return [".", "..", *os.listdir(self._real(path))]

    def open(self, path: str, flags: int) -> int:
        """Open for reading."""
        return os.open(self._real(path), os.O_RDONLY)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Return bytes when a line of that bandwidth would have brought them."""
        data = os.pread(fh, size, offset)
        with self._line:
            arrived = max(self._free_at, time.monotonic()) + len(data) / self._bandwidth
            self._free_at = arrived
        time.sleep(max(0.0, arrived - time.monotonic()) + self._latency)
        return data

    def release(self, path: str, fh: int) -> int:
        """Close."""
        os.close(fh)
        return 0

    def _real(self, path: str) -> Path:
        return self._source / path.lstrip("/")


def main() -> None:
    """Mount, and serve until unmounted."""
    parser = argparse.ArgumentParser(description="Show a directory through a slow mount.")
    parser.add_argument("source", type=Path)
    parser.add_argument("mountpoint")
    parser.add_argument("--latency", type=float, default=0.03, help="seconds a call takes")
    parser.add_argument("--bandwidth", type=float, default=4e6, help="bytes a second")
    arguments = parser.parse_args()
    slow = SlowDirectory(arguments.source.resolve(), arguments.latency, arguments.bandwidth)
    # Others than root must be let in: the container's user is one.
    options: dict[str, Any] = {"foreground": True, "ro": True, "allow_other": True}
    mfusepy.FUSE(slow, arguments.mountpoint, **options)


if __name__ == "__main__":
    main()
