"""Replays hours of a recorded log on a terminal, and measures how much memory that takes.

    python tools/replay_soak.py [--speed 100] [--lines-a-second 20] [--hours 2] [--json]

Makes a recording of a service's log, and runs the real console on it with `--replay`. First come as
many lines as the console keeps; then its memory is read at the beginning and at the end of each
hour, in recorded time, while each new line takes the place of an old one.

Exits with 1 if memory grew by more than 5 MB in the last hour, or if lines came late.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from console_stand import awake
from speed.figure import Figure, document, table
from speed.lines import records
from speed.terminal import Terminal, running

from console.model.log.lines import LogQuery
from console.model.log.store import CAPACITY
from console.model.service import ServiceName
from console.model.text import SafeText
from console.recording.calls import calls_of, written
from console.recording.lines import FORMAT, SCHEMA_VERSION, Header
from console.recording.recorded_cloud import OPEN
from console.session.json_facts import to_json
from console.session.log_feed import BACKFILL_LINES, GAP_LINES

BEGAN: Final = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
NAME: Final = ServiceName("my-project", "us-central1", "zimage")
HOUR: Final = 3600.0
LIMIT_MB: Final = 5.0
LOGS: Final = "\x1bOR"
OVER: Final = "the recording ends here"
LET_GO: Final = "older let go"
_PATIENCE: Final = 1_800.0
_FIRST: Final = 5.0
"""After how many recorded seconds the first line comes."""

_LATE: Final = 1.25
"""By how much longer than it should a replay may take; beyond it the console did not keep up."""


def write_recording(path: Path, lines: int, lines_a_second: float) -> float:
    """Write a recording of so many lines; return how many seconds it has."""
    with path.open("w", encoding="utf-8") as file:
        for said in _said(lines, lines_a_second):
            file.write(json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")
    return _FIRST + lines / lines_a_second


def _said(lines: int, lines_a_second: float) -> Iterator[Any]:
    yield to_json(Header(FORMAT, SCHEMA_VERSION, "soak", str(NAME), BEGAN))
    yield {"at": 0.0, "call": OPEN, "with": {}, "answer": to_json(NAME)}
    yield _answer("services", "get", to_json(awake(BEGAN, 1).facts), NAME)
    gap = LogQuery(received_from=BEGAN)
    for query, limit in (
        (LogQuery(), BACKFILL_LINES),
        (gap, GAP_LINES),
        (replace(gap, received_until=BEGAN), GAP_LINES),
    ):
        yield _answer("logs", "list", [], NAME, query, BEGAN, limit)
    tail = calls_of("logs")["tail"]
    yield {"at": 1.0, "begin": 1, "call": tail.name, "with": _asked(tail, NAME, LogQuery())}
    for number, record in enumerate(islice(records(), lines)):
        at = _FIRST + number / lines_a_second
        moment = BEGAN + timedelta(seconds=at)
        where = replace(record.provenance, insert_id=SafeText(f"{number:x}"))
        line = replace(record, time=moment, received=moment, provenance=where)
        yield {"at": round(at, 6), "of": 1, "item": to_json(line)}
    yield {"at": round(_FIRST + lines / lines_a_second, 6), "over": True}


def _answer(source: str, method: str, answer: object, *given: object) -> dict[str, object]:
    call = calls_of(source)[method]
    return {"at": 0.5, "call": call.name, "with": _asked(call, *given), "answer": answer}


def _asked(call: Any, *given: object) -> object:
    return written(call.arguments(*given))


def soak(path: Path, filled: float, hours: int, speed: float) -> list[Figure]:
    """Replay a recording whose first `filled` seconds fill the console; return the figures."""
    command = [sys.executable, "-m", "console", "--replay", str(path), "--speed", f"{speed:g}"]
    with running(command) as terminal:
        terminal.until("Overview")
        began = time.monotonic()
        terminal.type(LOGS)
        _until(terminal, LET_GO)
        late = time.monotonic() - began - filled / speed
        began += max(0.0, late)
        _wait(terminal, began + filled / speed)
        memory = [terminal.megabytes()]
        for hour in range(1, hours + 1):
            _wait(terminal, began + (filled + hour * HOUR) / speed)
            memory.append(terminal.megabytes())
        last = time.monotonic()
        _until(terminal, OVER)
        late += time.monotonic() - last
    figures = [
        Figure(f"memory in hour {hour}, from {before:.1f} MB on", after - before, "MB", limit)
        for hour, (before, after, limit) in enumerate(
            zip(memory, memory[1:], [*[None] * (hours - 1), LIMIT_MB], strict=False), 1
        )
    ]
    whole = (filled + hours * HOUR) / speed
    allowed = (_LATE - 1) * whole
    return [*figures, Figure("how late the last line came", max(0.0, late), "s", allowed)]


def _until(terminal: Terminal, text: str) -> None:
    """Wait until a text is written, however long that takes."""
    deadline = time.monotonic() + _PATIENCE
    while text.encode() not in terminal.written:
        terminal.listen(0.5)
        if time.monotonic() > deadline:
            raise SystemExit(f"{text!r} was never written")


def _wait(terminal: Terminal, until: float) -> None:
    while (left := until - time.monotonic()) > 0:
        terminal.listen(min(left, 1.0))


def main() -> int:
    """Make a recording, replay it, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--speed", type=float, default=100.0)
    parser.add_argument("--lines-a-second", type=float, default=20.0)
    parser.add_argument("--hours", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    # One more hundredth, so that lines have begun to leave when memory is read first.
    filling = int(CAPACITY * 1.01)
    lines = filling + int(options.hours * HOUR * options.lines_a_second)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "hours.jsonl"
        write_recording(path, lines, options.lines_a_second)
        filled = _FIRST + filling / options.lines_a_second
        figures = soak(path, filled, options.hours, options.speed)
    print(json.dumps(document(figures), indent=2) if options.json else table(figures))
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
