"""A directory seen through a slow mount, as a bucket is through Cloud Storage FUSE.

    python tools/slow_mount.py SOURCE MOUNTPOINT --latency 0.05 --stream 60e6 --total 250e6

Looking at names and opening take the latency; reading takes it wherever a descriptor is not read
on from where it was, since that is another request to the bucket. A descriptor brings no more than
the rate of a stream, all of them together no more than the rate in all. What was read is not kept
by the system, so that each byte is paid for; with `--keep` it is, as of an image that is streamed.
Needs mfusepy. Ends when it is unmounted.
"""

from __future__ import annotations

import argparse
import errno
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mfusepy

# The kernel reads ahead in several requests at a time, which arrive in any order.
_SAME_STREAM: Final = 4 << 20
_LARGEST_READ: Final = 1 << 20
_KEPT_SECONDS: Final = 600


@dataclass(slots=True)
class Stream:
    """What one descriptor has read: up to where, and when its line is free again."""

    descriptor: int
    reached: int = -1
    free_at: float = 0.0


class SlowDirectory(mfusepy.Operations):  # type: ignore[misc]
    """Passes reads on to `source`, as late as requests and lines of bytes a second make them."""

    use_ns = True

    def __init__(self, source: Path, latency: float, stream: float, total: float) -> None:
        self._source = source
        self._latency, self._stream, self._total = latency, stream, total
        self._lock = threading.Lock()
        self._streams: dict[int, Stream] = {}
        self._free_at = 0.0

    def init_with_config(self, connection: Any, config: Any) -> None:
        """Agree with the system on the largest read."""
        connection.max_read = _LARGEST_READ

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
        time.sleep(self._latency)
        descriptor = os.open(self._real(path), os.O_RDONLY)
        self._streams[descriptor] = Stream(descriptor)
        return descriptor

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Return bytes when lines of those rates would have brought them."""
        data = os.pread(fh, size, offset)
        with self._lock:
            arrives = self._arrival(self._streams[fh], offset, len(data))
        time.sleep(max(0.0, arrives - time.monotonic()))
        return data

    def release(self, path: str, fh: int) -> int:
        """Close."""
        del self._streams[fh]
        os.close(fh)
        return 0

    def _arrival(self, stream: Stream, offset: int, size: int) -> float:
        now = time.monotonic()
        if abs(offset - stream.reached) > _SAME_STREAM:
            stream.free_at = max(now, stream.free_at) + self._latency
        stream.reached = offset + size
        stream.free_at = max(now, stream.free_at) + (size / self._stream if self._stream else 0)
        self._free_at = max(now, self._free_at) + (size / self._total if self._total else 0)
        return max(stream.free_at, self._free_at)

    def _real(self, path: str) -> Path:
        return self._source / path.lstrip("/")


def main() -> None:
    """Mount, and serve until unmounted."""
    parser = argparse.ArgumentParser(description="Show a directory through a slow mount.")
    parser.add_argument("source", type=Path)
    parser.add_argument("mountpoint")
    parser.add_argument("--latency", type=float, default=0.03, help="seconds a request takes")
    parser.add_argument("--stream", type=float, default=0, help="bytes a second of a descriptor")
    parser.add_argument("--total", type=float, default=0, help="bytes a second in all")
    parser.add_argument("--keep", action="store_true", help="let the system keep what was read")
    given = parser.parse_args()
    slow = SlowDirectory(given.source.resolve(), given.latency, given.stream, given.total)
    # Others than root must be let in: the container's user is one.
    options: dict[str, Any] = {
        "foreground": True,
        "ro": True,
        "allow_other": True,
        "max_read": _LARGEST_READ,
    }
    if given.keep:
        kept = ("attr_timeout", "entry_timeout", "negative_timeout")
        options |= {"kernel_cache": True, **dict.fromkeys(kept, _KEPT_SECONDS)}
    mfusepy.FUSE(slow, given.mountpoint, **options)


if __name__ == "__main__":
    main()
