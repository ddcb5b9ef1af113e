"""One start as a waterfall: its phases on one axis of time, against what is usual.

A thin mark shows where a phase would have ended had it taken as long as it usually does. What is
not told apart is drawn in another pattern and said so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from console.model.starts.spans import doing as under_way
from console.model.starts.start import ColdStart, FileRead, PhaseSpan, StartPhase
from console.model.starts.words import difference_text, largest, seconds_text
from console.widgets.phase_look import (
    LETTERS,
    NO_STYLE,
    START_CLASSES,
    UNTOLD,
    StartStyles,
    letter,
    read_start_styles,
)
from console.widgets.time_axis import time_axis
from console.widgets.waterfall import Edge, bar_parts

_MARK: Final = "│"
_VALUE: Final = 7
_SHORT_NAME: Final = 12
_LONG_NAMES: Final = ((90, 26), (64, 18))
"""From which width on names may take how many cells more than the short ones do."""
_BESIDE: Final = 11
_WIDE_FROM: Final = 90
_WIDE_BESIDE: Final = 16


@dataclass(frozen=True)
class Drawn:
    """What is drawn of a start: its stretches, and what is usual for each phase, in seconds.

    `notable` are the phases that stand out. `now` is the time of day while the start goes on.
    """

    start: ColdStart
    spans: Sequence[PhaseSpan]
    usual: Mapping[StartPhase, float]
    notable: Collection[StartPhase] = ()
    now: datetime | None = None

    @property
    def seconds(self) -> float:
        """How many seconds the axis has."""
        ends = [span.end for span in self.spans] + ([] if self.now is None else [self.now])
        if self.start.ended is not None:
            ends.append(self.start.ended)
        if self.start.failure is not None:
            ends.append(self.start.failure.at)
        return max(((end - self.start.began).total_seconds() for end in ends), default=0.0)


def start_waterfall(drawn: Drawn, width: int, height: int, styles: StartStyles) -> list[Strip]:
    """Paint a start in at most `height` rows of `width` cells.

    Where rows are short, single files give way first, then the axis; what contradicts itself
    stays as long as the phases do.
    """
    beside = _WIDE_BESIDE if width >= _WIDE_FROM else _BESIDE
    name_width = _name_width(drawn, width)
    names = [_name(span, name_width) for span in drawn.spans]
    room = width - name_width - 2 - _VALUE - beside - 1
    if room < 4 or height < 1:
        return []
    painter = _Painter(drawn, name_width, room, beside, styles)
    rows = [
        (span, painter.phase(span, name)) for span, name in zip(drawn.spans, names, strict=True)
    ]
    phases = [row for _, row in rows]
    if drawn.now is not None:
        phases.append(painter.going_on(drawn.now))
    notes = [
        strip for text, style in _notes(drawn, styles) for strip in _wrapped(text, width, style)
    ]
    left = height - len(phases) - len(notes)
    files = drawn.start.files
    if left > 0:
        shown = files if len(files) < left else _longest(files, max(0, left - 2))
        lines = painter.files(shown, len(files) - len(shown))
        phases = _with_files(rows, phases, lines[: left - 1])
        phases.insert(0, painter.axis())
    return [strip.crop_extend(0, width, styles.base) for strip in (*phases, *notes)[:height]]


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


class _Painter:
    """Paints the rows of one waterfall, all on the same axis."""

    def __init__(
        self, drawn: Drawn, name: int, room: int, beside: int, styles: StartStyles
    ) -> None:
        self._drawn = drawn
        self._began = drawn.start.began
        self._latest = drawn.seconds
        self._name = name
        self._room = room
        self._beside = beside
        self._styles = styles
        self._longest = largest(drawn.spans)

    def axis(self) -> Strip:
        """Paint the seconds along the top."""
        before = " " * (self._name + 3)
        return Strip([Segment(before + time_axis(self._latest, self._room), self._styles.muted)])

    def phase(self, span: PhaseSpan, name: str) -> Strip:
        """Paint one stretch, with the mark of what is usual and the difference from it."""
        sign, styles = letter(span), self._styles
        phase = span.phases[0] if len(span.phases) == 1 else None
        usual = None if phase is None else self._drawn.usual.get(phase)
        first = (span.start - self._began).total_seconds()
        cells = self._bar(first, first + span.seconds, sign)
        if usual is not None and self._can_be_seen(span.seconds - usual):
            self._put_mark(cells, first + usual)
        value = styles.strong if span is self._longest else NO_STYLE
        seconds = Segment(seconds_text(span.seconds, exact=True).rjust(_VALUE), value)
        against = self._against(span.seconds, usual, phase)
        return self._row(Segment(sign, styles.phase(sign)), name, cells, seconds, against)

    def going_on(self, now: datetime) -> Strip:
        """Paint what has gone on since the last moment that is known."""
        since = max((span.end for span in self._drawn.spans), default=self._began)
        first = (since - self._began).total_seconds()
        seconds = max(0.0, (now - since).total_seconds())
        cells = self._bar(first, first + seconds, "")
        for cell, (text, style) in enumerate(cells):
            cells[cell] = text, style + self._styles.warning if text != " " else style
        value = Segment(seconds_text(seconds).rjust(_VALUE), self._styles.warning)
        doing = PhaseSpan(under_way(self._drawn.start), since, now).name
        return self._row(Segment("◔", self._styles.warning), doing, cells, value, Segment(""))

    def files(self, files: Sequence[FileRead], others: int) -> list[Strip]:
        """Paint files as they were read, and how many there are beside them."""
        rows = [self._file(file) for file in files]
        if others > 0:
            said = f"    and {others} more file" + ("s" if others > 1 else "")
            rows.append(Strip([Segment(said, self._styles.muted)]))
        return rows

    def _file(self, file: FileRead) -> Strip:
        muted = self._styles.muted
        last = (file.ended - self._began).total_seconds()
        cells = self._bar(max(0.0, last - file.seconds), last, "", muted)
        size = Segment(size_text(file.bytes).rjust(_VALUE), muted)
        rate = "" if file.rate is None else f" {file.rate / 1e6:,.0f} MB/s"
        name = Content(f" {file.name}").truncate(self._name, ellipsis=True, pad=True).plain
        return self._row(Segment(" "), name, cells, size, Segment(rate, muted))

    def _bar(
        self, first: float, last: float, sign: str, style: Style | None = None
    ) -> list[tuple[str, Style]]:
        style = self._styles.phase(sign) if style is None else style
        looks = {Edge.OUTSIDE: NO_STYLE, Edge.LEFT: style + Style(reverse=True), Edge.INSIDE: style}
        cells = [
            (cell, looks[edge])
            for text, edge in bar_parts(first, last, self._latest, self._room)
            for cell in text
        ]
        if sign != UNTOLD:
            return cells
        return [(" ", NO_STYLE) if cell == " " else ("░", style) for cell, _ in cells]

    def _can_be_seen(self, seconds: float) -> bool:
        """Whether a difference is as long as a cell: a mark would hide a shorter one."""
        return abs(seconds) * self._room >= self._latest > 0

    def _put_mark(self, cells: list[tuple[str, Style]], at: float) -> None:
        place = round(at / self._latest * self._room) if self._latest > 0 else self._room
        if place >= self._room:
            return
        text, style = cells[place]
        over = text != " "
        cells[place] = _MARK, style + Style(reverse=True) if over else self._styles.muted

    def _against(self, seconds: float, usual: float | None, phase: StartPhase | None) -> Segment:
        styles = self._styles
        if phase is None:
            return Segment(" not told apart" if self._beside > _BESIDE else " untold", styles.muted)
        if usual is None or abs(seconds - usual) < 0.05:
            return Segment("")
        text = difference_text(seconds - usual)
        if phase in self._drawn.notable:
            return Segment(f" {text} ▲", styles.warning)
        return Segment(f" {text}", styles.muted)

    def _row(
        self, sign: Segment, name: str, cells: Sequence[tuple[str, Style]], *rest: Segment
    ) -> Strip:
        named = Content(name).truncate(self._name, ellipsis=True, pad=True).plain
        bar = [Segment(text, style) for text, style in cells]
        return Strip([sign, Segment(f" {named} "), *bar, *rest]).simplify()


def _name_width(drawn: Drawn, width: int) -> int:
    most = next((most for least, most in _LONG_NAMES if width >= least), _SHORT_NAME)
    longest = [len(span.name) for span in drawn.spans]
    longest += [cell_len(file.name) + 1 for file in drawn.start.files]
    return max(_SHORT_NAME, min(most, max(longest, default=0)))


def _name(span: PhaseSpan, width: int) -> str:
    if len(span.phases) == 1 or len(span.name) <= width:
        return span.name
    return f"{LETTERS[span.phases[0]]} to {LETTERS[span.phases[-1]]}"


def _notes(drawn: Drawn, styles: StartStyles) -> list[tuple[str, Style]]:
    """Return what is to be said of a start beside its phases, worst first."""
    start, notes = drawn.start, []
    if start.failure is not None:
        notes.append((f"✗ {start.failure.kind}: {start.failure.says}", styles.error))
    notes += [
        (f"! {doubt.kind}, by {seconds_text(doubt.seconds)}", styles.warning)
        for doubt in start.doubts
    ]
    if start.retries:
        many = f"{start.retries} starts" if start.retries > 1 else "1 start"
        notes.append((f"✗ {many} failed before this one", styles.warning))
    return notes


def _wrapped(text: str, width: int, style: Style) -> list[Strip]:
    return [Strip([Segment(line.plain, style)]) for line in Content(text).wrap(width)]


def size_text(size: int) -> str:
    """Return a number of bytes as `6.2 GB` or `31 MB`."""
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.0f} MB" if size >= 9.95e6 else f"{size / 1e6:.1f} MB"


class StartWaterfall(Widget):
    """The waterfall of the chosen start; empty while none is chosen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = START_CLASSES

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: Drawn | None = None
        self._strips: list[Strip] | None = None
        self._painted: tuple[Size, Drawn | None] = (Size(0, 0), None)

    def show(self, drawn: Drawn | None) -> None:
        """Draw this start, or none; the same one again paints nothing."""
        if drawn != self._drawn:
            self._drawn, self._strips = drawn, None
            self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was painted in the styles of before."""
        super().notify_style_update()
        self._strips = None

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        size = self.content_size
        if self._strips is None or self._painted != (size, self._drawn):
            self._strips = self._paint(size)
            self._painted = size, self._drawn
        base = self.rich_style
        if y >= len(self._strips):
            return Strip.blank(size.width, base)
        return self._strips[y].apply_style(base).crop_extend(0, size.width, base)

    def _paint(self, size: Size) -> list[Strip]:
        styles = read_start_styles(self)
        if self._drawn is None:
            return [Strip([Segment("– no start is chosen", styles.muted)])]
        return start_waterfall(self._drawn, size.width, size.height, styles)
