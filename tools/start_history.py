"""Says how long the screen of cold starts takes to open with thousands of starts in the history.

    python tools/start_history.py [--starts 10000] [--days 6.5] [--times 7]

Keeps that many starts in a history of its own, and opens the real console on a pseudo-terminal with
it and with an empty one in turn: by key while the console is up, and from nothing until starts are
on screen and until what is usual of all of them is, too. Printed are medians, and the ratio of the
full to the empty one.

Exits with 1 if a ratio by key or from nothing is above `--at-most`.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from console.model.starts.start import (
    ColdStart,
    FileRead,
    Moment,
    Probe,
    ProbeKind,
    Reason,
    WaitingRequest,
)
from console.model.text import SafeText
from console.paths import APPLICATION
from console.session.history.database import History

CONTEXT = "my-project/us-central1/z-image"
COMMAND = (sys.executable, "-m", "console", "--context", CONTEXT)
SIZE = (120, 36)
OVERVIEW, COLD_STARTS = "\x1bOP", "\x1bOQ"
BY_KEY = 5
"""How often the screen is opened by its key."""

QUIET_SECONDS = 0.5
PATIENCE = 60.0
AGES = {
    Moment.ASKED_FOR: 0.0,
    Moment.CONTAINER_UP: 4.0,
    Moment.PORT_OPEN: 0.5,
    Moment.IMPORTS_DONE: 9.0,
    Moment.WEIGHTS_READ: 30.0,
    Moment.ON_DEVICE: 4.0,
    Moment.READY: 3.0,
    Moment.PROBED: 2.0,
    Moment.ANSWERED: 9.0,
}
"""About how many seconds each moment comes after the one before it."""

FILES = (
    ("z-image-turbo-q4_k_m.gguf", 4_200_000_000),
    ("qwen3-4b-instruct-q4_k_m.gguf", 2_500_000_000),
    ("ae.safetensors", 335_000_000),
)


@dataclass(frozen=True)
class Opening:
    """How many seconds one opening took.

    `by_key` while the console is up; `from_nothing` until starts are on screen, and `all_figures`
    until what is usual of all of them is, too.
    """

    by_key: float
    from_nothing: float
    all_figures: float


def main() -> int:
    """Measure and print."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as directory:
        empty, full = Path(directory, "empty"), Path(directory, "full")
        fill(full, options.starts, timedelta(days=options.days))
        fill(empty, 0, timedelta())
        told: tuple[list[Opening], list[Opening]] = ([], [])
        for number in range(options.times + 1):
            for found, home, starts in zip(told, (empty, full), (0, options.starts), strict=True):
                opened = opening(home, starts)
                if number:  # The first one writes what later ones find.
                    found.append(opened)
    ratios = [report(*told, field.name) for field in fields(Opening)]
    return 1 if max(ratios[:2]) > options.at_most else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--starts", type=int, default=10_000)
    parser.add_argument("--days", type=float, default=6.5, help="over how many days they are")
    parser.add_argument("--times", type=int, default=7, help="how often each is opened")
    parser.add_argument("--at-most", type=float, default=1.5)
    return parser


def fill(home: Path, count: int, over: timedelta) -> None:
    """Make a history below `home` with so many starts, the newest of now."""
    random, now = Random(1), datetime.now(UTC)
    home.mkdir()
    history = History.open(home / APPLICATION / "history.sqlite3")
    history.keep_starts(
        CONTEXT, [cold_start(now - over * (each / count), random) for each in range(count)]
    )
    history.close()


