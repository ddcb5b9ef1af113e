"""What the frame of every screen does: command line, palette, help, zoom, and the last errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.command import CommandPalette

from console.commands.carrying import Words
from console.language import tr
from console.looks.theme import after
from console.model.text import SafeText
from console.model.troubles import Troubles
from console.screens.base import ConsoleScreen
from console.screens.modals.help import HelpScreen
from console.store import Topic

if TYPE_CHECKING:
    from console.app import ConsoleApp
    from console.commands.history import CommandHistory


class Frame:
    """The actions that every screen has besides its own, and what went wrong so far."""

    def __init__(self, app: ConsoleApp, history: CommandHistory | None = None) -> None:
        self._app = app
        self._history = history
        self.troubles = Troubles()
        self.words = Words(app)

    @property
    def history(self) -> CommandHistory:
        """The commands of before; they last as long as the console where no file keeps them."""
        if self._history is None:
            from console.commands.history import CommandHistory

            self._history = CommandHistory(None)
        return self._history

    def said(self, text: SafeText, *, error: bool) -> None:
        """Keep what was said in passing of something that went wrong."""
        screen = self._app.screen_stack[0] if self._app.is_running else None
        source = screen.shown_by.label if isinstance(screen, ConsoleScreen) else ""
        self.troubles.said(text, source, self._app.surroundings.clock(), error=error)

    def heard(self, topics: Iterable[Topic]) -> None:
        """Keep what went wrong with what changed in the store."""
        from console.troubled_parts import troubled_parts

        now = self._app.surroundings.clock()
        self.troubles.look(troubled_parts(self._app.store, topics), now)

    def do_help(self) -> None:
        """Show what the keys do here."""
        screen = self._app.screen
        if isinstance(screen, ConsoleScreen):
            self._app.push_screen(HelpScreen(screen.SCOPE))

    def do_palette(self) -> None:
        """Find a command by name."""
        from console.commands.palette import Palette

        if not isinstance(self._app.screen, CommandPalette):
            self._app.push_screen(Palette())

    def do_command(self) -> None:
        """Carry out what is written."""
        from console.screens.modals.command_line import CommandLine

        screen = self._app.screen
        if isinstance(screen, ConsoleScreen):
            self._app.push_screen(CommandLine(self._app, screen, self.history))

    def do_zoom(self) -> None:
        """Show one pane alone, or all again."""
        screen = self._app.screen
        if isinstance(screen, ConsoleScreen):
            screen.zoom()

    def do_theme(self) -> None:
        """Take the next theme, where there is more than the terminal's own colours."""
        following = after(self._app.theme)
        if following is None:
            self._app.flash(tr("there are only the terminal's own colours here"))
        else:
            self._app.theme = following.name

    def do_equivalent(self) -> None:
        """Show the commands that do by hand what is on screen."""
        from console.screens.equivalents_here import equivalents_of
        from console.screens.modals.by_hand import ByHandScreen

        screen = self._app.screen
        if isinstance(screen, ConsoleScreen):
            found = equivalents_of(screen)
            self._app.push_screen(ByHandScreen(found, screen.surroundings))

    def do_errors(self) -> None:
        """Show what went wrong lately."""
        from console.screens.modals.errors import ErrorsScreen

        around = self._app.surroundings
        self._app.push_screen(ErrorsScreen(self.troubles.newest_first, around))
