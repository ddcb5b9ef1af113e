"""Pours log lines over the console and says how fast keys answer meanwhile, and what arrived.

    python tools/log_flood.py [--rate 2000] [--seconds 60] [--break]

Opens the real console on a pseudo-terminal, in a sandbox of its own, and lets another process
write lines into the sandbox's log by Google's client. Meanwhile a character is typed into the
search of the log, and erased, again and again: the time until it is on the terminal is what a
person waits. With `--break` the console's tail breaks every three seconds. In the end the lines
that the console holds are compared with those written.

Exits with 1 if a line was lost or doubled. The oldest lines of more than the console keeps are not
lost, as long as it keeps nearly as many as it may.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import pty
import resource
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from console.model.log.store import CAPACITY

SIZE = (120, 36)
MARK = "¤"
"""A character that no line of the log and nothing else on screen has."""

ERASE = "\x7f"
LOGS = "\x1bOR"
PORTIONS = 20
"""How many portions of lines are written in a second."""

PATIENCE = 60.0
REST = 0.15
"""How long to wait between two keys, in seconds."""

SETTLE = 15.0
"""How long the console has, after the last line was written, to show it."""


def main() -> int:
    """Measure, or be one of the processes that are measured."""
    options = _parser().parse_args()
    if options.pour:
        asyncio.run(pour(options.pour, options.rate, options.seconds))
        return 0
    if options.console:
        return console(Path(options.console))
    with tempfile.TemporaryDirectory() as home:
        return measure(Path(home), options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=int, default=2_000, help="lines in a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long")
    parser.add_argument("--break", dest="breaks", action="store_true", help="let the tail break")
    parser.add_argument("--pour", help=argparse.SUPPRESS)
    parser.add_argument("--console", help=argparse.SUPPRESS)
    return parser


def measure(home: Path, options: argparse.Namespace) -> int:
    """Run everything and print the table."""
    state, report = home / "zimage-console" / "sandbox", home / "report.json"
    terminal = Terminal([sys.executable, __file__, "--console", str(report)], home)
    wait_for(state / "address.json", terminal)
    addresses = json.loads((state / "address.json").read_text())
    terminal.settle(5.0)
    idle = typed(terminal, until=time.monotonic() + 5)
    if options.breaks:
        command = [sys.executable, "-m", "console.sandbox", "fault", "logs-broken", "on"]
        subprocess.run([*command, "--state", str(state)], check=True, stdout=subprocess.DEVNULL)
    began = time.monotonic()
    pour_it = [sys.executable, __file__, "--pour", addresses["logging"]]
    pour_it += ["--rate", str(options.rate), "--seconds", str(options.seconds)]
    with subprocess.Popen(pour_it, stdout=subprocess.PIPE) as pouring:
        try:
            busy = typed(terminal, until=began + options.seconds + 3)
            written = int(pouring.communicate(timeout=PATIENCE)[0])
        finally:
            pouring.kill()
    terminal.settle(SETTLE)
    terminal.type("\x11")
    terminal.end()
    held = json.loads(report.read_text())
    print_table(written, time.monotonic() - began, idle, busy, held)
    let_go = held["portion"] * (options.rate // PORTIONS) + held["place"]
    enough = not let_go or held["lines"] > 0.9 * CAPACITY
    whole = held["lines"] == written - let_go and enough and not held["doubled"]
    return 0 if whole else 1


def typed(terminal: Terminal, until: float) -> list[float]:
    """Return for how many seconds each character was waited for in the search of the log."""
    for key in (LOGS, "/"):
        terminal.type(key)
        terminal.settle(1.0)
    waits: list[float] = []
    while time.monotonic() < until:
        waits.append(terminal.echoed(MARK))
        terminal.type(ERASE)
        terminal.settle(REST)
    terminal.type("\x1b")
    terminal.settle(1.0)
    return waits


def print_table(
    written: int,
    seconds: float,
    idle: Sequence[float],
    busy: Sequence[float],
    held: dict[str, float],
) -> None:
    """Print what was measured."""
    rows = [
        ("lines written", f"{written:,} in {seconds:.0f} s with what comes before and after"),
        ("lines held once", f"{held['lines']:,.0f}"),
        ("lines doubled", f"{held['doubled']:,.0f}"),
        ("key to screen, nothing to do", _spread(idle)),
        ("key to screen, under the flood", _spread(busy)),
        ("memory of the console at most", f"{held['megabytes']:.0f} MB"),
        ("its processor time", f"{held['processor']:.1f} s"),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:{width}}  {value}")


def _spread(seconds: Sequence[float]) -> str:
    """Return median, 95th percentile and maximum in milliseconds."""
    ordered = sorted(seconds)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return (
        f"p50 {statistics.median(ordered) * 1e3:.0f} ms, p95 {high * 1e3:.0f} ms, "
        f"at most {ordered[-1] * 1e3:.0f} ms of {len(ordered)}"
    )


def wait_for(file: Path, terminal: Terminal) -> None:
    """Wait until the sandbox has said where it is."""
    deadline = time.monotonic() + PATIENCE
    while not file.exists():
        if time.monotonic() > deadline:
            raise SystemExit("the console opened no sandbox")
        terminal.settle(0.2)


class Terminal:
    """The other end of a pseudo-terminal on which `command` runs."""

    def __init__(self, command: Sequence[str], home: Path) -> None:
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "XDG_STATE_HOME": str(home),
            "XDG_DATA_HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "XDG_CACHE_HOME": str(home),
            "ZIMAGE_PICTURES": str(home / "pictures"),
        }
        self._pid, self._descriptor = pty.fork()
        if self._pid == 0:
            columns, rows = SIZE
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(command[0], list(command), environment)

    def type(self, keys: str) -> None:
        """Send keys."""
        os.write(self._descriptor, keys.encode())

    def settle(self, seconds: float) -> None:
        """Take what is written for so long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._read(left)

    def echoed(self, character: str) -> float:
        """Send a character; return the seconds until it is written."""
        wanted, seen, began = character.encode(), b"", time.monotonic()
        self.type(character)
        while wanted not in seen:
            seen = seen[-8:] + self._read(PATIENCE)
            if time.monotonic() - began > PATIENCE:
                raise SystemExit(f"{character!r} was never written")
        return time.monotonic() - began

    def end(self) -> None:
        """Wait for the end of the program."""
        while self._read(PATIENCE):
            pass
        os.waitpid(self._pid, 0)

    def _read(self, patience: float) -> bytes:
        ready, _, _ = select.select([self._descriptor], [], [], patience)
        try:
            return os.read(self._descriptor, 65_536) if ready else b""
        except OSError:  # Linux says so when the program has closed its end.
            return b""


