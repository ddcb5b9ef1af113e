"""A program on a pseudo-terminal: what it writes, and how it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte

PATIENCE = 60.0
RESTORED = b"\x1b[?1049l"
MOUSE_OFF = b"\x1b[?1000l"
CONSOLE = [sys.executable, "-m", "console"]
EMPTY_APPLICATION = [
    sys.executable,
    "-c",
    "from textual.app import App\n"
    "from textual.widgets import Static\n"
    "class Empty(App):\n"
    "    def compose(self):\n"
    "        yield Static('nothing here')\n"
    "Empty().run()\n",
]


class Terminal:
    """The other end of the pseudo-terminal; `written` is everything that arrived."""

    def __init__(self, pid: int, descriptor: int, size: tuple[int, int]) -> None:
        self.pid = pid
        self.descriptor = descriptor
        self.before = termios.tcgetattr(descriptor)
        self.written = b""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._exit_code: int | None = None
        self._hung_up = False

    def read(self, patience: float) -> bytes:
        """Return what arrives next, or nothing after `patience` seconds or at the end."""
        ready, _, _ = select.select([self.descriptor], [], [], patience)
        if not ready:
            return b""
        try:
            data = os.read(self.descriptor, 65_536)
        except OSError:  # Linux says so when the program has closed its end.
            return b""
        self.written += data
        self._stream.feed(data)
        return data

    @property
    def shown(self) -> str:
        """What a person sees: the console writes only what changes, so words come in pieces."""
        return "\n".join(self._screen.display)

    def until(self, text: str | re.Pattern[bytes]) -> re.Match[bytes]:
        """Read until `text` was written or is to be seen; returns where."""
        wanted = re.compile(re.escape(text.encode())) if isinstance(text, str) else text
        deadline = time.monotonic() + PATIENCE
        while (found := self._found(wanted)) is None:
            if not self.read(deadline - time.monotonic()):
                raise AssertionError(f"{text!r} never came; the end is {self.written[-2000:]!r}")
        return found

    def settle(self, quiet: float = 1.0) -> None:
        """Read until nothing came for so many seconds, and nothing is about to.

        On a machine that does other things a program may be silent because it waits for its turn.
        """
        deadline = time.monotonic() + PATIENCE
        while self.read(quiet) or _wants_to_run(self.pid) or self.read(0):
            if time.monotonic() > deadline:
                raise AssertionError(f"it never rests; the end is {self.written[-2000:]!r}")

    def _found(self, wanted: re.Pattern[bytes]) -> re.Match[bytes] | None:
        return wanted.search(self.written) or wanted.search(self.shown.encode())

    def type(self, keys: str) -> None:
        """Send keys."""
        os.write(self.descriptor, keys.encode())

    def ended(self) -> int:
        """Read to the end and return the exit code, negative for a signal."""
        while self.read(PATIENCE):
            pass
        deadline = time.monotonic() + PATIENCE
        while not self._is_over():
            if time.monotonic() > deadline:
                raise AssertionError(f"it does not end; the end is {self.written[-2000:]!r}")
            time.sleep(0.01)
        return self.exit_code()

    def _is_over(self) -> bool:
        """Say whether the program has ended, without waiting for it."""
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code is not None

    def exit_code(self) -> int:
        """Wait for the end and return the exit code, negative for a signal."""
        if self._exit_code is None:
            _, status = os.waitpid(self.pid, 0)
            self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, as a person does who pulls at its window."""
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if columns and rows:
            self._screen.resize(rows, columns)

    def hang_up(self) -> None:
        """Take the terminal away, as a line does that breaks."""
        os.close(self.descriptor)
        self._hung_up = True

    def close(self) -> None:
        """End the program whatever it does."""
        if self._exit_code is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        if not self._hung_up:
            os.close(self.descriptor)


def _wants_to_run(pid: int) -> bool:
    """Whether a process, or one that it started, computes, waits for its turn to, or for a disk."""
    threads = list(Path(f"/proc/{pid}/task").glob("*"))
    try:
        states = [(each / "stat").read_text().rpartition(")")[2].split()[0] for each in threads]
        children = [child for each in threads for child in (each / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return True  # One of them has just ended.
    return bool({"R", "D"} & {*states}) or any(_wants_to_run(int(child)) for child in children)


@contextmanager
def terminal(
    command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = (80, 24)
) -> Iterator[Terminal]:
    """Run `command` on a pseudo-terminal of `size` columns and rows."""
    complete = {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    pid, descriptor = pty.fork()
    if pid == 0:
        columns, rows = size
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execve(command[0], list(command), complete)
    opened = Terminal(pid, descriptor, size)
    try:
        yield opened
    finally:
        opened.close()
