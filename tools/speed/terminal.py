"""The other end of a pseudo-terminal: how much a program writes, and how soon."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SIZE: Final = (120, 36)
PATIENCE: Final = 60.0
QUIET_SECONDS: Final = 1.5


class Terminal:
    """Counts what arrives; `written` is what arrived since the last key."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self.written = b""
        self._descriptor = descriptor

    def type(self, keys: str) -> None:
        """Send keys."""
        self.written = b""
        os.write(self._descriptor, keys.encode())

    def until(self, text: str) -> None:
        """Wait until `text` is written; exits when it never is."""
        wanted, deadline = text.encode(), time.monotonic() + PATIENCE
        while wanted not in self.written:
            if not self._read(deadline - time.monotonic()):
                raise SystemExit(f"{text!r} was never written: {self.written[-1000:]!r}")

    def settle(self) -> None:
        """Wait until nothing is written any more."""
        while self._read(QUIET_SECONDS):
            pass

    def listen(self, seconds: float) -> int:
        """Return how many bytes are written in so many seconds."""
        deadline, count = time.monotonic() + seconds, 0
        while (left := deadline - time.monotonic()) > 0:
            count += len(self._read(left))
        return count

    def echoed(self, character: str) -> float:
        """Send a character that is nowhere on screen; return the seconds until it is written."""
        began = time.monotonic()
        self.type(character)
        self.until(character)
        return time.monotonic() - began

    def megabytes(self) -> float:
        """Return the memory that the program has now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        kilobytes = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(kilobytes.split()[1]) / 1024

    def close(self) -> None:
        """End the program."""
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self._descriptor)

    def _read(self, patience: float) -> bytes:
        ready, _, _ = select.select([self._descriptor], [], [], max(0.0, patience))
        try:
            data = os.read(self._descriptor, 65_536) if ready else b""
        except OSError:  # Linux says so when the program has closed its end.
            return b""
        self.written = (self.written + data)[-100_000:]
        return data


@contextmanager
def running(command: Sequence[str]) -> Iterator[Terminal]:
    """Run `command` on a pseudo-terminal, with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **{name: value for name, value in os.environ.items() if "ZIMAGE" not in name},
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            **{f"XDG_{kind}_HOME": home for kind in ("STATE", "DATA", "CONFIG", "CACHE")},
        }
        pid, descriptor = pty.fork()
        if pid == 0:
            columns, rows = SIZE
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(command[0], list(command), environment)
        terminal = Terminal(pid, descriptor)
        try:
            yield terminal
        finally:
            terminal.close()