def console(report: Path) -> int:
    """Run the console in the context of the sandbox; in the end write what it holds."""
    from console.config import load
    from console.startup import launch
    from console.store import Store

    stores: list[Store] = []
    made = Store.__init__

    def remembered(self: Store, *arguments: object) -> None:
        made(self, *arguments)  # type: ignore[arg-type]
        stores.append(self)

    Store.__init__ = remembered  # type: ignore[method-assign, assignment]
    code = launch.run(load({"context": "sandbox"}, {}, None))
    lines = Counter(
        entry.message
        for store in stores
        for entry in store.logs
        if entry.message.startswith("flood ")
    )
    used = resource.getrusage(resource.RUSAGE_SELF)
    names = (line.split()[1].split(".") for line in lines)
    portion, place = min(((int(one), int(other)) for one, other in names), default=(0, 0))
    held = {
        "portion": portion,
        "place": place,
        "lines": len(lines),
        "doubled": sum(lines.values()) - len(lines),
        "megabytes": used.ru_maxrss / 1024,
        "processor": used.ru_utime + used.ru_stime,
    }
    report.write_text(json.dumps(held))
    return code


async def pour(address: str, rate: int, seconds: float) -> None:
    """Write `rate` lines a second into the log at `address`; print how many it were."""
    from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient
    from google.cloud.logging_v2.types import LogEntry, WriteLogEntriesRequest
    from grpc import aio

    transport = LoggingServiceV2AsyncClient.get_transport_class("grpc_asyncio")
    portion, number = rate // PORTIONS, 0
    async with aio.insecure_channel(address) as channel:
        client = LoggingServiceV2AsyncClient(transport=transport(channel=channel))
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            texts = [f"flood {n} of lines that say how it goes" for n in range(portion)]
            texts = [text.replace("flood ", f"flood {number}.", 1) for text in texts]
            await client.write_log_entries(
                WriteLogEntriesRequest(
                    log_name="projects/sandbox/logs/run.googleapis.com%2Fstdout",
                    resource={
                        "type": "cloud_run_revision",
                        "labels": {"location": "local-1", "service_name": "zimage"},
                    },
                    labels={"instanceId": "00f100d"},
                    entries=[LogEntry(severity="INFO", text_payload=text) for text in texts],
                )
            )
            number += 1
            await asyncio.sleep(max(0.0, began + number / PORTIONS - time.monotonic()))
    print(number * portion)


if __name__ == "__main__":
    sys.exit(main())
