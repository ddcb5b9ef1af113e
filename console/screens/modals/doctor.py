"""The doctor on screen: findings as they arrive, what is wrong first, and the mends to copy."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from console.language import tr
from console.model.contexts import LOCAL
from console.model.doctor.finding import Finding
from console.model.doctor.progress import Progress
from console.model.doctor.report_text import report_lines
from console.model.freshness import moment
from console.screens.base import Examine, Surroundings
from console.screens.copying import copy_text
from console.terminal.sanitise import sanitise
from console.widgets.doctor.finding_detail import FindingDetail, commands_of
from console.widgets.doctor.finding_list import FindingList
from console.widgets.doctor.finding_rows import entries

_NUMBERS = "123456789"


class DoctorScreen(ModalScreen[None]):
    """Examines the present context, this machine where there is none yet, when it is opened.

    Leaving while things are examined ends that.
    """

    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 (Textual declares it so)
        (0, "-low"),
        (24, "-medium"),
        (32, "-high"),
    ]
    CSS_PATH = "../../widgets/doctor/doctor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,D", "dismiss", "back", show=False),
        Binding("r", "again", "examine again", show=False),
        Binding("y", "copy(1)", "copy the command", show=False),
        Binding("Y", "copy_all", "copy the whole report", show=False),
        *(Binding(key, f"copy({key})", "copy", show=False) for key in _NUMBERS),
        Binding("j", "move('cursor_down')", "down", show=False),
        Binding("k", "move('cursor_up')", "up", show=False),
    ]

    panel = query_one("#doctor", Vertical)
    about = query_one("#about", Static)
    findings = query_one(FindingList)
    detail = query_one(FindingDetail)

    def __init__(self, surroundings: Surroundings, examine: Examine) -> None:
        super().__init__()
        self._surroundings = surroundings
        self._examine = examine
        self._where = surroundings.context or LOCAL
        self._progress = Progress(self._where)
        self._turn = 0

    def compose(self) -> ComposeResult:
        """Lay out what is examined, the list, and the chosen thing in full."""
        with Vertical(classes="panel", id="doctor"):
            yield Static(id="about", markup=False)
            yield FindingList()
            yield FindingDetail()

    def on_mount(self) -> None:
        """Begin."""
        self.findings.focus()
        self.action_again()

    def action_again(self) -> None:
        """Examine everything, in place of what is under way."""
        self._turn += 1
        self._progress = Progress(self._where)
        self._show()
        self._look(self._turn)

    def action_copy(self, number: int) -> None:
        """Copy a command of the chosen thing, the first of which is 1."""
        commands = commands_of(self.findings.chosen)
        if not commands:
            said = tr("there is no command to copy")
        elif number > len(commands):
            said = tr("no command {number}", number=number)
        else:
            one = len(commands) == 1
            what = tr("the command") if one else tr("command {number}", number=number)
            multiplexer = self._surroundings.multiplexer
            said = copy_text(self.app, commands[number - 1], what, multiplexer)
        self.app.notify(said, markup=False)

    def action_copy_all(self) -> None:
        """Copy all that was found as text."""
        text = "\n".join(map(sanitise, report_lines(self._progress)))
        said = copy_text(self.app, text, tr("the whole report"), self._surroundings.multiplexer)
        self.app.notify(said, markup=False)

    def action_move(self, how: str) -> None:
        """Move the cursor."""
        getattr(self.findings, f"action_{how}")()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the chosen thing in full."""
        event.stop()
        self._show_chosen()

    @work(group="doctor", exclusive=True, exit_on_error=False)
    async def _look(self, turn: int) -> None:
        def told(finding: Finding) -> None:
            # What is being ended may still say something.
            if turn == self._turn and self.is_attached:
                self._progress = self._progress.found(finding)
                self._show()

        problem = sanitise("")
        try:
            await self._examine(self._where, told)
        except Exception as error:
            # The doctor is asked when something is wrong already; it must not take the screen away.
            why = str(error) or type(error).__name__
            problem = sanitise(tr("the doctor broke down: {why}", why=why))
        if turn == self._turn and self.is_attached:
            ended = self._surroundings.clock()
            self._progress = self._progress.ending(ended, problem)
            self._show()

    def _show(self) -> None:
        progress = self._progress
        self.panel.border_title = Content(tr("Doctor: {summary}", summary=progress.summary))
        self.about.update(self._about())
        self.findings.show(entries(progress))
        self._show_chosen()

    def _about(self) -> Content:
        context, ended = sanitise(self._where), self._progress.ended
        parts: list[str | tuple[str, str]] = [(context, "bold")]
        if self._progress.problem:
            parts.append((f"  ✗ {self._progress.problem}", "$error"))
        elif ended is None:
            parts.append(("  " + tr("examining …"), "$text-muted"))
        else:
            at = moment(ended, self._surroundings.clock())
            parts.append(("  " + tr("examined at {moment}", moment=at), "$text-muted"))
        return Content.assemble(*parts)

    def _show_chosen(self) -> None:
        chosen = self.findings.chosen
        self.detail.show(chosen)
        self.panel.border_subtitle = Content(_keys(len(commands_of(chosen))))


def _keys(commands: int) -> str:
    match commands:
        case 0:
            return tr("Y copies all, r again, esc goes back")
        case 1:
            return tr("y copies, Y copies all, r again, esc goes back")
        case 2:
            return tr("1 and 2 copy, Y copies all, r again, esc goes back")
        case _:
            return tr("1 to {last} copy, Y copies all, r again, esc goes back", last=commands)
