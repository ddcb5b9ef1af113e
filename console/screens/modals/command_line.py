"""The command line: a row to write in at the foot of the screen, and above it what fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from console.commands.words import Command, UnknownCommand, Wish, begun, commands, offers, wish
from console.language import tr
from console.terminal.sanitise import sanitise
from console.widgets.laid_text import Fitted
from console.widgets.line_input import LineInput
from console.widgets.prompt import PromptHistory, PromptInput

if TYPE_CHECKING:
    from console.app import ConsoleApp
    from console.commands.history import CommandHistory
    from console.screens.base import ConsoleScreen

_GAP = 2


class CommandInput(PromptInput):
    """The row itself: tab completes, up and down go through the commands of before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "screen.complete", "complete", show=False),
        Binding("right", "right_or_complete", "complete", show=False),
        Binding("backspace", "delete_or_leave", "delete", show=False),
    ]

    async def action_submit(self) -> None:
        """Carry out what is written."""
        await LineInput.action_submit(self)

    async def action_right_or_complete(self) -> None:
        """Go right; at the end, take what is offered."""
        if self.cursor_at_end and self.value:
            await self.screen.run_action("complete")
        else:
            self.action_cursor_right()

    def action_delete_or_leave(self) -> None:
        """Delete a character; where there is none, leave."""
        if self.value:
            self.action_delete_left()
        else:
            self.screen.dismiss()


class CommandLine(ModalScreen[None]):
    """Takes a line, and leaves when it has been carried out."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "back", show=False)]

    line = query_one("#command", CommandInput)
    said = query_one("#said", Fitted)
    offered = query_one("#offers", Fitted)

    def __init__(self, app: ConsoleApp, behind: ConsoleScreen, history: CommandHistory) -> None:
        super().__init__()
        self._of = app
        self._history = history
        self._said_of = ""
        contexts = [choice.context for choice in app.switch.choices()]
        self._known = commands(behind.SCOPE, contexts)
        self._places = PromptHistory()
        for each in history.commands:
            self._places.add(each)
        self._places.typed("")

    def compose(self) -> ComposeResult:
        """Lay out what fits above the row."""
        with Vertical(classes="panel", id="command-line") as panel:
            panel.border_title = Content(tr("Command"))
            panel.border_subtitle = Content(
                tr("tab completes, ↑ ↓ go through those before, esc goes back")
            )
            yield Fitted(id="offers", markup=False)
            yield Fitted(id="said", markup=False)
            with Horizontal(classes="row"):
                yield Label(":", classes="mark")
                yield CommandInput(self._places, placeholder="", id="command")

    def on_mount(self) -> None:
        """Begin to write."""
        self._say("")
        self.line.focus()
        self.call_after_refresh(self._offer)

    def on_resize(self) -> None:
        """Lay the offers out for the new width."""
        self.call_after_refresh(self._offer)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer what fits, and forget what was wrong."""
        event.stop()
        if event.value != self._said_of:
            self._say("")
        self._offer()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Carry the line out; one that means nothing stays, with the nearest command beside it."""
        event.stop()
        line = event.value.strip()
        if not line:
            self.dismiss()
            return
        try:
            meant = self._meant(line)
            if meant is None:
                return
            self._of.frame.words.check(meant)
        except ValueError as error:
            self._say(str(error))
            return
        self._history.add(line, private=self._of.frame.words.private(meant))
        self.dismiss()
        self._of.call_later(self._of.frame.words.carry_out, meant)

    def action_complete(self) -> None:
        """Write the first of what is offered."""
        if found := offers(self.line.value, self._known):
            line, command = found[0]
            more = command.takes and line == command.name
            self.line.show(f"{line} " if more else line)

    def _meant(self, line: str) -> Wish | None:
        """Return what a line means; None where it was only written out, to be looked at."""
        try:
            return wish(line, self._known)
        except UnknownCommand:
            command = begun(line, self._known)
            if command is None:
                raise
            if command.gated:
                self.line.show(command.name)
                self._say(tr("enter carries {command} out", command=command.label))
                return None
            return Wish(command)

    def _say(self, problem: str) -> None:
        """Say what is wrong with what is written now; nothing is."""
        self._said_of = self.line.value
        self.said.display = bool(problem)
        self.said.update(Content(sanitise(problem)))

    def _offer(self) -> None:
        found = offers(self.line.value, self._known)
        self.offered.display = bool(found)
        width = max(1, self.offered.container_size.width - 1)
        names = max((cell_len(line) for line, _ in found), default=0) + _GAP
        labels = max((cell_len(each.label) for _, each in found), default=0) + _GAP
        rows = [_row(line, each, names, labels, width) for line, each in found]
        self.offered.update(Content("\n").join(rows))


def _row(line: str, command: Command, names: int, labels: int, width: int) -> Content:
    shown = Content.styled(line, "bold $primary").truncate(names, pad=True)
    label = Content(command.label).truncate(labels, pad=True)
    about = Content.styled(command.about, "$text-muted")
    return Content.assemble(shown, label, about).truncate(width, ellipsis=True)
