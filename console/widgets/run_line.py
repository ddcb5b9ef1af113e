"""A run in one line: waiting, its steps as a bar, or how it ended."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.model.images import MadePicture, Run, RunState
from console.model.service import ServiceSnapshot, ServiceState
from console.widgets.service_badge import doing_with_percent
from console.widgets.waterfall import bar

_BAR_WIDTH = 24


def run_line(run: Run | None, service: ServiceSnapshot, width: int) -> Content:
    """Return the state of a run as one line of at most `width` cells.

    Without a run it says what a first one would have to wait for, if anything.
    """
    if run is None:
        return _expected(service).truncate(width, ellipsis=True)
    match run.state:
        case RunState.WAITING:
            line = _waiting(run, service)
        case RunState.RUNNING:
            line = _running(run, service, min(_BAR_WIDTH, width // 3))
        case RunState.DONE:
            line = _done(run)
        case RunState.FAILED:
            line = Content.styled(f"✗ {run.problem or 'failed'}", "$error")
        case RunState.CANCELLED:
            line = Content.styled(f"– cancelled{_progress(run)}", "$text-muted")
    return line.truncate(width, ellipsis=True)


def _waiting(run: Run, service: ServiceSnapshot) -> Content:
    if service.state is ServiceState.READY:
        before = f", {run.position} before it" if run.position else ""
        return Content.styled(f"◔ waiting for its turn{before}", "$warning")
    if service.state is ServiceState.STARTING:
        return Content.styled(
            f"◔ waiting for the engine ({doing_with_percent(service)})", "$warning"
        )
    return Content.styled("◔ kept: it runs once the engine is ready", "$warning")


def _expected(service: ServiceSnapshot) -> Content:
    if service.state is not ServiceState.AT_ZERO:
        return Content("")
    last = service.ready_after
    how_long = "" if last is None else f", {last:.0f} s the last time"
    return Content.styled(f"◎ at zero: the first picture waits for a start{how_long}", "$warning")


def _running(run: Run, service: ServiceSnapshot, bar_width: int) -> Content:
    if run.step == 0 and run.tokens is None and service.state is ServiceState.AT_ZERO:
        return Content.styled("◔ waiting for an instance to start", "$warning")
    if run.step == 0 and run.tokens is None and service.state is ServiceState.STARTING:
        return Content.styled(
            f"◔ waiting for the engine ({doing_with_percent(service)})", "$warning"
        )
    if run.step == 0:
        what = "reading the prompt" if run.tokens is None else f"prompt of {run.tokens} tokens read"
        return Content.styled(f"◔ {what}", "$warning")
    what = f"step {run.step} of {run.total}" if run.step < run.total else "drawing the pixels"
    return Content.assemble(
        (f"◔ {what} ", "$warning"),
        bar(0, run.step, run.total, bar_width, "$warning").stylize("on $panel"),
        f" {100 * run.step // run.total} %",
    )


def _done(run: Run) -> Content:
    if run.result is None:
        return Content.styled("✓ done", "$success")
    return Content.assemble(("✓ ", "$success"), picture_caption(run.result))


def picture_caption(picture: MadePicture) -> Content:
    """Return size, steps, seed and seconds of a picture, and where it was saved."""
    saved = "not saved" if picture.path is None else f"saved as {picture.path.name}"
    steps = f"{picture.steps} step" + ("s" if picture.steps != 1 else "")
    return Content(
        f"{picture.seconds:.2f} s · {picture.size} · {steps} · seed {picture.seed} · {saved}"
    )


def _progress(run: Run) -> str:
    return f" at step {run.step} of {run.total}" if run.step else ""


class RunLine(Widget):
    """The latest run in one row, or a note that takes its place until the run changes."""

    run: reactive[Run | None] = reactive(None)
    service: reactive[ServiceSnapshot] = reactive(ServiceSnapshot)
    note: reactive[Content] = reactive(Content(""))

    def render(self) -> Content:
        """Paint the note if there is one, else the run."""
        width = self.content_size.width
        if self.note:
            return self.note.truncate(width, ellipsis=True)
        return run_line(self.run, self.service, width)
