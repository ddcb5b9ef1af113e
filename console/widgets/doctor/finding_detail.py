"""One thing in full: how it is, why it matters, and the commands that mend it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one

from console.language import tr, tr_later
from console.model.doctor.checks import Check, text_of
from console.model.doctor.finding import Finding, Mend
from console.terminal.sanitise import sanitise
from console.widgets.doctor.finding_rows import Entry, LeftOut, state_of, title_of
from console.widgets.laid_text import Laid

_LABEL = 9
_LEAST = 12
_MORE = tr_later(" tab and ↓ show more ")


def commands_of(entry: Entry | None) -> tuple[str, ...]:
    """Return the commands that mend a thing, exactly as they are shown."""
    if not isinstance(entry, Finding):
        return ()
    return tuple(sanitise(each.command) for each in entry.mends if each.command)


def detail(entry: Entry, width: int) -> Content:
    """Return an entry in rows of `width` cells."""
    state, style = state_of(entry)
    rows = [Content.assemble((state, style), "  ", (title_of(entry), "bold"))]
    for label, text in _parts(entry):
        rows += _labelled(label, text, width)
    return Content("\n").join(rows)


def _parts(entry: Entry) -> Iterator[tuple[str, Content]]:
    match entry:
        case Finding():
            yield tr("found"), Content(sanitise(entry.found))
            yield tr("matters"), Content(tr("because {why}", why=entry.text.why))
            yield from _mends(entry.mends)
        case LeftOut(findings):
            for reason in dict.fromkeys(each.found for each in findings):
                names = [each.text.title for each in findings if each.found == reason]
                left_out = tr("{why}: {names}", why=reason, names=tr(", ").join(names))
                yield "", Content(sanitise(left_out))
        case Check():
            yield tr("matters"), Content(tr("because {why}", why=text_of(entry).why))


def _mends(mends: tuple[Mend, ...]) -> Iterator[tuple[str, Content]]:
    """Yield what mends, one after the other; commands have numbers where there are several."""
    several, number = sum(bool(each.command) for each in mends) > 1, 0
    for mend in mends:
        label = tr("mend")
        if mend.command:
            number += 1
            label = tr("mend {number}", number=number) if several else label
            yield label, Content.assemble(("$ ", "$text-muted"), (sanitise(mend.command), "bold"))
        if mend.words:
            yield "" if mend.command else label, Content(sanitise(mend.words))


def _labelled(label: str, text: Content, width: int) -> list[Content]:
    """Return a text in as many rows as it takes, all of them beside its label."""
    lines = text.wrap(max(width - _LABEL, _LEAST))
    labels = [label, *[""] * (len(lines) - 1)]
    return [
        Content.assemble((set_cell_size(begun, _LABEL), "$text-muted"), line)
        for begun, line in zip(labels, lines, strict=True)
    ]


class FindingDetail(VerticalScroll):
    """Shows one entry, and scrolls where it is longer than there is room."""

    text = query_one("#finding", Laid)

    def __init__(self) -> None:
        super().__init__()
        self._entry: Entry | None = None

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Laid(id="finding")

    def show(self, entry: Entry | None) -> None:
        """Show this entry from its beginning; one that is shown already stays where it is."""
        if entry == self._entry:
            return
        self._entry = entry
        self.text.show(lambda width: Content("") if entry is None else detail(entry, width))
        self.scroll_home(animate=False)

    def watch_virtual_size(self) -> None:
        """Say that there is more than can be seen, where it is so."""
        self.call_after_refresh(self._hint)

    def on_resize(self) -> None:
        """Say that there is more than can be seen, where it is so."""
        self.call_after_refresh(self._hint)

    def _hint(self) -> None:
        said = tr(_MORE) if self.max_scroll_y > 0 else ""
        if said != (self.border_title or ""):
            self.border_title = said
