"""A run in one line: waiting, its steps as a bar, or how it ended."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from console.language import tr, tr_many
from console.model.expectation import expected_start, how_far, waits_for_start
from console.model.images import MadePicture, Run, RunState, Target
from console.model.service import ServiceSnapshot, ServiceState
from console.widgets.service_badge import doing_with_percent
from console.widgets.waterfall import bar

_BAR_WIDTH = 24


def run_line(
    run: Run | None, service: ServiceSnapshot, width: int, waited: float | None = None
) -> Content:
    """Return the state of a run as one line of at most `width` cells.

    `service` is what makes it, and `waited` how many seconds ago it was asked to. Without a run
    the line says what a first one would have to wait for, if anything.
    """
    if run is None:
        return before_sending(service).truncate(width, ellipsis=True)
    match run.state:
        case RunState.WAITING:
            line = _waiting(run, service)
        case RunState.RUNNING:
            line = _running(run, service, min(_BAR_WIDTH, width // 3), waited)
        case RunState.DONE:
            line = _done(run)
        case RunState.FAILED:
            line = Content.styled(f"✗ {run.problem or tr('failed')}", "$error")
        case RunState.CANCELLED:
            line = Content.styled(f"– {_cancelled(run)}", "$text-muted")
    return line.truncate(width, ellipsis=True)


def _waiting(run: Run, service: ServiceSnapshot) -> Content:
    return Content.styled(f"◔ {_waits_for(run, service)}", "$warning")


def _waits_for(run: Run, service: ServiceSnapshot) -> str:
    if service.state is ServiceState.READY:
        if run.position:
            return tr("waiting for its turn, {count} before it", count=run.position)
        return tr("waiting for its turn")
    if service.state is ServiceState.STARTING:
        return tr("waiting for the engine ({doing})", doing=doing_with_percent(service))
    if service.state is ServiceState.CONNECTING:
        return tr("kept: it is sent once the service is found")
    return tr("kept: it runs once the engine is ready")


def before_sending(service: ServiceSnapshot) -> Content:
    """Return what a picture would have to wait for; nothing while the service is awake."""
    if service.state is not ServiceState.AT_ZERO:
        return Content("")
    expected = expected_start(service.starts)
    how_long = tr("how long is not known yet") if expected is None else str(expected)
    said = tr("at zero: this starts an instance; {how_long}", how_long=how_long)
    return Content.styled(f"◎ {said}", "$warning")


def _starting(service: ServiceSnapshot, waited: float | None) -> Content:
    far = how_far(expected_start(service.starts), waited)
    return Content.styled(f"◔ {_until_started(service, far)}", "$warning")


def _until_started(service: ServiceSnapshot, far: str) -> str:
    """Return what is waited for; `far` says how far the wait is, empty where nobody knows."""
    if service.state is ServiceState.AT_ZERO:
        if not far:
            return tr("waiting for an instance to start")
        return tr("waiting for an instance to start, {far}", far=far)
    doing = doing_with_percent(service)
    if not far:
        return tr("waiting for the engine ({doing})", doing=doing)
    return tr("waiting for the engine, {far} ({doing})", far=far, doing=doing)


def _running(run: Run, service: ServiceSnapshot, bar_width: int, waited: float | None) -> Content:
    if waits_for_start(run, service):
        return _starting(service, waited)
    if run.step == 0:
        what = tr("reading the prompt")
        if run.tokens is not None:
            what = tr("prompt of {count} tokens read", count=run.tokens)
        return Content.styled(f"◔ {what}", "$warning")
    what = tr("drawing the pixels")
    if run.step < run.total:
        what = tr("step {step} of {total}", step=run.step, total=run.total)
    return Content.assemble(
        (f"◔ {what} ", "$warning"),
        bar(0, run.step, run.total, bar_width, "$warning").stylize("on $panel"),
        f" {100 * run.step // run.total} %",
    )


def _done(run: Run) -> Content:
    if run.result is None:
        return Content.styled(f"✓ {tr('done')}", "$success")
    return Content.assemble(("✓ ", "$success"), picture_caption(run.result))


def picture_caption(picture: MadePicture) -> Content:
    """Return seconds, size, steps and seed of a picture, and where it was saved.

    Of a service the seconds are those that somebody waited, and in brackets its engine's own.
    """
    saved = tr("not saved")
    if picture.path is not None:
        saved = tr("saved as {name}", name=picture.path.name)
    steps = tr_many("{count} step", "{count} steps", picture.steps)
    took = f"{picture.seconds:.2f} s"
    if picture.took is not None and picture.target is Target.DEPLOYED:
        took = tr("{took:.2f} s (engine {engine})", took=picture.took, engine=took)
    seed = tr("seed {seed}", seed=picture.seed)
    return Content(f"{took} · {picture.size} · {steps} · {seed} · {saved}")


def _cancelled(run: Run) -> str:
    if not run.step:
        return tr("cancelled")
    return tr("cancelled at step {step} of {total}", step=run.step, total=run.total)


class RunLine(Widget):
    """A run in one row, or a note that takes its place until the run changes.

    `monotonic` is the clock that says how long a run has waited for a start; the row is painted
    again each second only while one does. `label` stands before the run.
    """

    run: reactive[Run | None] = reactive(None)
    service: reactive[ServiceSnapshot] = reactive(ServiceSnapshot)
    note: reactive[Content] = reactive(Content(""))
    label: reactive[str] = reactive("")

    def __init__(
        self, monotonic: Callable[[], float] | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._monotonic = monotonic
        self._second: Timer | None = None

    def on_mount(self) -> None:
        """Have a timer at hand for waits that are watched."""
        self._second = self.set_interval(1.0, self.refresh, pause=True)
        self._watch_wait()

    def watch_run(self) -> None:
        """A run may begin or end to wait."""
        self._watch_wait()

    def watch_service(self) -> None:
        """A service may have woken."""
        self._watch_wait()

    def _watch_wait(self) -> None:
        if self._second is None:
            return
        if waits_for_start(self.run, self.service):
            self._second.resume()
        else:
            self._second.pause()

    def render(self) -> Content:
        """Paint the note if there is one, else the run."""
        width = self.content_size.width
        if self.note:
            return self.note.truncate(width, ellipsis=True)
        label = Content.styled(self.label, "$text-muted")
        room = width - label.cell_length
        return label + run_line(self.run, self.service, room, self._waited())

    def _waited(self) -> float | None:
        if self._monotonic is None or self.run is None or self.run.sent_at is None:
            return None
        return max(0.0, self._monotonic() - self.run.sent_at)
