"""The command palette: the table of actions and the contexts, found by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from rich.align import Align
from rich.text import Text
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.widgets import Input
from textual.widgets.option_list import Option

from console.actions import Action, Scope, in_scope
from console.language import tr
from console.model.contexts import ContextChoice
from console.screens.base import ConsoleScreen

if TYPE_CHECKING:
    from console.app import ConsoleApp


class Palette(CommandPalette):
    """Textual's palette, in the language that is spoken."""

    def __init__(self) -> None:
        super().__init__(placeholder=tr("Search for commands…"))

    def on_mount(self) -> None:
        """Let the cursor stand still, so that nothing is written while nothing happens."""
        self.query_one(Input).cursor_blink = False

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """Say that nothing was found as Textual does, in the language that is spoken."""
        super()._start_no_matches_countdown(search_value)
        if search_value:
            self._stop_no_matches_countdown()
            self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, self._say_none)

    def _say_none(self) -> None:
        said = Align.center(Text(tr("No matches found"), style="not bold"))
        option = Option(said, disabled=True, id=self._NO_MATCHES)
        self.query_one(CommandList).add_option(option)
        self._list_visible = True


class ContextCommands(Provider):
    """Offers the contexts to go to, each by a command of its own."""

    def _choices(self) -> tuple[ContextChoice, ...]:
        present = self._console.surroundings.context
        return tuple(one for one in self._console.switch.choices() if one.context != present)

    @property
    def _console(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    async def discover(self) -> Hits:
        """Offer everything before a word is typed."""
        for choice in self._choices():
            yield DiscoveryHit(
                Text(_going_to(choice)), self._go(choice), _going_to(choice), choice.about
            )

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for choice in self._choices():
            title = _going_to(choice)
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), self._go(choice), help=choice.about)

    def _go(self, choice: ContextChoice) -> Callable[[], None]:
        return partial(self._console.switch.chosen, choice.context)


def _going_to(choice: ContextChoice) -> str:
    return tr("Context: {context}", context=choice.context)


class ActionCommands(Provider):
    """Offers the actions that work on the present screen, and those that work everywhere."""

    def _actions(self) -> tuple[Action, ...]:
        screen = self.screen
        scope = screen.SCOPE if isinstance(screen, ConsoleScreen) else None
        own = () if scope is None else in_scope(scope)
        known = (*own, *in_scope(Scope.GLOBAL))
        return tuple(one for one in known if one.id != "app.palette")

    async def discover(self) -> Hits:
        """Offer everything before a word is typed."""
        for known in self._actions():
            yield DiscoveryHit(
                Text(_title(known)), self._perform(known), _title(known), tr(known.tooltip)
            )

    async def search(self, query: str) -> Hits:
        """Offer what matches; an action is found by its label in English too."""
        matcher = self.matcher(query)
        for known in self._actions():
            title = _title(known)
            score = max(matcher.match(title), matcher.match(known.label))
            if score > 0:
                shown, about = matcher.highlight(title), tr(known.tooltip)
                yield Hit(score, shown, self._perform(known), help=about)

    def _perform(self, known: Action) -> Callable[[], Awaitable[bool]]:
        return partial(self.app.run_action, f"app.perform('{known.id}')")


def _title(known: Action) -> str:
    return f"{tr(known.label)}  ({known.key_text})"
