"""The full-screen console: screens as modes, one gate for actions, signals, and the session.

The session, and with it the engine, begins after the first frame is on screen, so nothing is
waited for before. Another context means another store, other screens and another session.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, ScreenStackError
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.notifications import Notify, SeverityLevel
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from console.actions import Scope, action, refusal, spelled
from console.commands.palette import ActionCommands, ContextCommands
from console.contexts.leaving import Leaving
from console.contexts.session_life import SessionLife, SessionLike
from console.contexts.switching import ContextSwitch, Places
from console.frame import Frame
from console.language import tr
from console.looks.style_sheets import PANELS, OnceParsed
from console.looks.theme import ANSI, DARK, THEMES
from console.modes import OpenDeployer, modes
from console.screens.base import SCREENS, ConsoleScreen, Surroundings
from console.screens.bindings import bindings, with_present_keys
from console.store import Store, Topic
from console.terminal.driver import SparingDriver, sparing
from console.terminal.painting import PAINTED_ONLY
from console.terminal.sanitise import sanitise
from console.widgets.passing_note import PassingNote

if TYPE_CHECKING:
    from console.commands.history import CommandHistory

REPAINT_INTERVAL = 0.1
_SECOND_PRESS = 1.5
_EVEN_OVER_MODALS = ("app.quit", "app.interrupt", "app.repaint", "app.suspend")
_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


class ConsoleApp(App[int]):
    """The application; `open_session` is called once, after the first frame.

    `places` are where else it can go. Surroundings without a context make it ask for one first.
    `open_deployer` is called when somebody comes to see the deployment of a context. `commands` are
    those of the command line before.
    """

    TITLE = "zimage-console"
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = [
        "app.tcss",
        "frame.tcss",
        "widgets/logs/log_lines.tcss",
    ]
    DEFAULT_MODE = "overview"
    COMMANDS: ClassVar[set[Any]] = {ActionCommands, ContextCommands}
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.GLOBAL)]

    def __init__(
        self,
        surroundings: Surroundings,
        open_session: Callable[[Store], SessionLike] | None = None,
        *,
        places: Places | None = None,
        open_deployer: OpenDeployer | None = None,
        theme: str = DARK.name,
        filters: Sequence[LineFilter] = (),
        repaint_interval: float = REPAINT_INTERVAL,
        commands: CommandHistory | None = None,
    ) -> None:
        # Under NO_COLOR Textual picks its filter here, before it can know the theme.
        super().__init__(ansi_color=True if theme == ANSI.name else None)
        self._bindings = with_present_keys(self._bindings)
        self.surroundings = surroundings
        self._open_session = open_session
        self._open_deployer = open_deployer
        self.life = SessionLife(self._session_broke_down)
        self.leaving = Leaving(self)
        self.switch = ContextSwitch(self, places)
        self.frame = Frame(self, commands)
        self._unsubscribe: Callable[[], None] = lambda: None
        self._repaint_interval = repaint_interval
        self._changed: set[Topic] = set()
        self._repaint_due = False
        self._painted_at = 0.0
        self._interrupted_at: float | None = None
        self._ended_by_signal = False
        self._terminal_filters = filters
        for each in THEMES:
            self.register_theme(each)
        self.theme = theme
        sheets, self.stylesheet = self.stylesheet, OnceParsed(variables=self.get_css_variables())
        self.stylesheet.source = sheets.source
        self.add_screens()

    @property
    def store(self) -> Store:
        """What is known of the present context."""
        return self.surroundings.store

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every painted line goes through, at last what lets nothing be obeyed."""
        return (*super().get_line_filters(), PAINTED_ONLY, *self._terminal_filters)

    def _load_screen_css(self, screen: Screen[Any]) -> None:
        """Read what a screen looks like, when the first of its kind is shown."""
        if not isinstance(screen, ConsoleScreen) and PANELS not in screen.css_path:
            screen.css_path.append(PANELS)
        super()._load_screen_css(screen)

    def add_screens(self) -> None:
        """Let there be the screens of the present context; each is made when it is first shown."""
        for mode, make in modes(self.surroundings, self._open_deployer).items():
            self.add_mode(mode, make)

    def get_driver_class(self) -> type[Driver]:
        """Write to the terminal only what changes there."""
        return sparing(super().get_driver_class())

    def on_mount(self) -> None:
        """Listen to the store and to signals; everything else waits for the first frame."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._ended_by, number)
        self.app_resume_signal.subscribe(self, lambda _: self.do_repaint())
        self.listen()
        if self._open_session is not None and self.surroundings.context:
            self.call_after_refresh(self.begin_session, self._open_session)

    def _ended_by(self, number: signal.Signals) -> None:
        """Leave because of a signal; of several the first one decides."""
        if not self._ended_by_signal:
            self._ended_by_signal = True
            self.exit(128 + number)

    def listen(self) -> None:
        """Hear of what changes in the store of the present context, and of no other."""
        self._unsubscribe()
        self._unsubscribe = self.store.subscribe(self._store_changed)

    def begin_session(self, open_session: Callable[[Store], SessionLike]) -> None:
        """Begin to look after the present context."""
        if self.life.session is not None:
            return
        session = open_session(self.store)
        self.surroundings.operator = session
        self.life.begin(session)

    def _session_broke_down(self, error: BaseException) -> None:
        if self.is_running:
            said = tr("the console lost its engine: {error}; quit and start again", error=error)
            self.flash(said, "error")

    async def end_session(self) -> None:
        """End the session and what it started, and what deploys; safe to call twice."""
        deployer = self.surroundings.deployer
        if deployer is not None:
            await deployer.close()
        await self.life.end()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a line for a while, wherever the person is by then."""
        if severity != "information":
            self.frame.said(sanitise(message), error=severity == "error")
        seconds = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        self.post_message(Notify(PassingNote(message, title, severity, seconds, markup=markup)))

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
        self.frame.heard(topics)
        for screen in stack:
            if isinstance(screen, ConsoleScreen):
                screen.store_changed(topics)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys to the modal that is open, and characters to the input that has the focus."""
        if action not in ("press", "perform"):
            return super().check_action(action, parameters)
        if self.screen.is_modal or not isinstance(self.screen, ConsoleScreen):
            return action == "perform" and parameters[0] in _EVEN_OVER_MODALS
        return action == "perform" or not isinstance(self.focused, Input)

    async def action_press(self, identifier: str) -> None:
        """Carry out an action because of a key that would write a character elsewhere."""
        await self.action_perform(identifier)

    async def action_perform(self, identifier: str) -> None:
        """Carry out an action of the table, unless it is refused: the one gate for all of them."""
        asked = action(identifier)
        around = self.surroundings
        reason = refusal(asked, read_only=around.read_only, live=around.live)
        if reason is not None:
            self.flash(reason, "warning")
            return
        name = identifier.rpartition(".")[2]
        if identifier in SCREENS:
            await self.show_screen(name)
            return
        owners = (self, self.frame) if asked.scope is Scope.GLOBAL else (self.screen,)
        found = (getattr(owner, f"do_{name}", None) for owner in owners)
        carry_out = next((one for one in found if one is not None), None)
        if carry_out is not None and (rest := carry_out()) is not None:
            await rest

    async def do_prompt(self) -> None:
        """Put the cursor into the prompt, on the screen that has one."""
        focus = getattr(self.screen, "focus_prompt", None)
        if focus is None:
            await self.show_screen("generate")
        else:
            focus()

    async def show_screen(self, mode: str) -> None:
        """Show a screen, with the focus where what is typed next belongs."""
        # Waited for, so that what is typed right after the key arrives at the new screen.
        await self.switch_mode(mode)
        if isinstance(self.screen, ConsoleScreen):
            self.screen.appeared()

    async def do_context(self) -> None:
        """Choose what to look after."""
        await self.switch.ask()

    def do_doctor(self) -> None:
        """Examine the present context, and say what mends what is wrong."""
        if self.surroundings.examine is None:
            said = tr("there is nobody to examine this; use: zimage-console doctor")
            self.flash(said, "warning")
            return
        from console.screens.modals.doctor import DoctorScreen

        self.push_screen(DoctorScreen(self.surroundings, self.surroundings.examine))

    def do_restart(self) -> None:
        """End the engine and start it again."""
        operator = self.surroundings.operator
        if operator is not None:
            self.in_background(operator.restart(), "restart")

    def do_refresh(self) -> None:
        """Ask everything now that is asked again and again."""
        operator = self.surroundings.operator
        if operator is not None:
            operator.refresh()
        if self.surroundings.restarts:
            self.flash(tr("looking at the model files; the engine tells of every change by itself"))
        elif operator is not None:
            self.flash(tr("asking now"))

    def do_pause(self) -> None:
        """Ask nothing more, or go on asking; the log is followed all the same."""
        operator = self.surroundings.operator
        if self.surroundings.restarts:
            self.flash(tr("an engine on this machine is not polled"))
        elif operator is not None and operator.pause():
            key = spelled(action("app.pause").keys[0])
            self.flash(tr("polling paused; {key} goes on", key=key))
        elif operator is not None:
            self.flash(tr("polling goes on"))

    def on_resize(self) -> None:
        """Paint all anew: what a terminal makes of its content meanwhile is not known."""
        if isinstance(self._driver, SparingDriver):
            self._driver.forget()

    def do_repaint(self) -> None:
        """Draw the screen anew, after something else wrote over it."""
        self.on_resize()
        self.refresh(repaint=True, layout=True)

    def do_suspend(self) -> None:
        """Go back to the shell until `fg`."""
        self.action_suspend_process()

    def do_interrupt(self) -> None:
        """Cancel the run; without one, quit on the second press."""
        operator = self.surroundings.operator
        if operator is not None and operator.cancel():
            self.flash(tr("cancelled"))
            return
        now = self.surroundings.monotonic()
        if self._interrupted_at is not None and now - self._interrupted_at <= _SECOND_PRESS:
            self.exit(0)
            return
        self._interrupted_at = now
        self.flash(self.leaving.hint())

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong in the background; it never ends the console."""
        if event.state is WorkerState.ERROR:
            self.flash(f"{event.worker.group}: {event.worker.error}", "error")

    def do_quit(self) -> None:
        """Leave; asks while files are on their way."""
        self.leaving.quit()

    def in_background(
        self, work: Coroutine[Any, Any, None], group: str, *, exclusive: bool = True
    ) -> None:
        """Carry `work` out, in place of what is under way if `exclusive`; a failure is said."""
        self.run_worker(work, group=group, exclusive=exclusive, exit_on_error=False)
