"""Chooses what to look after: a known context, or project, region and service one by one.

Every question is a list that is narrowed by typing. A name that is not in the list can be typed,
since listing may be denied to somebody who may well look at the service.
"""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.worker import Worker, WorkerState

from console.language import tr
from console.model.choosing import matches
from console.screens.modals.picker_steps import Found, Step
from console.terminal.sanitise import sanitise
from console.widgets.choices import ChoiceList
from console.widgets.line_input import LineInput


class ContextPicker(ModalScreen[str | None]):
    """Returns the name of a context, or None when it was left with esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", show=False),
        Binding("up", "move('cursor_up')", "up", show=False, priority=True),
        Binding("down", "move('cursor_down')", "down", show=False, priority=True),
        Binding("pageup", "move('page_up')", "page up", show=False, priority=True),
        Binding("pagedown", "move('page_down')", "page down", show=False, priority=True),
        Binding("ctrl+r", "look", "ask again", show=False, priority=True),
    ]

    asked = query_one(LineInput)
    choices = query_one(ChoiceList)
    said = query_one("#said", Static)

    def __init__(self, first: Step) -> None:
        super().__init__()
        self._steps = [first]
        self._found = Found()

    @property
    def _step(self) -> Step:
        return self._steps[-1]

    def compose(self) -> ComposeResult:
        """Lay out a line to type into, the list, and a line for what went wrong."""
        with Vertical(classes="panel picker") as panel:
            panel.border_subtitle = Content(tr("enter chooses, esc goes back"))
            yield LineInput(compact=True)
            yield ChoiceList()
            yield Static(id="said", markup=False)

    def on_mount(self) -> None:
        """Ask the first question."""
        self.asked.focus()
        self._ask()

    def _ask(self) -> None:
        step = self._step
        self.query_one(".picker").border_title = Content(step.title)
        self.asked.placeholder = step.hint
        with self.prevent(Input.Changed):
            self.asked.value = ""
        self.action_look()

    def action_look(self) -> None:
        """Ask what there is to choose from, or ask again."""
        step = self._step
        if step.known is not None:
            self._show(step.known)
            self.said.update(_said(step.known))
            return
        self._show(Found())
        self.said.update(Content.styled(step.asking, "$text-muted"))
        self._look(step)

    @work(exclusive=True, group="look", exit_on_error=False)
    async def _look(self, step: Step) -> None:
        found = await step.look()
        if step is self._step:
            self._show(found)
            self.said.update(_said(found))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in an unforeseen way; names can still be typed."""
        if event.state is WorkerState.ERROR:
            self.said.update(_said(Found(trouble=sanitise(str(event.worker.error)))))

    def _show(self, found: Found) -> None:
        self._found = found
        self.choices.show(matches(found.rows, self.asked.value, self._step.can_be))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        event.stop()
        self._show(self._found)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Choose what is highlighted."""
        event.stop()
        self._choose(self.choices.chosen)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the row that was clicked."""
        event.stop()
        self._choose(self.choices.chosen)

    def _choose(self, name: str | None) -> None:
        if name is None:
            if self.asked.value.strip():
                refused = tr(
                    "{name!r} cannot be a name here; {hint}",
                    name=self.asked.value.strip(),
                    hint=self._step.hint,
                )
                self.said.update(Content.styled(refused, "$warning"))
            return
        after = self._step.after(name)
        if isinstance(after, str):
            self.dismiss(after)
            return
        self._steps.append(after)
        self._ask()

    def action_move(self, how: str) -> None:
        """Move the highlight, with the cursor still in the line."""
        getattr(self.choices, f"action_{how}")()

    def action_back(self) -> None:
        """Go back to the question before; leave from the first."""
        if len(self._steps) == 1:
            self.dismiss(None)
            return
        self._steps.pop()
        self._ask()


def _said(found: Found) -> Content:
    if found.trouble is None:
        return Content("")
    said = tr("▲ {trouble} (type a name, or ctrl+r asks again)", trouble=found.trouble)
    return Content.styled(said, "$warning")
