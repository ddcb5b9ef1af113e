"""All that is known of one file: what it is, here and there, and how the two stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one

from console.model.cost.prices import PriceList
from console.model.freshness import moment
from console.model.models.file_rows import FileRow, Match
from console.model.models.parts import SHA256_NOTE
from console.model.storage import size_text
from console.widgets.costs.amounts import left
from console.widgets.costs.laid_text import Laid
from console.widgets.models.file_table import match_text, month_text, size_there
from console.widgets.models.rows import part_words

_LABEL = 9
_MEANING = {
    Match.SAME: "the same bytes here and there",
    Match.ONLY_HERE: "P sends it",
    Match.ONLY_THERE: "nothing of that name is here",
    Match.REPLACED: "something else has its name now; it is kept, and paid for",
    Match.DELETED: "it can be restored until it is gone, and is paid for",
    Match.UNKNOWN: "what there is to compare it with is not known",
    Match.UNFINISHED: "an upload that did not come to its end; its parts are paid for",
}


def fact_rows(
    row: FileRow, region: str, prices: PriceList | None, now: datetime, width: int
) -> list[Content]:
    """Return the facts of a file in rows of `width` cells."""
    rows: list[Content] = []
    for label, text in facts_of(row, region, prices, now):
        style = match_text(row)[1] if label == "state" else ""
        lines = Content.styled(text, style).wrap(max(width - _LABEL, 10))
        heads = [left(label, _LABEL, "$text-muted"), *[Content(" " * _LABEL)] * (len(lines) - 1)]
        rows += [Content.assemble(head, line) for head, line in zip(heads, lines, strict=True)]
    return rows


def facts_of(
    row: FileRow, region: str, prices: PriceList | None, now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield what there is to say of a file, each with what it is about."""
    yield "state", _state(row, now)
    here = row.here
    if here is not None:
        what = " · ".join(each for each in (here.format, here.layout, here.types) if each)
        if what:
            yield "is", what
        changed = "" if here.modified is None else f", changed {moment(here.modified, now)}"
        yield "here", f"{size_text(here.size)} ({here.size:,} bytes){changed}"
        if here.warning:
            yield "warning", here.warning
    if row.there is not None or row.upload is not None:
        yield "there", _there(row, region, prices, now)
    if row.there is not None:
        yield "crc32c", row.there.crc32c or "–"
        if noted := row.there.said(SHA256_NOTE):
            yield "sha256", noted


def _state(row: FileRow, now: datetime) -> str:
    said = match_text(row)[0]
    why = row.why or _MEANING.get(row.match, "")
    at = f", compared {moment(row.compared_at, now)}" if row.compared_at is not None else ""
    divider = " " if row.match is Match.UNKNOWN else ": "
    return f"{said}{f'{divider}{why}' if why else ''}{at}"


def _there(row: FileRow, region: str, prices: PriceList | None, now: datetime) -> str:
    stored, upload = row.there, row.upload
    size = size_there(row)
    parts = [size if stored is None else f"{size} ({stored.size:,} bytes)"]
    if stored is not None:
        parts.append(f"{stored.storage_class.lower() or '–'} storage")
        if stored.created is not None:
            parts.append(f"from {moment(stored.created, now)}")
        if stored.until is not None:
            parts.append(f"gone on {moment(stored.until, now)}")
    elif upload is not None and upload.started is not None:
        parts.append(f"begun {moment(upload.started, now)}")
    price = month_text(row, region, prices)
    dated = "" if prices is None else f" (estimate, prices of {prices.date.isoformat()})"
    return f"{' · '.join(parts)} · {price} a month{dated}"


def title_of(row: FileRow | None) -> str:
    """Return what stands over the facts: the file and what it is."""
    if row is None:
        return "No file"
    return f"{row.name}   {part_words(row.part)}" if row.part is not None else row.name


class FileFacts(VerticalScroll):
    """The facts of the file under the cursor."""

    text = query_one("#facts", Laid)

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        yield Laid(id="facts")

    def show(
        self, row: FileRow | None, region: str, prices: PriceList | None, now: datetime
    ) -> None:
        """Say what is known of a file."""
        self.border_title = Content(title_of(row))

        def lay(width: int) -> Content:
            rows = [] if row is None else fact_rows(row, region, prices, now, width)
            return Content("\n").join(rows)

        self.text.show(lay)
