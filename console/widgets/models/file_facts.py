"""All that is known of one file: what it is, here and there, and how the two stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one

from console.language import tr, tr_later
from console.model.cost.prices import PriceList
from console.model.freshness import moment
from console.model.models.file_rows import FileRow, Match
from console.model.models.parts import SHA256_NOTE
from console.model.models.snapshot import FileHere
from console.model.storage import size_text
from console.widgets.laid_text import Laid
from console.widgets.models.file_table import match_text, month_text, size_there
from console.widgets.models.rows import ABSENT, labelled, part_words

_LABEL = 9
_MEANING = {
    Match.SAME: tr_later("the same bytes here and there"),
    Match.ONLY_HERE: tr_later("P sends it"),
    Match.ONLY_THERE: tr_later("nothing of that name is here"),
    Match.REPLACED: tr_later("something else has its name now; it is kept, and paid for"),
    Match.DELETED: tr_later("it can be restored until it is gone, and is paid for"),
    Match.UNKNOWN: tr_later("what there is to compare it with is not known"),
    Match.UNFINISHED: tr_later("an upload that did not come to its end; its parts are paid for"),
}
_STATE = tr_later("state")


def fact_rows(
    row: FileRow, region: str, prices: PriceList | None, now: datetime, width: int
) -> list[Content]:
    """Return the facts of a file in rows of `width` cells."""
    rows: list[Content] = []
    for label, text in facts_of(row, region, prices, now):
        style = match_text(row)[1] if label == _STATE else ""
        rows += labelled(tr(label), Content.styled(text, style), width, _LABEL)
    return rows


def facts_of(
    row: FileRow, region: str, prices: PriceList | None, now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield what there is to say of a file, each with what it is about, still to be translated."""
    yield _STATE, _state(row, now)
    here = row.here
    if here is not None:
        what = " · ".join(each for each in (here.format, here.layout, here.types) if each)
        if what:
            yield tr_later("is"), what
        yield tr_later("here"), _here(here, now)
        if size := here.prepared_size:
            yield tr_later("prepare"), _prepared(size)
        if here.warning:
            yield tr_later("warning"), here.warning
    if row.there is not None or row.upload is not None:
        yield tr_later("there"), _there(row, region, prices, now)
    if row.there is not None:
        yield "crc32c", row.there.crc32c or "–"
        if noted := row.there.said(SHA256_NOTE):
            yield "sha256", noted


def _state(row: FileRow, now: datetime) -> str:
    said = match_text(row)[0]
    if why := row.why or tr(_MEANING.get(row.match, "")):
        plain = row.match is Match.UNKNOWN
        said = f"{said} {why}" if plain else tr("{state}: {why}", state=said, why=why)
    if row.compared_at is None:
        return said
    return tr("{state}, compared {moment}", state=said, moment=moment(row.compared_at, now))


def _here(here: FileHere, now: datetime) -> str:
    size = size_text(here.size)
    if here.modified is None:
        return tr("{size} ({count:,} bytes)", size=size, count=here.size)
    return tr(
        "{size} ({count:,} bytes), changed {moment}",
        size=size,
        count=here.size,
        moment=moment(here.modified, now),
    )


def _prepared(size: int) -> str:
    return tr(
        "rounded once, to about {size}, it starts on a CPU with nothing to convert; C shows how",
        size=size_text(size),
    )


def _there(row: FileRow, region: str, prices: PriceList | None, now: datetime) -> str:
    stored, upload = row.there, row.upload
    size = size_there(row)
    parts = [size]
    if stored is not None:
        parts = [tr("{size} ({count:,} bytes)", size=size, count=stored.size)]
        storage_class = stored.storage_class.lower() or ABSENT
        parts.append(tr("{storage_class} storage", storage_class=storage_class))
        if stored.created is not None:
            parts.append(tr("from {moment}", moment=moment(stored.created, now)))
        if stored.until is not None:
            parts.append(tr("gone on {moment}", moment=moment(stored.until, now)))
    elif upload is not None and upload.started is not None:
        parts.append(tr("begun {moment}", moment=moment(upload.started, now)))
    figure = month_text(row, region, prices)
    parts.append(
        tr("{figure} a month", figure=figure)
        if prices is None
        else tr("{figure} a month (estimate, prices of {date})", figure=figure, date=prices.date)
    )
    return " · ".join(parts)


def title_of(row: FileRow | None) -> str:
    """Return what stands over the facts: the file and what it is."""
    if row is None:
        return tr("No file")
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
