"""Measures how quick and how quiet the console is, and holds that to its limits.

    python tools/console_speed.py [--only idle,flood] [--seconds 10] [--json]

Opens the real console on a pseudo-terminal of 120 columns and 36 rows, before a service that is
made up (`tools/console_stand.py`) and has as many lines and changes a second as are wanted. Bytes
are exact; what has seconds in it grows when the machine does other things too, so it is the best
of several, or a ratio.

Exits with 1 if a figure is over its limit.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from functools import partial

from speed import on_terminal
from speed.figure import Figure, document, table
from speed.in_store import store_figures

Measure = Callable[[], list[Figure]]


def measures(seconds: float, times: int, soak: float) -> Mapping[str, Measure]:
    """Return what can be measured, by its name."""
    return {
        "frame": lambda: [on_terminal.first_frame(times)],
        "idle": partial(on_terminal.idle, seconds),
        "refresh": partial(on_terminal.refreshing, seconds),
        "line": partial(on_terminal.flooded, "a line a second", 1, seconds, None),
        "flood": partial(
            on_terminal.flooded,
            f"{on_terminal.FLOOD:,} lines a second",
            on_terminal.FLOOD,
            seconds,
            40,
        ),
        "store": partial(store_figures, times),
        "keys": partial(on_terminal.keys, seconds),
        "soak": lambda: [on_terminal.soak(soak, on_terminal.FLOOD)],
    }


def main() -> int:
    """Measure and print."""
    options = _parser().parse_args()
    known = measures(options.seconds, options.times, options.soak)
    wanted = options.only.split(",") if options.only else list(known)
    if strange := [name for name in wanted if name not in known]:
        raise SystemExit(f"{strange[0]!r} is not measured; write some of {','.join(known)}")
    figures: list[Figure] = []
    for name in wanted:
        print(f"measuring {name} …", file=sys.stderr)
        figures += known[name]()
    print(json.dumps(document(figures), indent=2) if options.json else table(figures))
    return 0 if all(figure.ok for figure in figures) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--only", default="", help="names of what is measured, with commas")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each is listened to")
    parser.add_argument("--times", type=int, default=3, help="how often what is timed is tried")
    parser.add_argument("--soak", type=float, default=120.0, help="seconds of the long run")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
