"""The rows of a plan, one of them under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.getters import query_one
from textual.message import Message

from console.model.deploy.progress import StepState
from console.model.deploy.step import Effect
from console.widgets.costs.amounts import left, right
from console.widgets.deploy.plan_rows import PlanRow, RowKind, aside
from console.widgets.laid_text import Fitted

_FRONT: Final = 8
_ASIDE: Final = 26
_ASIDE_FROM: Final = 46
"""How wide a row has to be for what stands at its end."""


def table_rows(
    rows: Sequence[PlanRow], cursor: int, now: datetime, width: int, *, colour: bool
) -> list[Content]:
    """Return a line for each row; `cursor` is the place of the chosen one."""
    side = 0 if width < _ASIDE_FROM else min(_ASIDE, width * 2 // 5, _longest(rows, now))
    shown = []
    for place, row in enumerate(rows):
        chosen = place == cursor
        painted = _row(row, aside(row, now), side, width, "▸" if chosen else " ")
        if chosen:
            painted = painted.stylize("on $panel" if colour else "reverse")
        shown.append(painted)
    return shown


def _longest(rows: Sequence[PlanRow], now: datetime) -> int:
    """Return how much room the ends of the rows take, with the blanks before them."""
    longest = max((cell_len(aside(each, now)) for each in rows), default=0)
    return longest + 2 if longest else 0


def _row(row: PlanRow, said: str, side: int, width: int, cursor: str) -> Content:
    side = side if row.kind is RowKind.STEP else 0
    mark, style = row.mark
    number = f"{row.number:>2}" if row.kind is RowKind.STEP else "  "
    front = Content.assemble(f"{cursor} ", (mark, style), (f" {number}  ", "$text-muted"))
    return Content.assemble(
        front,
        left(row.title, max(width - _FRONT - side, 8), _style(row)),
        right(f"  {said}" if said else "", side, "$text-muted") if side else "",
    )


def _style(row: PlanRow) -> str:
    if row.kind is RowKind.REFUSED:
        return "$error"
    if row.kind is RowKind.BLOCKED:
        return "$warning"
    if row.kind is not RowKind.STEP:
        return "$text-muted"
    if row.progress is not None:
        waits = row.progress.state in (StepState.WAITING, StepState.SKIPPED)
        return "$text-muted" if waits else ""
    return "$text-muted" if row.step is not None and row.step.effect is Effect.NOTHING else ""


class PlanTable(VerticalScroll):
    """The rows of a plan, one of them chosen; before anybody chooses, it goes with what goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("pagedown", "move(8)", "further down", show=False),
        Binding("pageup", "move(-8)", "further up", show=False),
        Binding("home", "move(-9999)", "first", show=False),
        Binding("end,G", "move(9999)", "last", show=False),
    ]

    text = query_one("#plan-rows", Fitted)

    class Chosen(Message):
        """Another row is under the cursor."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__()
        self._colour = colour
        self._rows: tuple[PlanRow, ...] = ()
        self._cursor = 0
        self._moved = False
        self._now: datetime | None = None

    @property
    def chosen(self) -> PlanRow | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        yield Fitted(id="plan-rows", markup=False)

    def follow(self) -> None:
        """Go with what goes on from now on, until somebody chooses a row."""
        self._moved = False

    def show(self, rows: tuple[PlanRow, ...], now: datetime) -> None:
        """Show these; what somebody chose stays chosen as long as it is there."""
        before = self.chosen
        self._rows, self._now = rows, now
        keys = [each.key for each in rows]
        wanted = _most_wanted(rows)
        if self._moved and before is not None and before.key in keys:
            wanted = keys.index(before.key)
        self._cursor = wanted
        self._paint()
        self.call_after_refresh(self._keep_in_sight)

    def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out anew."""
        self._paint()
        self.call_after_refresh(self._keep_in_sight)

    def action_move(self, by: int) -> None:
        """Go to another row."""
        wanted = max(0, min(self._cursor + by, len(self._rows) - 1))
        if wanted != self._cursor:
            self._cursor, self._moved = wanted, True
            self._paint()
            self._keep_in_sight()
            self.post_message(self.Chosen())

    def _keep_in_sight(self) -> None:
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)

    def _paint(self) -> None:
        width = self.scrollable_content_region.width
        if self._now is None or width <= 0:
            return
        shown = table_rows(self._rows, self._cursor, self._now, width, colour=self._colour)
        self.text.update(Content("\n").join(shown))


def _most_wanted(rows: tuple[PlanRow, ...]) -> int:
    """Return the place of what goes on or failed; else of the first row that changes anything."""
    states = (StepState.RUNNING, StepState.FAILED, StepState.STOPPED)
    for place, row in enumerate(rows):
        if row.progress is not None and row.progress.state in states:
            return place
    if any(row.progress is not None for row in rows):
        return max((n for n, row in enumerate(rows) if row.progress is not None), default=0)
    for place, row in enumerate(rows):
        if row.kind is not RowKind.STEP or (row.step is not None and row.step.acts):
            return place
    return 0
