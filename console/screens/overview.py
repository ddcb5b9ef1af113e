"""Overview: is it up, how did it start, what does it say, and one line to try it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.getters import query_one
from textual.timer import Timer
from textual.widgets import Input, Label

from console.actions import Action, action, spelled
from console.language import tr, tr_many
from console.model.coldstart import StartClock, spans, spans_so_far
from console.model.freshness import note, short_reason
from console.model.images import PREVIEWS, being_made
from console.model.service import ServiceSnapshot, ServiceState
from console.screens.base import ConsoleScreen, Surroundings
from console.screens.bindings import bindings_of
from console.store import Topic
from console.widgets.facts import ServiceFacts
from console.widgets.gallery import RecentPictures
from console.widgets.logs.log_tail import LogTail
from console.widgets.picture import PictureView
from console.widgets.prompt import PromptInput
from console.widgets.rollout_view import RolloutView, rollout_subtitle, rollout_title
from console.widgets.run_line import RunLine
from console.widgets.service_badge import doing
from console.widgets.waterfall import Waterfall
from engine.schema import GenerationRequest, InvalidRequest

_GROWTH_INTERVAL = 0.25
_BROAD = 148
"""Columns from which on the facts of a service in the cloud have room for two of theirs."""

_TALL = 44


class OverviewScreen(ConsoleScreen):
    """The home screen."""

    CSS_PATH = "overview.tcss"
    ACTION: ClassVar[str] = "app.overview"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("generate.cancel")]

    facts = query_one(ServiceFacts)
    waterfall = query_one(Waterfall)
    tail = query_one(LogTail)
    prompt = query_one("#prompt", PromptInput)
    run_line = query_one(RunLine)
    recent = query_one(RecentPictures)
    picture = query_one(PictureView)
    rolling = query_one(RolloutView)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._clock = StartClock()
        self._growth: Timer | None = None
        self._under_facts = Content("")

    def body(self) -> ComposeResult:
        """Lay out facts and start-up above, the log in the middle, the prompt below."""
        with Horizontal(id="top"):
            restarts = self.surroundings.restarts
            restart = spelled(action("app.restart").keys[0]) if restarts else ""
            yield ServiceFacts(restart, cloud=not restarts)
            yield Waterfall()
            yield RolloutView()
        yield LogTail(self.store.logs, id="tail")
        key = spelled(action("app.prompt").keys[0])
        with Horizontal(id="try"):
            with Vertical():
                with Horizontal(classes="row"):
                    yield Label("›", classes="mark")
                    yield PromptInput(
                        self.surroundings.prompts,
                        placeholder=tr("press {key} and describe a picture", key=key),
                        id="prompt",
                    )
                yield RunLine(self.surroundings.monotonic)
                yield RecentPictures()
            yield self.picture_view()

    def on_mount(self) -> None:
        """Title the panels; bars that go on grow by a timer that runs only while one does."""
        self.set_class(not self.surroundings.restarts, "-cloud")
        self.facts.border_title = Content(tr("Service"))
        self.waterfall.border_title = Content(tr("Start-up"))
        self.tail.border_title = Content(tr("Log"))
        self.query_one("#try").border_title = Content(tr("Generate"))
        self._growth = self.set_interval(_GROWTH_INTERVAL, self._show_start, pause=True)

    def on_resize(self, event: Resize) -> None:
        """Take note of a terminal that is larger than what is on the screen needs."""
        self.set_class(event.size.width >= _BROAD, "-broad")
        self.set_class(event.size.height >= _TALL, "-tall")

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed."""
        if Topic.SERVICE in topics:
            self.facts.service = self.service
            self._show_rollout()
            self._show_start()
        if Topic.LOGS in topics:
            self.tail.border_subtitle = Content(_lines(len(self.store.logs)))
            self.tail.refresh()
        if topics & {Topic.RUNS, Topic.SERVICE, Topic.BESIDE}:
            self.run_line.run = self.store.runs[-1] if self.store.runs else None
            self.run_line.service = self.engine_of(self.run_line.run)
        if Topic.COST in topics:
            self._show_under_facts(self.store.service, self.surroundings.clock())
        if Topic.GALLERY in topics:
            self.recent.pictures = self.store.gallery
        if topics & {Topic.RUNS, Topic.GALLERY}:
            self._show_picture()

    def show_age(self, service: ServiceSnapshot, now: datetime) -> None:
        """Say how old the facts are, and how far a roll-out is."""
        self.facts.now = self.rolling.now = now
        self._show_under_facts(service, now)
        trouble = "" if service.log_problem is None else f"  ▲ {_cause(service)}"
        self.tail.border_title = Content(tr("Log") + trouble)
        if service.rollout is not None:
            self.rolling.border_subtitle = Content(rollout_subtitle(service.rollout, now))

    def _show_under_facts(self, service: ServiceSnapshot, now: datetime) -> None:
        """Say how well the service is known; where all is well, what it costs."""
        known = note(service.fresh.service, now) if service.facts is not None else ""
        said = Content(known or self._cost(now))
        if said != self._under_facts:
            self._under_facts = self.facts.border_subtitle = said

    def _cost(self, now: datetime) -> str:
        if not self.store.told(Topic.COST):
            return ""
        from console.widgets.costs.cost_head import cost_brief

        return cost_brief(self.store.cost.report, now)

    def own_actions(self) -> tuple[Action, ...]:
        """While a prompt is written, what can be done with it."""
        return (action("generate.run"), action("generate.cancel")) if self.typing else ()

    def focus_prompt(self) -> None:
        """Go on writing the prompt."""
        self.prompt.show(self.surroundings.prompts.present)
        self.set_focus(self.prompt)

    def do_cancel(self) -> None:
        """Leave the prompt."""
        self.set_focus(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Make a picture."""
        self.perform("generate.run")

    def do_run(self) -> None:
        """Make a picture from the prompt, with everything else as the model prefers."""
        operator = self.surroundings.operator
        if operator is None:
            return
        try:
            operator.submit(GenerationRequest(self.prompt.value, previews=PREVIEWS))
        except InvalidRequest as refused:
            self.run_line.note = Content.styled(f"✗ {refused}", "$error")
            return
        self.run_line.note = Content("")
        self.surroundings.prompts.add(self.prompt.value)
        self.prompt.select_all()

    def _show_picture(self) -> None:
        """Show the preview of the picture that is being made, else the latest one."""
        run, made = being_made(self.store.runs), self.store.gallery
        shown = run.preview if run is not None and run.preview is not None else None
        png = shown.png if shown is not None else made[0].png if made else None
        self.query_one("#try").set_class(png is not None, "-made")
        self.picture.png = png

    def _show_rollout(self) -> None:
        rolling = self.store.service.rollout
        self.rolling.service = self.service
        self.set_class(rolling is not None, "-rollout")
        self.set_class(rolling is not None and rolling.cause is not None, "-broken")
        if rolling is not None:
            self.rolling.border_title = Content(rollout_title(rolling))

    def _show_start(self) -> None:
        service = self.store.service
        starting = service.state is ServiceState.STARTING
        self.set_class(starting, "-starting")
        elapsed = self._clock.elapsed(
            service.pid or service.instance, service.timeline, self.surroundings.monotonic()
        )
        if starting and elapsed is not None:
            self.waterfall.spans = spans_so_far(service.timeline, doing(service), elapsed)
            self.waterfall.now = elapsed
        else:
            self.waterfall.spans = spans(service.timeline)
            self.waterfall.now = None
        self.waterfall.border_subtitle = Content(_ready(service))
        if self._growth is not None:
            if starting:
                self._growth.resume()
            else:
                self._growth.pause()


def _cause(service: ServiceSnapshot) -> str:
    return short_reason(service.fresh.log) or tr("not followed")


def _ready(service: ServiceSnapshot) -> str:
    ready = service.ready_after
    return "" if ready is None else tr("ready after {seconds:.2f} s", seconds=ready)


def _lines(count: int) -> str:
    return tr_many("{count:,} line", "{count:,} lines", count)
