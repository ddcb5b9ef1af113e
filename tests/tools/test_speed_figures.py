"""How the measured figures of the console are told."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from speed.figure import Figure, document, table

FIGURES = (
    Figure("idle", 0, "B/s", 0),
    Figure("under a flood", 41.23, "kB/s", 40),
    Figure("a line a second", 2.68, "kB/s"),
)


def test_each_figure_stands_beside_its_limit() -> None:
    assert table(FIGURES).splitlines() == [
        "idle                 0 B/s  ≤ 0 B/s    ok",
        "under a flood    41.2 kB/s  ≤ 40 kB/s  over",
        "a line a second  2.68 kB/s",
    ]


def test_programs_are_told_the_same() -> None:
    said = document(FIGURES)["figures"]
    assert isinstance(said, list)
    assert [figure["ok"] for figure in said] == [True, False, True]
    assert said[1]["limit"] == 40
