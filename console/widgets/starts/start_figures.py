"""What starts have in common: figures of each phase, how totals went over time, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip

from console.language import tr, tr_later
from console.model.starts.reckoned import in_few
from console.model.starts.words import seconds_text
from console.widgets.spark import spark
from console.widgets.starts.figure_table import FigureRow, figure_table, weightiest
from console.widgets.starts.phase_look import StartStyles
from console.widgets.starts.start_panel import StartPanel

_SPARK: Final = tr_later("totals ")
_LEAST_WORDS: Final = 3
"""How many lines of sentences have room whatever else there is."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown: a table under `header`, `totals` of starts over time, sentences below.

    Totals are in seconds, oldest first, None for a start that did not come to its end.
    `stands_out` says whether the sentences are to be noticed.
    """

    header: tuple[str, ...] = ()
    rows: tuple[FigureRow, ...] = ()
    totals: tuple[float | None, ...] = ()
    says: tuple[str, ...] = ()
    stands_out: bool = False


NO_FIGURES: Final = Figures()


def start_figures(figures: Figures, width: int, height: int, styles: StartStyles) -> list[Strip]:
    """Paint figures in at most `height` rows of `width` cells.

    Where these are few, sentences are cut, and then phases of little weight are left out.
    """
    said = styles.warning if figures.stands_out else styles.muted
    words = [line for text in figures.says for line in _wrapped(text, width, said)]
    line = _totals(figures.totals, width, styles)
    if not figures.rows:
        return [*line, *words][:height]
    least = max(_LEAST_WORDS, height - 1 - len(figures.rows) - len(line))
    words = words[:least]
    rows = weightiest(figures.rows, height - 1 - len(line) - len(words))
    return [*figure_table(figures.header, rows, width, styles), *line, *words][:height]


def _totals(totals: Sequence[float | None], width: int, styles: StartStyles) -> list[Strip]:
    """Paint totals as one row of bars that end with the largest of them."""
    known = [total for total in totals if total is not None]
    if len(known) < 2:
        return []
    most = f" ≤{seconds_text(max(known))}"
    label = tr(_SPARK)
    room = width - cell_len(label) - len(most)
    if room < 4:
        return []
    bars = spark(in_few(totals, room), room)
    return [
        Strip(
            [
                Segment(label, styles.muted),
                Segment(bars, styles.phase("C")),
                Segment(most, styles.muted),
            ]
        )
    ]


def _wrapped(text: str, width: int, style: Style) -> list[Strip]:
    return [Strip([Segment(line.plain, style)]) for line in Content(text).wrap(max(1, width))]


class StartFigures(StartPanel[Figures]):
    """The figures of the starts in sight."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(NO_FIGURES, id=id)

    def paint(self, facts: Figures, size: Size, styles: StartStyles) -> list[Strip]:
        """Paint the figures."""
        return start_figures(facts, size.width, size.height, styles)
