"""The desktop of this machine, if that is where the person sits: its clipboard and its viewer.

Nothing here may stand still: a program that does not answer is ended, and not asked again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Thread
from typing import Final

PATIENCE: Final = 0.5
"""Seconds that a program may take; one that puts text into a clipboard needs a hundredth of it."""

_REMOTE: Final = ("SSH_CONNECTION", "SSH_TTY", "MOSH_IP")


def is_here(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Say whether the person sits at the desktop of this machine, and not at another one's."""
    if any(environment.get(name) for name in _REMOTE):
        return False
    return platform == "darwin" or any(map(environment.get, ("WAYLAND_DISPLAY", "DISPLAY")))


class Desktop:
    """The programs of the desktop of whoever has `environment`, found on its `PATH`."""

    def __init__(
        self,
        environment: Mapping[str, str],
        platform: str = sys.platform,
        patience: float = PATIENCE,
    ) -> None:
        self._environment = dict(environment)
        self._platform = platform
        self._patience = patience
        self._stuck: set[str] = set()

    @property
    def here(self) -> bool:
        """Whether the person sits at it."""
        return is_here(self._environment, self._platform)

    def copy(self, text: str) -> str:
        """Put text into the clipboard; return the program that did, or nothing if none could."""
        for command in self._copiers() if self.here else ():
            if self.feed(command, text):
                return command[0]
        return ""

    def to_tmux(self, text: str, *, onward: bool) -> bool:
        """Put text into a buffer of tmux, and have it passed on to the terminal if `onward`."""
        passing = ("-w",) if onward else ()
        return self.feed(("tmux", "load-buffer", *passing, "-"), text)

    def open(self, path: str) -> str:
        """Show a file in the program that is for it; return what was started, or nothing."""
        opener = "open" if self._platform == "darwin" else "xdg-open"
        found = self._found(opener) if self.here else None
        if found is None:
            return ""
        try:
            process = self._started([found, path], stdin=subprocess.DEVNULL)
        except OSError:
            return ""
        try:
            # It may stay as long as the picture is shown; only a failure is quick.
            return opener if process.wait(self._patience) == 0 else ""
        except subprocess.TimeoutExpired:
            Thread(target=process.wait, name="viewer", daemon=True).start()
            return opener

    def feed(self, command: Sequence[str], text: str) -> bool:
        """Give text to a program; say whether it took all of it in time."""
        found = self._found(command[0])
        if found is None:
            return False
        try:
            process = self._started([found, *command[1:]], stdin=subprocess.PIPE)
        except OSError:
            return False
        try:
            process.communicate(text.encode(), timeout=self._patience)
        except subprocess.TimeoutExpired:
            self._stuck.add(command[0])
            _end(process)
            return False
        except OSError:
            _end(process)
            return False
        return process.returncode == 0

    def _copiers(self) -> Sequence[Sequence[str]]:
        if self._platform == "darwin":
            return (("pbcopy",),)
        found: list[Sequence[str]] = []
        if self._environment.get("WAYLAND_DISPLAY"):
            found.append(("wl-copy",))
        if self._environment.get("DISPLAY"):
            found.append(("xclip", "-selection", "clipboard"))
            found.append(("xsel", "--clipboard", "--input"))
        return found

    def _found(self, program: str) -> str | None:
        if program in self._stuck:
            return None
        return shutil.which(program, path=self._environment.get("PATH", ""))

    def _started(self, command: Sequence[str], stdin: int) -> subprocess.Popen[bytes]:
        # In a session of its own: what keeps the clipboard goes on after the console was left.
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment,
            start_new_session=True,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program with all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