def cold_start(at: datetime, random: Random) -> ColdStart:
    """Return a start as a service on Google Cloud has one, which somebody waited for."""
    moments = {Moment.ARRIVED: at - timedelta(milliseconds=20)}
    reached = at
    for moment, seconds in AGES.items():
        reached += timedelta(seconds=seconds * random.uniform(0.7, 1.8))
        moments[moment] = reached
    read = moments[Moment.WEIGHTS_READ]
    arrived, answered = moments[Moment.ARRIVED], moments[Moment.ANSWERED]
    return ColdStart(
        instance=SafeText(f"{random.getrandbits(488):0122x}"),
        revision=SafeText(f"z-image-{1 + at.timetuple().tm_yday // 7:05}-abc"),
        reason=Reason.AUTOSCALING,
        process=moments[Moment.ASKED_FOR],
        moments=moments,
        files=tuple(FileRead(SafeText(name), size, size / 2.2e8, read) for name, size in FILES),
        kept_as=SafeText("int8, 4.1 GB"),
        first_image=7.5,
        requests=(
            WaitingRequest(
                arrived,
                (answered - arrived).total_seconds(),
                200,
                SafeText("/v1/images/generations"),
                SafeText(f"projects/my-project/traces/{random.getrandbits(128):032x}"),
            ),
        ),
        probe=Probe(ProbeKind.HTTP, default=False, attempts=5),
    )


def opening(home: Path, starts: int) -> Opening:
    """Open the console whose history is below `home`."""
    few = re.compile(rb"no cold start|reading starts")
    rows = re.compile(rb"z-image-000") if starts else few
    figures = re.compile(rb"usually [^,]*, by [0-9,]+ starts") if starts else few
    began = time.monotonic()
    terminal = Terminal(COMMAND, home)
    terminal.until(re.compile(rb"Cold starts"))
    terminal.type(COLD_STARTS)
    from_nothing = terminal.until(rows) - began
    all_figures = terminal.until(figures) - began
    by_key: list[float] = []
    for _ in range(BY_KEY):
        terminal.settle()
        terminal.type(OVERVIEW)
        terminal.settle()
        began = time.monotonic()
        terminal.type(COLD_STARTS)
        by_key.append(terminal.until(figures) - began)
    terminal.type("q")
    terminal.end()
    return Opening(statistics.median(by_key), from_nothing, all_figures)


class Terminal:
    """The other end of a pseudo-terminal on which `command` runs."""

    def __init__(self, command: Sequence[str], home: Path) -> None:
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "GOOGLE_APPLICATION_CREDENTIALS": str(home / "nobody.json"),
            **{f"XDG_{kind}_HOME": str(home) for kind in ("STATE", "DATA", "CONFIG", "CACHE")},
        }
        self._written = b""
        self._pid, self._descriptor = pty.fork()
        if self._pid == 0:
            columns, rows = SIZE
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(command[0], list(command), environment)

    def type(self, keys: str) -> None:
        """Send keys; only what is written from now on counts."""
        self._written = b""
        os.write(self._descriptor, keys.encode())

    def until(self, wanted: re.Pattern[bytes]) -> float:
        """Wait until `wanted` is written, and return when that was."""
        deadline = time.monotonic() + PATIENCE
        while wanted.search(self._written) is None:
            if time.monotonic() > deadline or not self._read(PATIENCE):
                raise SystemExit(f"{wanted.pattern!r} was never written: {self._written[-2000:]!r}")
        return time.monotonic()

    def settle(self) -> None:
        """Wait until nothing is written any more."""
        while self._read(QUIET_SECONDS):
            pass

    def end(self) -> None:
        """Wait for the end of the program."""
        while self._read(PATIENCE):
            pass
        os.waitpid(self._pid, 0)
        os.close(self._descriptor)

    def _read(self, patience: float) -> bytes:
        ready, _, _ = select.select([self._descriptor], [], [], patience)
        try:
            data = os.read(self._descriptor, 65_536) if ready else b""
        except OSError:  # Linux says so when the program has closed its end.
            return b""
        self._written += data
        return data


def report(without: list[Opening], with_many: list[Opening], name: str) -> float:
    """Print the medians of one way to open the screen, and return their ratio."""
    empty, full = ([getattr(each, name) for each in one] for one in (without, with_many))
    medians = statistics.median(empty), statistics.median(full)
    ratio: float = medians[1] / medians[0]
    spread = [f"{min(each):.3f}-{max(each):.3f}" for each in (empty, full)]
    print(
        f"{name.replace('_', ' '):13} empty {medians[0]:.3f} s ({spread[0]})   "
        f"full {medians[1]:.3f} s ({spread[1]})   ratio {ratio:.2f}"
    )
    return ratio


if __name__ == "__main__":
    sys.exit(main())
