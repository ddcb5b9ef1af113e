"""A push: what would be sent, replaced and skipped; then, once agreed to, how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from console.model.models.push_offer import PushOffer
from console.model.models.snapshot import Job, Work
from console.sources.base import SourceError
from console.store import Store, Topic
from console.terminal.sanitise import sanitise
from console.widgets.models.push_words import job_rows, offer_rows


class ModelKeeper(Protocol):
    """What carries out wishes about model files."""

    def wanted(self) -> None:
        """Look at the files, because somebody comes to see them."""
        ...

    def look_at(self, directory: str) -> None:
        """Look into another directory from now on."""
        ...

    async def offer(self, say: Callable[[str], None]) -> PushOffer:
        """Return what a push would do; `say` hears what is looked at. Raises `SourceError`."""
        ...

    def push(self, offer: PushOffer) -> None:
        """Carry out what was offered last."""
        ...

    def verify(self) -> None:
        """Compare the files here with those in the bucket; raises `SourceError`."""
        ...

    def stop(self) -> bool:
        """Stop what is done; says whether anything was."""
        ...


class PushScreen(ModalScreen[None]):
    """Asks, pushes when `y` says so, and tells how far that is; leaving it stops nothing.

    While a push goes on it begins with how far that is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "begin", "yes", show=False),
        Binding("s", "stop", "stop", show=False),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("escape,n,q,enter", "dismiss", "back", show=False),
    ]

    text = query_one("#push-text", Static)
    panel = query_one("#push", VerticalScroll)

    def __init__(self, keeper: ModelKeeper, store: Store) -> None:
        super().__init__()
        self._keeper = keeper
        self._store = store
        self._offer: PushOffer | None = None
        self._begun: PushOffer | None = None
        self._said = Content.styled("looking …", "$text-muted")
        self._following = self._going_on
        self._unsubscribe: Callable[[], None] = lambda: None

    @property
    def _job(self) -> Job | None:
        job = self._store.models.job
        return job if job is not None and job.work is Work.PUSH else None

    @property
    def _going_on(self) -> bool:
        return self._job is not None and self._job.running

    def compose(self) -> ComposeResult:
        """Lay out one panel."""
        with VerticalScroll(classes="panel", id="push"):
            yield Static(id="push-text", markup=False)

    def on_mount(self) -> None:
        """Show how far a push is, or find out what one would do."""
        self.panel.border_title = "Push the models into the bucket"
        self._unsubscribe = self._store.subscribe(self._heard)
        if not self._following:
            self._ask()
        self._paint()

    def on_unmount(self) -> None:
        """Hear of nothing more."""
        self._unsubscribe()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the rows out for the new width."""
        self._paint()

    def action_begin(self) -> None:
        """Push, once."""
        if self._offer is not None and not self._offer.refused and self._offer.plan.sent:
            self._begun, self._offer = self._offer, None
            self._following = True
            self._said = Content.styled("beginning …", "$text-muted")
            self._keeper.push(self._begun)
            self._paint()

    def action_stop(self) -> None:
        """Stop what goes on; the next push goes on with it."""
        if self._following:
            self._keeper.stop()

    def action_scroll(self, by: int) -> None:
        """Scroll by a row."""
        self.panel.scroll_relative(y=by, animate=False)

    @work(group="offer", exclusive=True, exit_on_error=False)
    async def _ask(self) -> None:
        def say(line: str) -> None:
            self._said = Content.styled(f"{sanitise(line)} …", "$text-muted")
            self._paint()

        try:
            self._offer = await self._keeper.offer(say)
        except (SourceError, OSError) as error:
            self._said = Content.styled(
                f"✗ nothing can be pushed: {sanitise(str(error))}", "$error"
            )
        self._paint()

    def _heard(self, topic: Topic) -> None:
        if topic is Topic.MODELS and self._following:
            self._paint()

    def _paint(self) -> None:
        width = self.text.content_size.width
        if width <= 0:
            self.call_after_refresh(self._lay_out)
            return
        self._lay_out()

    def _lay_out(self) -> None:
        width, job = max(self.text.content_size.width, 20), self._job
        if self._following and job is not None and self._begun in (None, job.offer):
            rows = job_rows(job, width)
        elif self._offer is not None:
            rows = offer_rows(self._offer, width)
        else:
            rows = [self._said]
        self.text.update(Content("\n").join(rows))
        self.panel.border_subtitle = self._keys()

    def _keys(self) -> str:
        if self._following and self._going_on:
            return "s stops it, esc leaves it running"
        if self._offer is not None and not self._offer.refused and self._offer.plan.sent:
            return "y pushes, esc goes back"
        return "esc goes back"
