"""The pictures of this session and of earlier ones as a list, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import set_cell_size
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from console.language import tr
from console.model.images import MadePicture
from console.widgets.prompt import one_line


def gallery_row(picture: MadePicture, *, tell_maker: bool = False) -> Content:
    """Return two rows: the prompt, and when it was made from which seed, perhaps by whom."""
    if picture.earlier:
        facts = tr("{day:%Y-%m-%d} · seed {seed}", day=picture.made_at, seed=picture.seed)
    else:
        facts = tr("{time:%H:%M} · seed {seed}", time=picture.made_at, seed=picture.seed)
    if tell_maker and picture.maker:
        facts += f" · {picture.maker.rpartition('/')[2]}"
    return Content.assemble(one_line(picture.prompt), "\n", (facts, "$text-muted"))


def recent_row(picture: MadePicture, width: int) -> Content:
    """Return a row of exactly `width` cells, with seconds and seed in columns of their own."""
    seed = set_cell_size(tr("seed {seed}", seed=picture.seed), 16)
    end = Content.styled(f"{picture.seconds:8.2f} s   {seed}", "$text-muted")
    start = Content.assemble(
        (f"{picture.made_at:%H:%M}  ", "$text-muted"), one_line(picture.prompt)
    )
    room = max(0, width - end.cell_length - 1)
    return Content.assemble(start.truncate(room, ellipsis=True, pad=True), " ", end)


class RecentPictures(Widget):
    """The latest pictures in as many rows as there is room for."""

    pictures: reactive[tuple[MadePicture, ...]] = reactive(())

    def render(self) -> Content:
        """Paint the rows."""
        width, height = self.content_size
        shown = self.pictures[:height]
        return Content("\n").join([recent_row(picture, width) for picture in shown])


class GalleryList(OptionList):
    """Rows of pictures; highlighting one asks for it to be shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "down", show=False),
        Binding("k", "cursor_up", "up", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._pictures: tuple[MadePicture, ...] = ()

    @property
    def chosen(self) -> MadePicture | None:
        """The picture whose row is highlighted."""
        place = self.highlighted
        if place is None or place >= len(self._pictures):
            return None
        return self._pictures[place]

    def show(self, pictures: Sequence[MadePicture]) -> None:
        """Replace the rows, and highlight the newest picture of this session."""
        if tuple(pictures) == self._pictures:
            return
        self._pictures = tuple(pictures)
        self.clear_options()
        several = len({picture.maker for picture in self._pictures if picture.maker}) > 1
        self.add_options(
            [Option(gallery_row(picture, tell_maker=several)) for picture in self._pictures]
        )
        self.highlighted = 0 if self._pictures and not self._pictures[0].earlier else None

    def step(self, places: int) -> None:
        """Highlight an older (positive) or newer picture."""
        if self._pictures:
            place = 0 if self.highlighted is None else self.highlighted + places
            self.highlighted = max(0, min(len(self._pictures) - 1, place))
