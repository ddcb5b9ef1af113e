"""One picture, or two next to one another: what they differ in, and how alike they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static
from textual.worker import get_current_worker

from console.language import tr, tr_many
from console.model.images import Likeness, MadePicture, Run, RunState
from console.terminal.likeness import likeness
from console.terminal.pictures import UnreadablePicture
from console.terminal.sanitise import sanitise
from console.widgets.picture import PictureView
from console.widgets.picture_differences import differences
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
    caption = _caption_of_earlier(picture) if picture.earlier else picture_caption(picture).plain
    return Side(title, picture, picture.png or None, caption)


def _caption_of_earlier(picture: MadePicture) -> str:
    steps = tr_many("{count} step", "{count} steps", picture.steps)
    seed = tr("seed {seed}", seed=picture.seed)
    name = "" if picture.path is None else picture.path.name
    return " · ".join((str(picture.size), steps, seed, sanitise(name)))


def side_being_made(run: Run) -> Side:
    """Return what there is to see of one of two runs that go on."""
    title = run.target.heading
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
    """Return what two pictures differ in, and how alike they are once that is known.

    Of two engines that were asked for the same, that is how long each took.
    """
    said = differences(one, other)
    if one.asked == other.asked and one.maker and other.maker and one.maker != other.maker:
        said = [f"{_name(each, one, other)} {_took(each)}" for each in (one, other)]
    return " · ".join(said if alike is None else [*said, str(alike)])


def titles(one: MadePicture, other: MadePicture) -> tuple[str, str]:
    """Return what two pictures are called next to one another."""
    if one.target is other.target:
        return one.maker.capitalize(), other.maker.capitalize()
    return one.target.heading, other.target.heading


def _name(picture: MadePicture, one: MadePicture, other: MadePicture) -> str:
    return picture.maker if one.target is other.target else picture.target.word


def _took(picture: MadePicture) -> str:
    seconds = picture.seconds or 0.0
    if picture.took is None:
        return f"{seconds:.1f} s"
    return tr("{took:.1f} s (engine {seconds:.1f} s)", took=picture.took, seconds=seconds)


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
            self.app.call_from_thread(self._say, (one, other), alike)

    def _say(self, pair: tuple[MadePicture, MadePicture], alike: Likeness) -> None:
        if pair == self._compared:
            self.line.update(compared(*pair, alike))


def _fill(view: PictureView, side: Side) -> None:
    view.png = side.png
    view.border_title = Content(side.title or tr("Picture"))
    view.border_subtitle = Content(side.caption)
