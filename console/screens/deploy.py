"""Deploy: what there is, a plan of what is to be, and how far it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.timer import Timer

from console.actions import Action, Scope
from console.language import tr
from console.model.contexts import LOCAL
from console.model.deploy.snapshot import DeploySnapshot
from console.model.deploy.step import Plan
from console.model.service import ServiceSnapshot, TrafficShare
from console.model.text import SafeText
from console.screens.base import ConsoleScreen, Surroundings
from console.screens.bindings import bindings
from console.screens.copying import copy_text
from console.screens.deploy_keeper import DeployKeeper
from console.screens.deploy_wishes import DeployWishes
from console.screens.modals.apply import ApplyScreen
from console.screens.modals.detail import DetailScreen
from console.sources.base import SourceError
from console.store import Topic
from console.terminal.sanitise import sanitise
from console.widgets.deploy.deploy_head import NOTHING_HERE, head_rows
from console.widgets.deploy.guide_text import guide_text
from console.widgets.deploy.plan_rows import application_of, legend, plan_rows
from console.widgets.deploy.plan_table import PlanTable
from console.widgets.deploy.plan_text import plan_commands, row_commands
from console.widgets.deploy.revision_rows import revision_lines
from console.widgets.deploy.row_detail import RowDetail, detail_rows, detail_title
from console.widgets.laid_text import Laid
from console.widgets.models.rows import wrapped

_SECOND = 1.0
_DETAIL_WIDTH = 94


class DeployScreen(ConsoleScreen):
    """The screen of the deployment."""

    CSS_PATH = "deploy.tcss"
    ACTION: ClassVar[str] = "app.deploy"
    SCOPE: ClassVar[Scope | None] = Scope.DEPLOY
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DEPLOY)]

    head = query_one("#deploy-head", Laid)
    served = query_one("#deploy-served", VerticalScroll)
    revisions = query_one("#deploy-revisions", Laid)
    table = query_one(PlanTable)
    detail = query_one(RowDetail)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._plan: Plan | None = None
        self._seconds: Timer | None = None
        self._serving: tuple[SafeText | None, tuple[TrafficShare, ...]] | None = None

    def body(self) -> ComposeResult:
        """Lay out the head, the revisions until there is a plan, and the plan and a row of it."""
        yield Laid(id="deploy-head")
        with VerticalScroll(id="deploy-served"):
            yield Laid(id="deploy-revisions")
        with Container(id="deploy-below"):
            yield PlanTable(colour=self.surroundings.colour)
            yield RowDetail()

    def on_mount(self) -> None:
        """Begin in the plan; seconds are counted only while something goes on."""
        self.head.border_title = tr("Deployment")
        self.served.border_title = tr("Revisions")
        self._seconds = self.set_interval(_SECOND, self._count, pause=True)
        self.set_focus(self.table)

    @property
    def known(self) -> DeploySnapshot:
        """What is known of the deployment."""
        return self.store.deploy

    def appeared(self) -> None:
        """Say what is remembered, since somebody comes to see it."""
        if self.surroundings.deployer is not None:
            self.surroundings.deployer.wanted()

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed."""
        if not topics & {Topic.DEPLOY, Topic.SERVICE}:
            return
        now = self.surroundings.clock()
        self._say_head(now)
        self._look_again()
        self._show_revisions(now)
        if Topic.DEPLOY in topics:
            self._show_plan(now)
            self._show_keys()
            self._count_seconds()

    def show_age(self, service: ServiceSnapshot, now: datetime) -> None:
        """Say how long ago it was."""
        self._say_head(now)
        self._show_revisions(now)

    def on_plan_table_chosen(self) -> None:
        """Another row is under the cursor."""
        self._show_row(self.surroundings.clock())

    def own_actions(self) -> tuple[Action, ...]:
        """Return what can be done now, most useful first."""
        useful = self._useful()
        own = {each.id: each for each in super().own_actions()}
        return tuple(own[f"deploy.{name}"] for name in useful if f"deploy.{name}" in own)

    def do_plan(self) -> None:
        """Let a deployment be described, and plan it."""
        self._ask(lambda wishes: wishes.deploy(), tr("asking for the choices …"))

    def do_rollback(self) -> None:
        """Let a revision be chosen, and plan to send all requests to it."""
        now = self.surroundings.clock()
        self._ask(lambda wishes: wishes.roll_back(now), tr("asking for the revisions …"))

    def do_traffic(self) -> None:
        """Let a split be written, and plan it."""
        self._ask(lambda wishes: wishes.split(), tr("asking for the revisions …"))

    def do_scale(self) -> None:
        """Let it be said how many instances are held, and plan it."""
        facts = self.store.service.facts
        if (wishes := self._wishes()) is not None:
            wishes.scale(None if facts is None else facts.manual_instances)

    def do_destroy(self) -> None:
        """Let it be said how much is to go, and plan it."""
        if (wishes := self._wishes()) is not None:
            wishes.destroy()

    def do_guide(self) -> None:
        """Say in what the plan is not as the deployment guide has it."""
        plan = self.known.plan
        if plan is None or plan.wish is None or plan.service is None:
            self._say(tr("there is no plan of a deployment to compare with the guide; n makes one"))
            return
        text = guide_text(plan, self._modal_width)
        self.app.push_screen(DetailScreen(tr("Not as in the guide"), text))

    def do_apply(self) -> None:
        """Show extent and price, ask, and carry the plan out."""
        keeper, plan = self._able(), self.known.plan
        if keeper is None:
            return
        if (why := self._not_now(plan)) is not None or plan is None:
            self._say(why or "", "warning")
            return

        def answered(yes: bool | None) -> None:
            if yes and self.known.plan is plan:
                self._wish(lambda: keeper.apply(plan))

        self.app.push_screen(ApplyScreen(plan), answered)

    def do_stop(self) -> None:
        """Stop looking, or stop after what is done now."""
        keeper = self.surroundings.deployer
        if keeper is None or not keeper.stop():
            self._say(tr("nothing goes on that could be stopped"))
        elif self.known.running:
            self._say(tr("it stops after what is being done now; o goes on then"))

    def do_enough(self) -> None:
        """Stop looking, and nothing else."""
        if self.surroundings.deployer is not None and self.known.looking is not None:
            self.surroundings.deployer.stop()

    def do_again(self) -> None:
        """Look again at what is left of the plan."""
        if (keeper := self._able()) is not None:
            self._wish(keeper.again)

    def do_drift(self) -> None:
        """Plan what was deployed last once more."""
        if (keeper := self._able()) is not None:
            self._wish(keeper.drift)

    def do_details(self) -> None:
        """Show all that there is to say of the row under the cursor."""
        row, plan = self.table.chosen, self.known.plan
        if row is not None and plan is not None:
            application, now = application_of(self.known), self.surroundings.clock()
            size = self._modal_width, self.size.height
            rows = detail_rows(row, plan, application, now, *size)
            self.app.push_screen(DetailScreen(detail_title(row), Content("\n").join(rows)))

    def do_copy(self) -> None:
        """Copy the commands of the row under the cursor."""
        if (row := self.table.chosen) is not None:
            self._copy(row_commands(row), tr("the commands"))

    def do_copy_all(self) -> None:
        """Copy the commands of the whole plan."""
        if self.known.plan is not None:
            self._copy(plan_commands(self.known.plan), tr("all commands of the plan"))

    def _useful(self) -> tuple[str, ...]:
        """Return the names of what can be done, most useful first."""
        known, application = self.known, application_of(self.known)
        if self.surroundings.deployer is None:
            return ()
        if known.running or known.looking is not None:
            return ("stop", "details")
        moves = ("plan", "rollback", "traffic", "scale", "destroy")
        drift = ("drift",) if known.applied is not None else ()
        if known.drift is not None and known.drift is not known.plan and known.drift.acting:
            moves, drift = (*drift, *moves), ()
        if application is not None and not application.done:
            return ("again", "details", *moves)
        if application is None and known.plan is not None and known.plan.acting:
            first = () if known.plan.hindrances else ("apply",)
            return (*first, "details", *moves)
        return (*(("again",) if known.unfinished else ()), *moves, *drift)

    def _not_now(self, plan: Plan | None) -> str | None:
        """Say why a plan cannot be carried out now; None if it can."""
        known = self.known
        if known.running:
            return tr("a plan is carried out already; s stops it")
        if known.looking is not None:
            return tr("it is still being looked; s stops it")
        if plan is None:
            return tr("nothing is planned; n plans a deployment")
        if plan.hindrances:
            return tr(
                "{words}; {mend}", words=plan.hindrances[0].words, mend=plan.hindrances[0].mend
            )
        if not plan.acting:
            return tr("there is nothing to do")
        if application_of(known) is not None:
            return tr("it was carried out already; o looks what is left of it")
        return None

    @property
    def _modal_width(self) -> int:
        return min(_DETAIL_WIDTH, self.size.width * 9 // 10 - 6)

    def _wishes(self) -> DeployWishes | None:
        """Return what asks a person, unless something goes on that has to end before."""
        keeper = self._able()
        if keeper is not None and self.known.running:
            self._say(tr("a plan is carried out; wait for it, or stop it with s"), "warning")
            return None
        return None if keeper is None else DeployWishes(self.app, keeper, self._wish)

    def _ask(self, ask: Callable[[DeployWishes], Awaitable[None]], said: str) -> None:
        if (wishes := self._wishes()) is not None:
            self.head.border_subtitle = Content(said)
            self._answered(partial(ask, wishes))

    @work(group="wishes", exclusive=True, exit_on_error=False)
    async def _answered(self, ask: Callable[[], Awaitable[None]]) -> None:
        try:
            await ask()
        except (SourceError, ValueError) as error:
            self._say(str(error), "warning")
        finally:
            self.head.border_subtitle = ""

    def _able(self) -> DeployKeeper | None:
        keeper = self.surroundings.deployer
        if keeper is None:
            here = self.surroundings.context == LOCAL
            self._say(tr(NOTHING_HERE) if here else tr("nothing can be deployed from this screen"))
        return keeper

    def _wish(self, wish: Callable[[], None]) -> None:
        """Wish for something, and say it if that cannot be."""
        try:
            wish()
        except (SourceError, ValueError) as error:
            self._say(str(error), "warning")

    def _count(self) -> None:
        """Let seconds go by on screen."""
        if self.is_current:
            now = self.surroundings.clock()
            self._say_head(now)
            self._show_plan(now)

    def _count_seconds(self) -> None:
        if self._seconds is None:
            return
        if self.known.running:
            self._seconds.resume()
        else:
            self._seconds.pause()

    def _show_plan(self, now: datetime) -> None:
        known, plan = self.known, self.known.plan
        if plan is not self._plan:
            self._plan = plan
            self.table.follow()
        self.table.border_title = Content(tr("Plan") if plan is None else sanitise(plan.title))
        self.table.border_subtitle = Content(legend(known))
        self.table.show(plan_rows(known), now)
        self._show_row(now)
        self.set_class(plan is None, "-unplanned")

    def _look_again(self) -> None:
        """See the revisions again once requests go to others, whoever did that."""
        facts = self.store.service.facts
        serving = None if facts is None else (facts.latest_ready_revision, facts.traffic)
        before, self._serving = self._serving, serving
        if before is not None and serving not in (None, before) and self.is_current:
            self.appeared()

    def _show_revisions(self, now: datetime) -> None:
        seen = self.known.seen
        shown = self.known.plan is None and seen is not None and bool(seen.revisions)
        self.set_class(shown, "-served")
        if shown and seen is not None:
            self.revisions.show(lambda width: Content("\n").join(revision_lines(seen, now, width)))

    def _show_row(self, now: datetime) -> None:
        known = self.known
        self.detail.show(self.table.chosen, known.plan, application_of(known), now)

    def _say_head(self, now: datetime) -> None:
        known, service = self.known, self.store.service
        if self.surroundings.deployer is None and self.surroundings.context == LOCAL:
            self.head.show(lambda width: Content("\n").join(wrapped(tr(NOTHING_HERE), width)))
            return
        plans = self.surroundings.deployer is not None
        self.head.show(
            lambda width: Content("\n").join(head_rows(known, service, now, width, plans=plans))
        )

    def _copy(self, text: str, what: str) -> None:
        self._say(copy_text(self.app, text, what, self.surroundings.multiplexer))

    def _say(self, text: str, severity: str = "information") -> None:
        if severity == "warning":
            self.app.notify(sanitise(text), markup=False, severity="warning")
        else:
            self.app.notify(sanitise(text), markup=False)
