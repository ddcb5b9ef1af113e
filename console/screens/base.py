"""What every screen of the console has: status, tabs, its own body, and the keys."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static

from console.actions import Action, Scope, action, in_scope, spelled
from console.language import tr
from console.model.contexts import LOCAL
from console.model.images import MadePicture, Run, Target
from console.model.service import ServiceSnapshot, ServiceState
from console.screens.bindings import hints, with_present_keys
from console.screens.panes import pane_of
from console.store import Store, Topic
from console.terminal.capabilities import Pictures
from console.widgets.freshness import ages, freshness_note
from console.widgets.key_bar import KeyBar, KeyHint
from console.widgets.picture import PictureView
from console.widgets.prompt import PromptHistory
from console.widgets.service_badge import badge
from console.widgets.status_line import StatusLine
from console.widgets.tabs import ScreenTabs
from engine.schema import GenerationRequest

if TYPE_CHECKING:
    from console.model.cost.estimate import FreeTier
    from console.model.doctor.finding import Finding
    from console.model.starts.measurement import Measured, MeasurePlan
    from console.screens.deploy_keeper import DeployKeeper
    from console.screens.model_keeper import ModelKeeper

SCREENS = (
    "app.overview",
    "app.coldstarts",
    "app.logs",
    "app.cost",
    "app.generate",
    "app.models",
    "app.deploy",
)
"""The screens in the order of their tabs, by the ids of the actions that show them."""

EVERYTHING = frozenset(Topic)
_AGEING_INTERVAL = 1.0
_LOOKING_INTERVAL = 60.0


def _draw_seed() -> int:
    return random.randrange(2**31)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Operator(Protocol):
    """What carries out a screen's wishes; `console.session.engine_session.Session` is one."""

    def submit(self, request: GenerationRequest, to: Target | None = None) -> Run:
        """Take a request, by default for what is looked after; raises `InvalidRequest`."""

    def cancel(self) -> bool:
        """Cancel the running or else the last waiting run."""

    async def restart(self) -> None:
        """End the engine and start a new one."""

    def refresh(self) -> None:
        """Ask everything now that is asked again and again."""

    def pause(self) -> bool:
        """Ask nothing more until this is called again; returns whether it is paused now."""

    def measure_plan(self) -> MeasurePlan:
        """Return what measuring a cold start would do and cost."""

    async def measure_start(self, say: Callable[[str], None]) -> Measured:
        """Measure a cold start, saying what is being done; raises `SourceError`."""

    async def older_starts(self) -> bool:
        """Put older cold starts into the store, as many again; says whether there were any."""

    def reckon(self, free: FreeTier) -> None:
        """Reckon costs with so much of the free tier from now on."""

    @property
    def models(self) -> ModelKeeper:
        """What carries out wishes about model files."""

    async def save(self, picture: MadePicture, path: Path | None = None) -> Path:
        """Save a copy and return where; raises `OSError`."""


Examine = Callable[[str, Callable[["Finding"], None]], Awaitable[object]]
"""Examines a context by its name, and tells of each thing as soon as it is known."""


@dataclass(slots=True)
class Surroundings:
    """What every screen is given.

    `pictures` says how pictures are drawn, `colour` whether in colour. `monotonic`
    is a clock in seconds for durations, `clock` gives the time of day, `draw_seed` a seed where two
    engines are to make the same picture. `operator` is absent until
    the first frame is on screen. `live` says whether there is a world that can be asked and
    changed, which there is not where a recording is replayed.
    `context` is what is looked after, empty until somebody said what.
    `restarts` says whether the engine is one that the console can end and start again,
    `multiplexer` what lies between console and terminal: `tmux`, `screen` or nothing.
    `examine` is the doctor, absent where nobody is to be asked. `deployer` takes wishes about the
    deployment; it is absent until somebody comes to see it, and where nothing can be deployed to.
    `pictures_directory` has the pictures of earlier sessions, where those may be looked at.
    """

    store: Store
    monotonic: Callable[[], float]
    context: str = LOCAL
    pictures: Pictures = Pictures.HALF
    colour: bool = True
    read_only: bool = False
    live: bool = True
    restarts: bool = True
    operator: Operator | None = None
    clock: Callable[[], datetime] = _utc_now
    multiplexer: str = ""
    examine: Examine | None = None
    deployer: DeployKeeper | None = None
    draw_seed: Callable[[], int] = _draw_seed
    pictures_directory: Path | None = None
    prompts: PromptHistory = field(default_factory=PromptHistory)


