"""A text to be read and copied, over the screen that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen

from console.language import tr
from console.screens.copying import copy_text
from console.terminal.sanitise import sanitise
from console.widgets.laid_text import Laid

_NUMBERS = "123456789"


class CopyableScreen(ModalScreen[None]):
    """Shows what `lay` returns for a width; `text` is copied, or one of the `pieces` by its number.

    `what` is what the whole text is called.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "back", show=False),
        Binding("j", "scroll('down')", "down", show=False),
        Binding("k", "scroll('up')", "up", show=False),
        Binding("y", "copy(0)", "copy", show=False),
        *(Binding(key, f"copy({key})", "copy", show=False) for key in _NUMBERS),
    ]

    panel = query_one("#copyable", VerticalScroll)

    def __init__(
        self,
        title: str,
        lay: Callable[[int], Content],
        text: str,
        what: str,
        *,
        pieces: Sequence[str] = (),
        multiplexer: str = "",
    ) -> None:
        super().__init__()
        self._title = title
        self._lay = lay
        self._text = text
        self._what = what
        self._pieces = tuple(pieces[: len(_NUMBERS)])
        self._multiplexer = multiplexer

    def compose(self) -> ComposeResult:
        """Lay out one panel."""
        with VerticalScroll(classes="panel", id="copyable") as panel:
            panel.border_title = Content(self._title)
            panel.border_subtitle = Content(self._keys())
            yield Laid(id="copyable-text")

    def on_mount(self) -> None:
        """Show the text."""
        self.query_one(Laid).show(self._lay)
        self.panel.focus()

    def action_copy(self, number: int) -> None:
        """Copy all, or one piece of it, the first of which is 1."""
        if number > len(self._pieces) or not self._text:
            return
        text = self._pieces[number - 1] if number else self._text
        what = tr("command {number}", number=number) if number else self._what
        self.app.notify(sanitise(copy_text(self.app, text, what, self._multiplexer)), markup=False)

    def action_scroll(self, where: str) -> None:
        """Scroll by a row."""
        if where == "down":
            self.panel.scroll_down(animate=False)
        else:
            self.panel.scroll_up(animate=False)

    def _keys(self) -> str:
        if not self._text:
            return tr("esc goes back")
        if len(self._pieces) < 2:
            return tr("y copies, esc goes back")
        return tr("1 to {last} copy one, y copies all, esc goes back", last=len(self._pieces))
