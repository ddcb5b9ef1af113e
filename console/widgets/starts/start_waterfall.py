"""One start as a waterfall: its phases on one axis of time, against what is usual.

A thin mark shows where a phase would have ended had it taken as long as it usually does. What is
not told apart is drawn in another pattern and said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip

from console.language import tr, tr_many
from console.model.starts.start import FileRead, PhaseSpan, StartPhase
from console.model.starts.words import seconds_text
from console.widgets.starts.phase_look import LETTERS, StartStyles
from console.widgets.starts.start_bars import BESIDE, VALUE, WIDE_BESIDE, Drawn, StartBars
from console.widgets.starts.start_panel import StartPanel

_SHORT_NAME: Final = 12
_LONG_NAMES: Final = ((90, 26), (64, 18))
"""From which width on names may take how many cells more than the short ones do."""
_WIDE_FROM: Final = 90


def start_waterfall(drawn: Drawn, width: int, height: int, styles: StartStyles) -> list[Strip]:
    """Paint a start in at most `height` rows of `width` cells.

    Where rows are short, single files give way first, then the axis; what contradicts itself
    stays as long as the phases do.
    """
    beside = WIDE_BESIDE if width >= _WIDE_FROM else BESIDE
    name_width = _name_width(drawn, width)
    names = [_name(span, name_width) for span in drawn.spans]
    room = width - name_width - 2 - VALUE - beside - 1
    if room < 4 or height < 1:
        return []
    painter = StartBars(drawn, name_width, room, beside, styles)
    rows = [
        (span, painter.phase(span, name)) for span, name in zip(drawn.spans, names, strict=True)
    ]
    phases = [row for _, row in rows]
    if drawn.now is not None:
        phases.append(painter.going_on(drawn.now))
    notes = [
        strip for text, style in _notes(drawn, styles) for strip in _wrapped(text, width, style)
    ]
    notes = notes[: max(height - len(phases), height // 2)]
    phases = _weightiest(phases, drawn, height - len(notes))
    left = height - len(phases) - len(notes)
    files = drawn.start.files
    if left > 0:
        shown = files if len(files) < left else _longest(files, max(0, left - 2))
        lines = painter.files(shown, len(files) - len(shown))
        phases = _with_files(rows, phases, lines[: left - 1])
        phases.insert(0, painter.axis())
    return [strip.crop_extend(0, width, styles.base) for strip in (*phases, *notes)[:height]]


def _weightiest(phases: list[Strip], drawn: Drawn, most: int) -> list[Strip]:
    """Return at most so many rows in order: what goes on, and what took longest."""
    if len(phases) <= most:
        return phases
    lengths = [span.seconds for span in drawn.spans]
    lengths += [inf] * (len(phases) - len(lengths))
    chosen = sorted(range(len(phases)), key=lambda row: -lengths[row])[: max(0, most)]
    return [phases[row] for row in sorted(chosen)]


def _longest(files: Sequence[FileRead], most: int) -> list[FileRead]:
    """Return those that took longest, in the order in which they were read."""
    chosen = sorted(files, key=lambda file: -file.seconds)[:most]
    return sorted(chosen, key=lambda file: file.ended)


def _with_files(
    rows: Sequence[tuple[PhaseSpan, Strip]], phases: list[Strip], files: Sequence[Strip]
) -> list[Strip]:
    """Put the files behind the stretch in which they were read."""
    for place, (span, _) in enumerate(rows):
        if StartPhase.WEIGHTS in span.phases:
            return [*phases[: place + 1], *files, *phases[place + 1 :]]
    return [*phases, *files]


def _name_width(drawn: Drawn, width: int) -> int:
    most = next((most for least, most in _LONG_NAMES if width >= least), _SHORT_NAME)
    longest = [cell_len(span.name) for span in drawn.spans]
    longest += [cell_len(file.name) + 1 for file in drawn.start.files]
    return max(_SHORT_NAME, min(most, max(longest, default=0)))


def _name(span: PhaseSpan, width: int) -> str:
    if len(span.phases) == 1 or cell_len(span.name) <= width:
        return span.name
    return tr("{first} to {last}", first=LETTERS[span.phases[0]], last=LETTERS[span.phases[-1]])


def _notes(drawn: Drawn, styles: StartStyles) -> list[tuple[str, Style]]:
    """Return what is to be said of a start beside its phases, worst first."""
    start, notes = drawn.start, []
    if start.failure is not None:
        says = tr("{brief}: {why}", brief=tr(start.failure.kind.value), why=start.failure.says)
        notes.append((f"✗ {says}", styles.error))
    for doubt in start.doubts:
        seconds = seconds_text(doubt.seconds)
        says = tr("{doubt}, by {seconds}", doubt=tr(doubt.kind.value), seconds=seconds)
        notes.append((f"! {says}", styles.warning))
    if start.retries:
        says = tr_many(
            "1 start failed before this one",
            "{count} starts failed before this one",
            start.retries,
        )
        notes.append((f"✗ {says}", styles.warning))
    return notes


def _wrapped(text: str, width: int, style: Style) -> list[Strip]:
    return [Strip([Segment(line.plain, style)]) for line in Content(text).wrap(width)]


class StartWaterfall(StartPanel[Drawn | None]):
    """The waterfall of the chosen start; empty while none is chosen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(None, id=id)

    def paint(self, facts: Drawn | None, size: Size, styles: StartStyles) -> list[Strip]:
        """Paint the start, or say that there is none."""
        if facts is None:
            return [Strip([Segment(tr("– no start is chosen"), styles.muted)])]
        return start_waterfall(facts, size.width, size.height, styles)