class ConsoleScreen(Screen[None]):
    """A screen with the console's frame; a subclass fills `body` and paints in `show`."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual declares it so)
        (0, "-sliver"),
        (60, "-narrow"),
        (80, "-normal"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 (Textual declares it so)
        (0, "-flat"),
        (16, "-low"),
        (24, "-medium"),
        (32, "-high"),
    ]
    AUTO_FOCUS: ClassVar[str | None] = ""
    ALLOW_IN_MAXIMIZED_VIEW: ClassVar[str | None] = "KeyBar"
    ACTION: ClassVar[str]
    SCOPE: ClassVar[Scope | None] = None

    status = query_one(StatusLine)
    keys = query_one(KeyBar)
    tabs = query_one(ScreenTabs)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._bindings = with_present_keys(self._bindings)
        self.surroundings = surroundings
        self.store = surroundings.store
        self._painted_service: ServiceSnapshot | None = None
        self._ageing: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the frame around the body."""
        self._take_size_classes()
        tabs = hints((action(name) for name in SCREENS), typing=False)
        yield StatusLine()
        yield ScreenTabs(tabs, SCREENS.index(self.ACTION))
        with Container(id="body"):
            yield from self.body()
        yield KeyBar()
        yield Static(id="too-small", markup=False)

    def _take_size_classes(self) -> None:
        """Be laid out for the terminal's size at once.

        Textual gives a screen these classes when it resizes it, after it has laid it out.
        """
        across, down = self.app.size
        for length, breakpoints in (
            (across, self.HORIZONTAL_BREAKPOINTS),
            (down, self.VERTICAL_BREAKPOINTS),
        ):
            self.add_class(*[name for least, name in breakpoints if length >= least][-1:])

    @property
    def service(self) -> ServiceSnapshot:
        """What is known about the service, without what changes at every question and is not shown.

        Otherwise each answer of an idle service would be painted again. How old it is matters
        only while there is no answer.
        """
        service = self.store.service
        service = replace(service, fresh=service.fresh.without_times)
        silent = service.state is ServiceState.UNREACHABLE
        return service if silent else replace(service, fetched_at=None)

    def engine_of(self, run: Run | None) -> ServiceSnapshot:
        """What makes a run: the service, or the engine on this machine beside it."""
        here = run is not None and run.target is Target.LOCAL
        if here and self.surroundings.context != LOCAL:
            return self.store.beside or ServiceSnapshot()
        return self.service

    def body(self) -> ComposeResult:
        """Lay out what the screen is about."""
        raise NotImplementedError

    def picture_view(self) -> PictureView:
        """Return a new view of pictures, as this terminal can show them."""
        around = self.surroundings
        return PictureView(
            colour=around.colour, how=around.pictures, multiplexer=around.multiplexer
        )

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed; called with every topic when the screen appears."""
        raise NotImplementedError

    def store_changed(self, topics: frozenset[Topic]) -> None:
        """Take in changes of the store."""
        if not self.is_mounted:
            return
        if Topic.SERVICE in topics and self.service == self._painted_service:
            topics -= {Topic.SERVICE}
        self._paint(topics)

    def _paint(self, topics: frozenset[Topic]) -> None:
        if Topic.SERVICE in topics:
            self._painted_service = self.service
            self.status.service = self.service
            self._show_age()
            self.query_one("#too-small", Static).update(self._too_small())
        elif Topic.DEPLOY in topics:
            self._say_note()
        if topics:
            self.show(topics)

    def show_age(self, service: ServiceSnapshot, now: datetime) -> None:
        """Paint what changes with time alone, such as the age of what is shown."""

    def _show_age(self) -> None:
        """Say how old things are; a timer goes on with that only while anything is old."""
        service, now = self.store.service, self.surroundings.clock()
        self._say_note()
        self.show_age(service, now)
        if self._ageing is None:
            self._ageing = self.set_interval(_AGEING_INTERVAL, self._grow_old, pause=True)
            if not self.surroundings.restarts:
                self.set_interval(_LOOKING_INTERVAL, self._grow_old)
        if ages(service):
            self._ageing.resume()
        else:
            self._ageing.pause()

    def _say_note(self) -> None:
        """Say beside the tabs what goes on, then how old things are."""
        aged = freshness_note(self.store.service, self.surroundings.clock())
        parts = (self._deploying(), aged)
        self.tabs.note = " · ".join(part for part in parts if part)

    def _deploying(self) -> str:
        if not self.store.told(Topic.DEPLOY):
            return ""
        from console.widgets.deploy.deploying_note import deploying_note

        return deploying_note(self.store.deploy)

    def _grow_old(self) -> None:
        if self.is_current:
            self._show_age()

    def on_screen_resume(self) -> None:
        """Catch up with what changed while another screen was shown."""
        self._paint(EVERYTHING)
        self._show_keys()

    def appeared(self) -> None:
        """Put the focus where what is typed next belongs; by default keep it."""

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Other keys work while a person types; what has the focus is never out of sight."""
        if self.maximized is not None and self.maximized not in event.widget.ancestors_with_self:
            self.minimize()
        self._show_keys()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Other keys work while a person types."""
        self._show_keys()

    def on_screen_tabs_chosen(self, event: ScreenTabs.Chosen) -> None:
        """Go to the screen whose tab was clicked."""
        self.app.call_later(self.app.run_action, f"app.perform('{SCREENS[event.place]}')")

    def zoom(self) -> None:
        """Show the pane with the focus, or else the main one, alone; or all panes again."""
        if self.maximized is not None:
            self.minimize()
        elif (pane := pane_of(self, self.ACTION)) is not None:
            self.maximized = pane
            self._show_keys()

    def minimize(self) -> None:
        """Show all panes again."""
        super().minimize()
        self._show_keys()

    @property
    def shown_by(self) -> Action:
        """The action that shows this screen."""
        return action(self.ACTION)

    def perform(self, identifier: str) -> None:
        """Carry an action out by way of the application's gate."""
        self.app.call_later(self.app.run_action, f"app.perform('{identifier}')")

    @property
    def typing(self) -> bool:
        """Whether keys write into an input now."""
        return isinstance(self.focused, Input)

    def own_actions(self) -> tuple[Action, ...]:
        """Return the actions of this screen that the key bar shows now, most useful first."""
        own = in_scope(self.SCOPE) if self.SCOPE is not None else ()
        return tuple(known for known in own if known.footer)

    def _show_keys(self) -> None:
        leave = action("app.quit")
        shown = [known for known in in_scope(Scope.GLOBAL) if known.footer and known != leave]
        if not self.surroundings.restarts:
            shown = [known for known in shown if known.id != "app.restart"]
        if not self.typing:
            shown = [known for known in shown if known.id not in SCREENS]
        zoomed: tuple[KeyHint, ...] = ()
        if self.maximized is not None:
            zoomed = (KeyHint(spelled(action("app.zoom").keys[0]), tr("All panes")),)
        found = hints((*self.own_actions(), *shown), typing=self.typing)
        self.keys.hints = (*zoomed, *found)
        self.keys.last = hints([leave], typing=self.typing)[0]

    def _too_small(self) -> Content:
        return Content.assemble(
            badge(self.service), tr("  enlarge the terminal, or use: zimage-console status")
        )
