"""Files of a mount, each as it was when it was first looked at, and their ranges."""

from __future__ import annotations

import errno
import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import MalformedFile, ModelNotFound
from engine.weights.ahead.read_ahead import Interrupted

# What a network between may cause, and what another try may mend.
_PASSING: Final = frozenset(
    {errno.EIO, errno.EAGAIN, errno.EBUSY, errno.ETIMEDOUT, errno.ECONNRESET, errno.ENETDOWN}
    | {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EREMOTEIO}
)
_GONE: Final = frozenset({errno.ESTALE, errno.ENOENT})


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a range is asked for without success, and how long is waited between, in seconds.

    The wait doubles each time, up to `longest_wait`.
    """

    tries: int = 6
    first_wait: float = 0.25
    longest_wait: float = 8.0


@dataclass(frozen=True, slots=True)
class MountedFile:
    """One version of a file: `changed` is when its bytes did last, in nanoseconds."""

    path: Path
    bytes: int
    changed: int
    crc32c: None = None

    @property
    def key(self) -> str:
        """What messages call it."""
        return str(self.path)


def as_it_is(path: Path) -> MountedFile:
    """Return the file that lies at `path` now; raises `ModelNotFound`."""
    try:
        facts = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from None
    return MountedFile(path, facts.st_size, facts.st_mtime_ns)


def raise_if_changed(file: MountedFile) -> None:
    """Raise `MalformedFile` if another file lies there now, `ModelNotFound` if none is seen."""
    if as_it_is(file.path) != file:
        raise _changed(file)


class Ranges:
    """Reads ranges of files, each file through one descriptor, for one thread.

    `on_mended` hears of what another try mended; `stopped` is set when nobody waits any more, and
    `jitter` gives a number from 0 to 1.
    """

    def __init__(
        self,
        patience: Patience,
        stopped: threading.Event,
        on_mended: Callable[[str], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._patience, self._stopped = patience, stopped
        self._on_mended, self._jitter = on_mended, jitter
        self._opened: dict[Path, int] = {}

    def read(self, file: MountedFile, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` from `offset` on, going on where a read failed.

        Raises `MalformedFile` if the file is another now, `ModelNotFound` if it cannot be read,
        `Interrupted` when nobody waits for it any more.
        """
        done = failures = 0
        while done < len(buffer):
            if self._stopped.is_set():
                raise Interrupted(f"{file.path} is not read any more")
            try:
                count = os.preadv(self._descriptor(file), [buffer[done:]], offset + done)
            except OSError as error:
                failures += 1
                self._let_go(file)
                self._wait(file, error, failures)
                continue
            if count == 0:
                raise _changed(file)
            done, failures = done + count, 0

    def close(self) -> None:
        """Give all descriptors back."""
        while self._opened:
            os.close(self._opened.popitem()[1])

    def _descriptor(self, file: MountedFile) -> int:
        if file.path not in self._opened:
            descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC)
            self._opened[file.path] = descriptor
            facts = os.fstat(descriptor)
            if (facts.st_size, facts.st_mtime_ns) != (file.bytes, file.changed):
                raise _changed(file)
        return self._opened[file.path]

    def _let_go(self, file: MountedFile) -> None:
        if file.path in self._opened:
            os.close(self._opened.pop(file.path))

    def _wait(self, file: MountedFile, error: OSError, failures: int) -> None:
        if error.errno in _GONE:
            raise _changed(file) from None
        if error.errno not in _PASSING or failures >= self._patience.tries:
            raise _unreadable(file.path, error) from None
        self._on_mended(error.strerror or type(error).__name__)
        wait = min(self._patience.longest_wait, self._patience.first_wait * 2 ** (failures - 1))
        self._stopped.wait(wait * (0.5 + self._jitter() / 2))


def _changed(file: MountedFile) -> MalformedFile:
    return MalformedFile(
        f"{file.path} was replaced or deleted while it was being read; start again to read what "
        "is there now"
    )


def _unreadable(path: Path, error: OSError) -> ModelNotFound:
    return ModelNotFound(
        f"{path} cannot be read ({error.strerror}); mend its permissions, its mount or the network"
    )
