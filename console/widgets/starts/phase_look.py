"""How a phase of a start looks wherever it is shown: a letter, and a colour of its own.

The letter says everything that the colour says, so that nothing is lost where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.widget import Widget

from console.model.starts.start import PhaseSpan, StartPhase

NO_STYLE: Final = Style.null()
UNTOLD: Final = "?"
"""The letter of a stretch whose phases are not told apart."""

LETTERS: Final[Mapping[StartPhase, str]] = {
    StartPhase.WAITING: "Q",
    StartPhase.CONTAINER: "C",
    StartPhase.PORT: "P",
    StartPhase.IMPORT: "I",
    StartPhase.WEIGHTS: "W",
    StartPhase.DEVICE: "D",
    StartPhase.WARM_UP: "U",
    StartPhase.PROBE: "H",
    StartPhase.ANSWER: "A",
}
_NAMES: Final = {
    "untold",
    *(f"phase-{letter.lower()}" for letter in LETTERS.values()),
}
_PARTS: Final = ("muted", "good", "warning", "error", "strong", "cursor")
START_CLASSES: Final = {f"start--{name}" for name in (*_NAMES, *_PARTS)}
"""The component classes that a widget needs whose styles `read_start_styles` reads."""


@dataclass(frozen=True)
class StartStyles:
    """The styles of what a start is drawn with; the default has none at all.

    `phases` are the colours of phases by their letter.
    """

    phases: Mapping[str, Style] = field(default_factory=dict)
    muted: Style = NO_STYLE
    good: Style = NO_STYLE
    warning: Style = NO_STYLE
    error: Style = NO_STYLE
    strong: Style = NO_STYLE
    cursor: Style = NO_STYLE
    base: Style = NO_STYLE

    def phase(self, letter: str) -> Style:
        """Return the colour of a phase."""
        return self.phases.get(letter, NO_STYLE)


def letter(span: PhaseSpan) -> str:
    """Return the letter of a stretch: that of its phase, or `?` where it is of several."""
    return LETTERS[span.phases[0]] if len(span.phases) == 1 else UNTOLD


def phase_strip(spans: Sequence[PhaseSpan], width: int, styles: StartStyles) -> list[Segment]:
    """Draw which share of a start each phase took, in exactly `width` cells.

    Every cell is a phase's letter in its colour; a phase too short for a cell has none.
    """
    total = sum(max(0.0, span.seconds) for span in spans)
    if total <= 0 or width <= 0:
        return [Segment(" " * max(0, width))]
    segments, passed, drawn = [], 0.0, 0
    for span in spans:
        passed += max(0.0, span.seconds)
        cells = round(passed / total * width) - drawn
        if cells > 0:
            sign = letter(span)
            segments.append(Segment(sign * cells, styles.phase(sign) + Style(reverse=True)))
            drawn += cells
    return segments


def read_start_styles(widget: Widget) -> StartStyles:
    """Read the styles of starts from the style sheet."""

    def style(name: str) -> Style:
        return widget.get_component_rich_style(f"start--{name}", partial=True)

    phases = {sign: style(f"phase-{sign.lower()}") for sign in LETTERS.values()}
    return StartStyles(
        phases={**phases, UNTOLD: style("untold")},
        **{part: style(part) for part in _PARTS},
        base=widget.rich_style,
    )
