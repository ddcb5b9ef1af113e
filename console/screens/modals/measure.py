"""Measuring a cold start: what it would do and cost, then what is done, then what was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, Protocol

from rich.cells import cell_len, set_cell_size
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen

from console.language import tr, tr_later
from console.model.expectation import in_seconds
from console.model.starts.measurement import Measured, MeasurePlan
from console.sources.base import SourceError
from console.terminal.sanitise import sanitise
from console.widgets.laid_text import Fitted


class StartMeasurer(Protocol):
    """A session that can wake its service on purpose and time that."""

    def measure_plan(self) -> MeasurePlan:
        """Return what measuring would do now, and what it would cost."""
        ...

    async def measure_start(self, say: Callable[[str], None]) -> Measured:
        """Measure a start; `say` hears what is being done. Raises `SourceError`; may be cancelled.

        Nothing is left over when it is cancelled but a request that is on its way.
        """
        ...


_AT_ZERO: Final = {
    True: tr_later("at zero, so it begins at once"),
    False: tr_later("awake, so that it has to go to zero first; that takes up to 15 minutes"),
    None: tr_later("nobody knows whether an instance is awake"),
}


def proposal(plan: MeasurePlan, *, here: bool = False) -> Content:
    """Return what would be done and what it costs, to be agreed to.

    `here` is for an engine on this machine, which is at zero once it was ended.
    """
    expected = plan.expected_seconds
    takes = tr("not known yet")
    if expected is not None:
        takes = tr("about {seconds}", seconds=in_seconds(expected))
    rows = [
        (tr("what"), plan.says),
        (tr("price"), plan.price_words),
        (tr("takes"), takes),
    ]
    if not here:
        rows.append((tr("now"), tr(_AT_ZERO[plan.at_zero])))
    width = max(cell_len(name) for name, _ in rows) + 2
    parts = [
        Content.assemble((set_cell_size(name, width), "$text-muted"), text) for name, text in rows
    ]
    if plan.refused is not None:
        refused = tr("✗ cannot be measured: {why}", why=plan.refused)
        parts += [Content(""), Content.styled(refused, "$error")]
    return Content("\n").join(parts)


def outcome(measured: Measured) -> Content:
    """Return what was seen from outside, and how the inside explains it."""
    first, *others = measured.says or (
        tr("{seconds:.1f} s from outside", seconds=measured.outside),
    )
    lines = [
        Content.styled(f"✓ {first}", "bold $success"),
        *(Content(f"  {one}") for one in others),
    ]
    return Content("\n").join(lines)


class MeasureScreen(ModalScreen[Measured | None]):
    """Asks with the price, measures when `y` says so, and tells how it went.

    Returns what was measured, or None. Leaving while it goes on cancels it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "begin", "yes", show=False),
        Binding("escape,n,q,enter", "leave", "back", show=False),
    ]

    text = query_one("#measure-text", Fitted)
    panel = query_one("#measure", VerticalScroll)

    def __init__(
        self, measurer: StartMeasurer, monotonic: Callable[[], float], *, here: bool = False
    ) -> None:
        super().__init__()
        self._measurer = measurer
        self._monotonic = monotonic
        self._proposal = proposal(plan := measurer.measure_plan(), here=here)
        self._refused = plan.refused is not None
        self._lines: list[Content] = []
        self._measured: Measured | None = None
        self._going_on = False

    def compose(self) -> ComposeResult:
        """Lay out one panel."""
        with VerticalScroll(classes="panel", id="measure"):
            yield Fitted(id="measure-text", markup=False)

    def on_mount(self) -> None:
        """Say what would be done."""
        self.panel.border_title = Content(tr("Measure a cold start now"))
        self.text.update(self._proposal)
        self._say_keys(tr("esc goes back") if self._refused else tr("y measures, esc goes back"))

    def action_begin(self) -> None:
        """Measure, once."""
        if not (self._refused or self._going_on or self._measured is not None):
            self._going_on = True
            self._say_keys(tr("esc stops measuring"))
            self._measure()

    def action_leave(self) -> None:
        """Go back; what is going on is cancelled with this screen."""
        self.dismiss(self._measured)

    @work(group="measure", exclusive=True, exit_on_error=False)
    async def _measure(self) -> None:
        began = self._monotonic()

        def say(line: str) -> None:
            passed = self._monotonic() - began
            self._say(Content.assemble((f"{passed:6.1f} s  ", "$text-muted"), sanitise(line)))

        try:
            self._measured = await self._measurer.measure_start(say)
        except SourceError as error:
            said = tr("✗ not measured: {why}", why=error.message)
            self._say(Content.styled(said, "$error"))
        else:
            self._say(outcome(self._measured))
        self._going_on = False
        self._say_keys(tr("esc goes back"))

    def _say(self, line: Content) -> None:
        self._lines.append(line)
        said = Content("\n").join(self._lines)
        self.text.update(Content("\n\n").join([self._proposal, said]))
        self.panel.scroll_end(animate=False)

    def _say_keys(self, text: str) -> None:
        self.panel.border_subtitle = Content(text)
