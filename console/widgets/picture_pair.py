"""One picture, or two that different engines made from the same request, and how alike they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static
from textual.worker import get_current_worker

from console.language import tr
from console.model.images import Likeness, MadePicture, Run, RunState
from console.terminal.likeness import likeness
from console.terminal.pictures import UnreadablePicture
from console.widgets.picture import PictureView
from console.widgets.run_line import picture_caption


@dataclass(frozen=True, slots=True)
class Side:
    """What one view shows: `picture` once it is made, `png` also before."""

    title: str = ""
    picture: MadePicture | None = None
    png: bytes | None = field(default=None, repr=False)
    caption: str = ""


def side_of(picture: MadePicture | None, title: str = "") -> Side:
    """Return a finished picture as it is shown."""
    if picture is None:
        return Side(title)
    return Side(title, picture, picture.png, picture_caption(picture).plain)


def side_being_made(run: Run) -> Side:
    """Return what there is to see of one of two runs that go on."""
    title = run.target.title
    if run.result is not None:
        return side_of(run.result, title)
    if run.preview is None:
        return Side(title)
    said = preview_caption(run) if run.state is RunState.RUNNING else ""
    return Side(title, None, run.preview.png, said)


def preview_caption(run: Run) -> str:
    """Return how far the picture is of which a preview is shown."""
    return tr("preview · step {step} of {total}", step=run.step, total=run.total)


def compared(one: MadePicture, other: MadePicture, alike: Likeness | None) -> str:
    """Return how long each of two engines took, and how alike what they made is."""
    times = " · ".join(f"{_name(each, one, other)} {_took(each)}" for each in (one, other))
    return times if alike is None else f"{times} · {alike}"


def titles(one: MadePicture, other: MadePicture) -> tuple[str, str]:
    """Return what two pictures are called next to one another."""
    if one.target is other.target:
        return one.maker.capitalize(), other.maker.capitalize()
    return one.target.title, other.target.title


def _name(picture: MadePicture, one: MadePicture, other: MadePicture) -> str:
    return picture.maker if one.target is other.target else picture.target.words


def _took(picture: MadePicture) -> str:
    if picture.took is None:
        return f"{picture.seconds:.1f} s"
    return tr("{took:.1f} s (engine {seconds:.1f} s)", took=picture.took, seconds=picture.seconds)


class PicturePair(Vertical):
    """Shows one side, or two side by side; two finished pictures are compared in a thread."""

    first = query_one("#first", PictureView)
    second = query_one("#second", PictureView)
    line = query_one("#compared", Static)

    def __init__(self, first: PictureView, second: PictureView) -> None:
        super().__init__()
        self._views = first, second
        self._compared: tuple[MadePicture, MadePicture] | None = None
        first.id, second.id = "first", "second"

    def compose(self) -> ComposeResult:
        """Lay out two views, and a line under them."""
        yield Horizontal(*self._views)
        yield Static(id="compared", markup=False)

    def show(self, one: Side, other: Side | None = None) -> None:
        """Replace what is shown."""
        _fill(self.first, one)
        _fill(self.second, other or Side())
        pictures = one.picture, None if other is None else other.picture
        if pictures[0] is None or pictures[1] is None:
            self._compared = None
            self.line.update("")
            return
        pair = pictures[0], pictures[1]
        if pair != self._compared:
            self._compared = pair
            self.line.update(compared(*pair, None))
            self.run_worker(
                partial(self._compare, *pair), thread=True, exclusive=True, exit_on_error=False
            )

    def _compare(self, one: MadePicture, other: MadePicture) -> None:
        try:
            alike = likeness(one.png, other.png)
        except UnreadablePicture:
            return
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self.line.update, compared(one, other, alike))


def _fill(view: PictureView, side: Side) -> None:
    view.png = side.png
    view.border_title = Content(side.title or tr("Picture"))
    view.border_subtitle = Content(side.caption)
