"""The full-screen console: screens as modes, one gate for actions, signals, and the session.

The session, and with it the engine, begins after the first frame is on screen, so nothing is
waited for before.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import PurePath
from typing import Any, ClassVar, Protocol

from textual.app import App, ScreenStackError
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from console.actions import Scope, action, refusal
from console.commands import ActionCommands
from console.config import LOCAL, Config
from console.screens.base import ConsoleScreen, Operator, Surroundings
from console.screens.bindings import bindings
from console.screens.modals.help import HelpScreen
from console.screens.overview import OverviewScreen
from console.store import Store, Topic
from console.terminal.capabilities import detect
from console.terminal.sanitise import sanitise
from console.theme import NAME, PLAIN, ZIMAGE, theme_name

REPAINT_INTERVAL = 0.1
_SECOND_PRESS = 1.5
_EVEN_OVER_MODALS = ("app.quit", "app.interrupt", "app.repaint", "app.suspend")
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class SessionLike(Operator, Protocol):
    """What keeps the store true; `console.sync.Session` is one."""

    async def run(self) -> None:
        """Keep the store true until cancelled."""

    async def close(self) -> None:
        """End what was started."""


class ConsoleApp(App[int]):
    """The application; `open_session` is called once, after the first frame."""

    TITLE = "zimage-console"
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = [
        "app.tcss",
        "screens/overview.tcss",
        "screens/generate.tcss",
        "screens/modals/modals.tcss",
        "widgets/log_view.tcss",
        "widgets/gallery.tcss",
    ]
    DEFAULT_MODE = "overview"
    COMMANDS: ClassVar[set[Any]] = {ActionCommands}
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.GLOBAL)]

    def __init__(
        self,
        surroundings: Surroundings,
        open_session: Callable[[Store], SessionLike] | None = None,
        *,
        theme: str = NAME,
        repaint_interval: float = REPAINT_INTERVAL,
    ) -> None:
        # Under NO_COLOR Textual picks its filter here, before it can know the theme.
        super().__init__(ansi_color=True if theme == PLAIN else None)
        self.surroundings = surroundings
        self.store = surroundings.store
        self._open_session = open_session
        self._session: SessionLike | None = None
        self._session_task: asyncio.Task[None] | None = None
        self._repaint_interval = repaint_interval
        self._changed: set[Topic] = set()
        self._repaint_due = False
        self._painted_at = 0.0
        self._interrupted_at: float | None = None
        self.register_theme(ZIMAGE)
        self.theme = theme
        self.add_mode("overview", partial(OverviewScreen, surroundings))
        self.add_mode("logs", self._logs_screen)
        self.add_mode("generate", self._generate_screen)

    def _logs_screen(self) -> Screen[None]:
        from console.screens.logs import LogsScreen

        return LogsScreen(self.surroundings)

    def _generate_screen(self) -> Screen[None]:
        from console.screens.generate import GenerateScreen

        return GenerateScreen(self.surroundings)

    def on_mount(self) -> None:
        """Listen to the store and to signals; everything else waits for the first frame."""
        self.store.subscribe(self._store_changed)
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, partial(self.exit, 128 + number))
        self.call_after_refresh(self._begin_session)

    def _begin_session(self) -> None:
        if self._open_session is None or self._session is not None:
            return
        self._session = self._open_session(self.store)
        self.surroundings.operator = self._session
        self._session_task = asyncio.create_task(self._session.run(), name="session")
        self._session_task.add_done_callback(self._session_ended)

    def _session_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and self.is_running:
            self.flash(f"the console lost its engine: {error}; quit and start again", "error")

    async def end_session(self) -> None:
        """End the session and what it started; safe to call twice."""
        task, self._session_task = self._session_task, None
        if task is None or self._session is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self._session.close()

    def flash(self, text: str, severity: str = "information") -> None:
        """Say one line about what the person just did; never parsed as markup."""
        level: Any = severity
        self.notify(sanitise(text), severity=level, markup=False)

    def _store_changed(self, topic: Topic) -> None:
        self._changed.add(topic)
        if self._repaint_due or not self.is_running:
            return
        self._repaint_due = True
        wait = self._painted_at + self._repaint_interval - self.surroundings.monotonic()
        if wait > 0:
            self.set_timer(wait, self._repaint)
        else:
            self.call_later(self._repaint)

    def _repaint(self) -> None:
        self._repaint_due = False
        self._painted_at = self.surroundings.monotonic()
        topics, self._changed = frozenset(self._changed), set()
        try:
            stack = tuple(self.screen_stack)
        except ScreenStackError:
            return
        for screen in stack:
            if isinstance(screen, ConsoleScreen):
                screen.store_changed(topics)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys to the modal that is open, and characters to the input that has the focus."""
        if action not in ("press", "perform"):
            return super().check_action(action, parameters)
        if self.screen.is_modal:
            return action == "perform" and parameters[0] in _EVEN_OVER_MODALS
        return action == "perform" or not isinstance(self.focused, Input)

    async def action_press(self, identifier: str) -> None:
        """Carry out an action because of a key that would write a character elsewhere."""
        await self.action_perform(identifier)

    async def action_perform(self, identifier: str) -> None:
        """Carry out an action of the table, unless it is refused: the one gate for all of them."""
        asked = action(identifier)
        reason = refusal(asked, read_only=self.surroundings.read_only)
        if reason is not None:
            self.flash(reason, "warning")
            return
        owner = self if asked.scope is Scope.GLOBAL else self.screen
        carry_out = getattr(owner, f"do_{identifier.rpartition('.')[2]}", None)
        if carry_out is not None and (rest := carry_out()) is not None:
            await rest

    async def do_overview(self) -> None:
        """Show the overview."""
        await self._show_screen("overview")

    async def do_logs(self) -> None:
        """Show the log."""
        await self._show_screen("logs")

    async def do_generate(self) -> None:
        """Show the screen on which pictures are made."""
        await self._show_screen("generate")

    async def do_prompt(self) -> None:
        """Put the cursor into the prompt, on the screen that has one."""
        focus = getattr(self.screen, "focus_prompt", None)
        if focus is None:
            await self._show_screen("generate")
        else:
            focus()

    async def _show_screen(self, mode: str) -> None:
        # Waited for, so that what is typed right after the key arrives at the new screen.
        await self.switch_mode(mode)
        if isinstance(self.screen, ConsoleScreen):
            self.screen.appeared()

    def do_restart(self) -> None:
        """End the engine and start it again."""
        operator = self.surroundings.operator
        if operator is not None:
            self._in_background(operator.restart(), "restart")

    def do_help(self) -> None:
        """Show what the keys do here."""
        screen = self.screen
        if isinstance(screen, ConsoleScreen):
            self.push_screen(HelpScreen(screen.SCOPE))

    def do_palette(self) -> None:
        """Find a command by name."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette())

    def do_repaint(self) -> None:
        """Draw the screen anew, after something else wrote over it."""
        self.refresh(repaint=True, layout=True)

    def do_suspend(self) -> None:
        """Go back to the shell until `fg`."""
        self.action_suspend_process()

    def do_interrupt(self) -> None:
        """Cancel the run; without one, quit on the second press."""
        operator = self.surroundings.operator
        if operator is not None and operator.cancel():
            self.flash("cancelled")
            return
        now = self.surroundings.monotonic()
        if self._interrupted_at is not None and now - self._interrupted_at <= _SECOND_PRESS:
            self.exit(0)
            return
        self._interrupted_at = now
        self.flash("press ctrl+c again to quit")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background; it never ends the console."""
        if event.state is WorkerState.ERROR:
            self.flash(f"{event.worker.group}: {event.worker.error}", "error")

    def do_quit(self) -> None:
        """Leave."""
        self.exit(0)

    def _in_background(self, work: Coroutine[Any, Any, None], group: str) -> None:
        self.run_worker(work, group=group, exclusive=True, exit_on_error=False)


def run(config: Config) -> int:
    """Run the console until it is left; returns the exit code."""
    import time

    capabilities = detect(os.environ, config.images)
    theme = theme_name(capabilities, os.environ.get("TERM", ""))
    surroundings = Surroundings(
        Store(),
        time.monotonic,
        pictures=capabilities.pictures,
        colour=theme == NAME and capabilities.unicode,
        read_only=config.read_only,
        restarts=config.context == LOCAL,
    )

    def open_session(store: Store) -> SessionLike:
        from console import contexts

        return contexts.open_session(store, config)

    app = ConsoleApp(surroundings, open_session, theme=theme)
    if capabilities.remote:
        app.animation_level = "none"
    return asyncio.run(_until_left(app))


async def _until_left(app: ConsoleApp) -> int:
    try:
        result = await app.run_async()
    finally:
        await app.end_session()
    return result if result is not None else app.return_code or 0
