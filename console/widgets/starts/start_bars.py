"""The rows of one start's waterfall: its phases, its files, what goes on, and the axis of time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip

from console.language import tr, tr_many
from console.model.starts.case import rate_in_words
from console.model.starts.spans import doing as under_way
from console.model.starts.start import ColdStart, FileRead, PhaseSpan, StartPhase
from console.model.starts.words import difference_text, largest, seconds_text
from console.widgets.starts.phase_look import NO_STYLE, UNTOLD, StartStyles, letter
from console.widgets.starts.time_axis import time_axis
from console.widgets.waterfall import Edge, bar_parts

VALUE: Final = 7
BESIDE: Final = 11
WIDE_BESIDE: Final = 16
_MARK: Final = "│"


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


class StartBars:
    """Paints the rows of one waterfall, all on the same axis.

    Names take `name` cells, bars `room`, and what stands beside the seconds `beside`.
    """

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
        seconds = Segment(seconds_text(span.seconds, exact=True).rjust(VALUE), value)
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
        value = Segment(seconds_text(seconds).rjust(VALUE), self._styles.warning)
        doing = PhaseSpan(under_way(self._drawn.start), since, now).name
        return self._row(Segment("◔", self._styles.warning), doing, cells, value, Segment(""))

    def files(self, files: Sequence[FileRead], others: int) -> list[Strip]:
        """Paint files as they were read, and how many there are beside them."""
        rows = [self._file(file) for file in files]
        if others > 0:
            said = tr_many("and 1 more file", "and {count} more files", others)
            rows.append(Strip([Segment(f"    {said}", self._styles.muted)]))
        return rows

    def _file(self, file: FileRead) -> Strip:
        muted = self._styles.muted
        last = (file.ended - self._began).total_seconds()
        cells = self._bar(max(0.0, last - file.seconds), last, "", muted)
        size = Segment(size_text(file.bytes).rjust(VALUE), muted)
        rate = "" if file.rate is None else f" {rate_in_words(file.rate)}"
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
            said = tr("not told apart") if self._beside > BESIDE else tr("untold")
            return Segment(f" {said}", styles.muted)
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


def size_text(size: int) -> str:
    """Return a number of bytes as `6.2 GB` or `31 MB`."""
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.0f} MB" if size >= 9.95e6 else f"{size / 1e6:.1f} MB"
