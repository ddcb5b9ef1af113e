"""Files on their way: first what that would do, then, once agreed to, how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.getters import query_one
from textual.screen import ModalScreen

from console.language import tr
from console.model.models.pull_offer import PullOffer
from console.model.models.push_offer import PushOffer
from console.model.models.snapshot import Job, Work
from console.screens.model_keeper import ModelKeeper
from console.store import Store, Topic
from console.terminal.sanitise import sanitise
from console.widgets.laid_text import Fitted
from console.widgets.models.job_words import job_rows

_LEAST_WIDTH = 20


class TransferScreen(ModalScreen[None]):
    """Asks, begins when `y` says so, and tells how far that is; leaving it stops nothing.

    While such a job goes on it begins with how far that is. A subclass says what is offered, and
    its title, which is translated where it is shown.
    """

    TITLE: ClassVar[str] = ""
    WORK: ClassVar[Work]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "begin", "yes", show=False),
        Binding("s", "stop", "stop", show=False),
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("pagedown", "move(10)", "further down", show=False),
        Binding("pageup", "move(-10)", "further up", show=False),
        Binding("home", "move(-9999)", "first", show=False),
        Binding("end,G", "move(9999)", "last", show=False),
        Binding("escape,n,q", "back", "back", show=False),
        Binding("enter", "enter", "on", show=False),
    ]

    text = query_one("#transfer-text", Fitted)
    panel = query_one("#transfer", VerticalScroll)

    def __init__(self, keeper: ModelKeeper, store: Store) -> None:
        super().__init__()
        self.keeper = keeper
        self.said = Content.styled(tr("looking …"), "$text-muted")
        self.begun: PushOffer | PullOffer | None = None
        self._store = store
        self._following = self._going_on
        self._unsubscribe: Callable[[], None] = lambda: None

    @property
    def _job(self) -> Job | None:
        job = self._store.models.job
        return job if job is not None and job.work is self.WORK else None

    @property
    def _going_on(self) -> bool:
        return self._job is not None and self._job.running

    def ask(self) -> None:
        """Find out what is offered."""
        raise NotImplementedError

    def offered_rows(self, width: int) -> tuple[list[Content], int]:
        """Return what is offered, or looked at, and which row has to be in sight."""
        raise NotImplementedError

    def offered_keys(self) -> str:
        """Return which keys do what with the offer."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay out one panel."""
        # Without the focus it leaves the arrows to what is chosen with them.
        with VerticalScroll(classes="panel", id="transfer", can_focus=False):
            yield Fitted(id="transfer-text", markup=False)

    def on_mount(self) -> None:
        """Show how far it is, or find out what it would do."""
        self.panel.border_title = tr(self.TITLE)
        self._unsubscribe = self._store.subscribe(self._heard)
        if not self._following:
            self.ask()
        self.paint()

    def on_unmount(self) -> None:
        """Hear of nothing more."""
        self._unsubscribe()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the rows out for the new width."""
        self.paint()

    def follow(self, begun: PushOffer | PullOffer) -> None:
        """Show from now on how far that is."""
        self.begun, self._following = begun, True
        self.said = Content.styled(tr("beginning …"), "$text-muted")
        self.paint()

    @property
    def following(self) -> bool:
        """Whether it shows how far something is."""
        return self._following

    def action_begin(self) -> None:
        """Begin what is offered, once."""
        raise NotImplementedError

    def action_stop(self) -> None:
        """Stop what goes on; it can be gone on with."""
        if self._following:
            self.keeper.stop()

    def action_move(self, by: int) -> None:
        """Scroll by a row."""
        self.panel.scroll_relative(y=by, animate=False)

    def action_back(self) -> None:
        """Go back to the files."""
        self.dismiss()

    def action_enter(self) -> None:
        """Go back: only `y` begins anything, so that nothing begins by chance."""
        self.action_back()

    def saying(self, line: str) -> None:
        """Say what is looked at."""
        if self.is_mounted:
            self.said = Content.styled(f"{sanitise(line)} …", "$text-muted")
            self.paint()

    def _heard(self, topic: Topic) -> None:
        if topic is Topic.MODELS and self._following:
            self.paint()

    def paint(self) -> None:
        """Show what is true now."""
        if self.text.content_size.width <= 0:
            self.call_after_refresh(self._lay_out)
        else:
            self._lay_out()

    def _lay_out(self) -> None:
        width, job, in_sight = max(self.text.content_size.width, _LEAST_WIDTH), self._job, 0
        if not self._following:
            rows, in_sight = self.offered_rows(width)
        elif job is not None and self.begun in (None, job.offer):
            rows = job_rows(job, width)
        else:
            rows = [self.said]
        self.text.update(Content("\n").join(rows))
        self.panel.border_subtitle = Content(self._keys())
        if in_sight:
            self.call_after_refresh(self._keep_in_sight, in_sight)

    def _keep_in_sight(self, row: int) -> None:
        self.panel.scroll_to_region(Region(0, row, 1, 1), animate=False, force=True)

    def _keys(self) -> str:
        if not self._following:
            return self.offered_keys()
        if self._going_on:
            return tr("s stops it, esc leaves it running")
        return tr("esc goes back")
