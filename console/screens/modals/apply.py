"""What a plan would do and cost, asked before it is carried out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input

from console.language import tr
from console.model.deploy.plan_words import MARKS, MEANINGS, clauses, why_typed, word_to_type
from console.model.deploy.step import Effect, Plan
from console.terminal.sanitise import sanitise
from console.widgets.costs.amounts import left, right
from console.widgets.deploy.deploy_head import costs_words
from console.widgets.deploy.plan_rows import STYLES
from console.widgets.laid_text import Fitted
from console.widgets.line_input import LineInput
from console.widgets.models.rows import labelled, wrapped

_DOING = (Effect.CREATE, Effect.CHANGE, Effect.DELETE)


def extent_rows(plan: Plan, width: int) -> Iterator[Content]:
    """Yield what a plan changes, what is lost by it, what stays, and what it costs."""
    counted = Counter(each.effect for each in plan.acting)
    said = [
        tr("{count} {done}", count=counted[each], done=tr(MEANINGS[each]))
        for each in _DOING
        if counted[each]
    ]
    yield from wrapped(
        tr("{title}: {extent}", title=sanitise(plan.title), extent=clauses(said)),
        width,
        "bold",
    )
    lost = "  " + tr("loses")
    for step in plan.acting:
        cost = f"  {sanitise(step.brief)}" if step.brief else ""
        side = min(cell_len(cost), width // 2)
        yield Content.assemble(
            (f"{MARKS[step.effect]} ", STYLES[step.effect]),
            left(sanitise(step.title), max(width - 2 - side, 1)),
            right(cost, side, "$text-muted") if side else "",
        )
        for words in step.loses:
            yield from labelled(lost, Content.styled(sanitise(words), "$error"), width)
    for words in plan.stays:
        yield from labelled(tr("stays"), sanitise(words), width)
    if costs := costs_words(plan):
        yield from labelled(tr("costs"), costs, width)


class ApplyScreen(ModalScreen[bool]):
    """Returns whether the plan is to be carried out; what it asks for is the plan's own wish.

    A plan that a key does for is answered with `y`; else a word has to be typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "agree", "yes", show=False),
        Binding("n,q", "refuse", "no", show=False),
        Binding("escape", "dismiss(False)", "no", show=False),
        Binding("enter", "refuse", "no", show=False),
        Binding("down,j", "scroll(1)", "down", show=False),
        Binding("up,k", "scroll(-1)", "up", show=False),
    ]

    text = query_one("#extent", Fitted)
    panel = query_one("#apply", VerticalScroll)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._word = word_to_type(plan)
        self._said = ""

    def compose(self) -> ComposeResult:
        """Lay out one panel, with an input where a word has to be typed."""
        with VerticalScroll(classes="panel", id="apply", can_focus=False):
            yield Fitted(id="extent", markup=False)
            if self._word is not None:
                yield LineInput(compact=True, select_on_focus=False, id="word")

    def on_mount(self) -> None:
        """Say how it is answered."""
        self.panel.border_title = tr("Apply the plan?")
        keys = (
            tr("y applies, esc goes back")
            if self._word is None
            else tr("type {word} and enter to apply, esc goes back", word=self._word)
        )
        self.panel.border_subtitle = Content(keys)
        self.call_after_refresh(self._lay_out)
        if self._word is not None:
            self.query_one(Input).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the rows out for the new width."""
        self._lay_out()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Agree, if the word is the right one."""
        event.stop()
        if event.value.strip() == self._word:
            self.dismiss(True)
            return
        self._said = tr("that is not {word}; nothing was changed", word=self._word)
        self._lay_out()

    def action_agree(self) -> None:
        """Agree, where a key does."""
        if self._word is None:
            self.dismiss(True)

    def action_refuse(self) -> None:
        """Go back, where nothing has to be typed."""
        if self._word is None:
            self.dismiss(False)

    def action_scroll(self, by: int) -> None:
        """Read on."""
        self.panel.scroll_relative(y=by, animate=False)

    def _lay_out(self) -> None:
        width = self.text.content_size.width
        if width <= 0:
            return
        rows = list(extent_rows(self._plan, width))
        if self._word is not None:
            why = tr("▲ {why}; type {word} to go on", why=why_typed(self._plan), word=self._word)
            rows += [Content(""), *wrapped(why, width, "$warning")]
        if self._said:
            rows += wrapped(f"✗ {self._said}", width, "$error")
        self.text.update(Content("\n").join(rows))
        if self._word is not None:
            self.call_after_refresh(self.panel.scroll_end, animate=False)
