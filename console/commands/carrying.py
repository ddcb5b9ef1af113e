"""What a command of the command line does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.screen import Screen

from console.actions import Action, Scope
from console.commands.words import Wish
from console.language import use
from console.model.log.query import Query
from console.modes import MODES

if TYPE_CHECKING:
    from console.app import ConsoleApp

_BLANK: Final = "blank"
_SCREENS: Final = {
    Scope.COLD_STARTS: "coldstarts",
    Scope.LOGS: "logs",
    Scope.COST: "cost",
    Scope.GENERATE: "generate",
    Scope.MODELS: "models",
    Scope.DEPLOY: "deploy",
}
"""The screen on which the actions of a scope work."""


class Words:
    """Carries out what was written, by way of the one gate for actions."""

    def __init__(self, app: ConsoleApp) -> None:
        self._app = app

    def check(self, wish: Wish) -> None:
        """Raise `ValueError`, with one line, for a wish that cannot be fulfilled."""
        if _id(wish) == "app.logs":
            Query.parse(wish.rest).compiled(self._app.surroundings.clock())

    def private(self, wish: Wish) -> bool:
        """Say whether a wish is nothing to be written to a file."""
        return _id(wish) == "app.generate" and bool(wish.rest)

    async def carry_out(self, wish: Wish) -> None:
        """Do what was wished for."""
        if wish.command.action is None:
            await self._speak(wish.rest)
        elif not wish.rest:
            await self._perform(wish.command.action)
        elif _id(wish) == "app.context":
            self._app.switch.chosen(wish.rest)
        else:
            await self._perform(wish.command.action)
            self._write(wish)

    async def _perform(self, wanted: Action) -> None:
        screen = self._app.screen
        if wanted.scope is not Scope.GLOBAL and wanted.scope is not getattr(screen, "SCOPE", None):
            await self._app.show_screen(_SCREENS[wanted.scope])
        await self._app.action_perform(wanted.id)

    def _write(self, wish: Wish) -> None:
        """Write what stands behind the command where its screen has room for that."""
        if _id(wish) == "app.logs":
            from console.screens.logs import LogsScreen
            from console.widgets.logs.log_find_bar import LogFindBar, Purpose

            if isinstance(self._app.screen, LogsScreen):
                written = LogFindBar.Written(Purpose.FILTER, wish.rest, final=True)
                self._app.screen.on_log_find_bar_written(written)
        elif _id(wish) == "app.generate":
            from console.screens.generate import GenerateScreen

            if isinstance(self._app.screen, GenerateScreen):
                self._app.screen.form.prompt.show(wish.rest)

    async def _speak(self, language: str) -> None:
        """Speak another language: every screen is made anew."""
        app = self._app
        mode = app.current_mode
        use(language)
        app.add_mode(_BLANK, Screen)
        await app.switch_mode(_BLANK)
        for each in MODES:
            await app.remove_mode(each)
        app.add_screens()
        await app.show_screen(mode)
        await app.remove_mode(_BLANK)


def _id(wish: Wish) -> str:
    return "" if wish.command.action is None else wish.command.action.id
