"""What `models list` says of a bucket: as a table with a few sentences, and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.language import tr, tr_later
from console.language.lines import lines_of
from console.model.cost.bucket_cost import BucketContents, bucket_month
from console.model.cost.estimate import Estimate
from console.model.cost.facts import priced_contents
from console.model.cost.prices import PriceList
from console.model.models.place_words import SIZE_HEAD, bucket_and_place
from console.model.models.rate_text import short_span_text
from console.model.models.shapes import SHAPES
from console.model.models.staging import final_name
from console.model.models.stored_price import price_a_month, price_of_parts
from console.model.models.told_parts import Told, ToldParts, memory_of, told_by
from console.model.storage import Kept, StoredObject, UnfinishedUpload, size_text
from console.session.transfer.place import Place
from engine.schema import SCHEMA_VERSION

_ABSENT: Final = "–"
_KEPT: Final = {
    Kept.LIVE: "",
    Kept.NONCURRENT: tr_later("replaced"),
    Kept.SOFT_DELETED: tr_later("deleted"),
    Kept.UNFINISHED: tr_later("unfinished"),
}
_COLUMNS: Final = (
    tr_later("object"),
    "",
    tr_later("part"),
    "size",
    tr_later("class"),
    "crc32c",
    tr_later("age"),
    tr_later("a month"),
)
_RIGHT: Final = ("size", "age", "a month")
_FIRST_TO_GO: Final = ("crc32c", "class", "age")
"""Columns that a narrow terminal does without; `--json` has all of it."""

_SHORTEST_NAME: Final = 25
_BY: Final = {
    Told.HEADERS: tr_later("the headers of the files here that have the same names and sizes"),
    Told.NOTES: tr_later("what was noted when they were sent"),
    Told.NAMES: tr_later("their names alone"),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """What there is to say: a bucket, what tells its parts, and prices."""

    place: Place
    told: ToldParts
    prices: PriceList

    @property
    def contents(self) -> BucketContents:
        """The bucket where prices hold for it: on this machine nothing is billed."""
        place = self.place
        return priced_contents(BucketContents(place.bucket, place.found, place.unfinished))

    @property
    def month(self) -> Estimate:
        """What a month of it costs."""
        return bucket_month(self.contents, self.prices)


def list_document(context: str, listing: Listing) -> dict[str, object]:
    """Return what `models list --json` prints; what is not known is null."""
    place, whole = listing.place, listing.told.whole(listing.place.found)
    needed = memory_of(whole)
    return {
        "schema_version": SCHEMA_VERSION,
        "context": context,
        "bucket": place.bucket.name,
        "location": place.bucket.location or None,
        "complete": whole.complete,
        "problem": whole.problem or None,
        "memory_bytes": needed,
        "fits": {each.name: None if needed is None else needed <= each.room for each in SHAPES},
        "all_listed": place.found.complete,
        "objects": [_object(each, listing) for each in place.found.objects],
        "unfinished_uploads": [
            {
                "name": each.name,
                "id": each.id,
                "started_at": _moment(each.started),
                "bytes": each.bytes,
            }
            for each in place.unfinished
        ],
        "month": listing.month.to_json(),
        "priced_as": listing.contents.region or None,
        "unseen": place.unseen or None,
    }


def _object(stored: StoredObject, listing: Listing) -> dict[str, object]:
    part = listing.told.part(stored)
    return {
        "name": stored.name,
        "part": None if part is None else str(part),
        "part_told_by": str(listing.told.by(stored)),
        "bytes": stored.size,
        "storage_class": stored.storage_class or None,
        "crc32c": stored.crc32c or None,
        "sha256": stored.said("sha256") or None,
        "generation": stored.generation,
        "created_at": _moment(stored.created),
        "kept": str(stored.kept),
        "gone_at": _moment(stored.until),
        "month": price_a_month(stored, listing.contents.region, listing.prices).to_json(),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def print_list(listing: Listing, now: datetime, stream: TextIO, width: int | None) -> None:
    """Print the objects as a table, then whether they make up a model and what a month costs.

    No line is longer than `width`; without one, lines are as long as it takes.
    """
    place, rows = listing.place, list(_rows(listing, now))
    table = _table(rows, width)
    widest = Console(width=100_000).measure(table).maximum
    console = Console(file=stream, highlight=False, width=width or max(widest, 100_000))
    console.print(Text(bucket_and_place(place.bucket.name, place.region)))
    if rows:
        console.print(table)
    for line in _sentences(listing):
        broken = None if width is None else lines_of(line, width)
        console.print(Text(line if broken is None else "\n".join(broken)))


def _table(rows: list[dict[str, str]], width: int | None) -> Table:
    """Return the columns that there is room for, with names cut if there is none for them."""
    shown = [each for each in _COLUMNS if each or any(row[each] for row in rows)]
    longest = max((Text(row["object"]).cell_len for row in rows), default=0)
    for given_up in (None, *_FIRST_TO_GO):
        shown = [each for each in shown if each != given_up]
        table = _drawn(rows, shown, None)
        over = Console(width=100_000).measure(table).maximum - (width or 100_000)
        if over <= 0:
            return table
        if longest - over >= _SHORTEST_NAME and longest > 2 * _SHORTEST_NAME:
            break
    return _drawn(rows, shown, max(_SHORTEST_NAME // 2, longest - over))


def _drawn(rows: list[dict[str, str]], shown: list[str], most: int | None) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for each in shown:
        table.add_column(
            tr(SIZE_HEAD if each == "size" else each),
            justify="right" if each in _RIGHT else "left",
            no_wrap=True,
            overflow="ellipsis",
            max_width=most if each == "object" else None,
        )
    for row in rows:
        table.add_row(*(Text(row[each]) for each in shown))
    return table


def _rows(listing: Listing, now: datetime) -> Iterator[dict[str, str]]:
    for each in listing.place.found.objects:
        yield _row(each, listing, now)
    for upload in listing.place.unfinished:
        yield _unfinished_row(upload, listing, now)


def _row(stored: StoredObject, listing: Listing, now: datetime) -> dict[str, str]:
    part = listing.told.part(stored)
    return {
        "object": stored.name,
        "": tr(_KEPT[stored.kept]),
        "part": _ABSENT if part is None else part.words,
        "size": size_text(stored.size),
        "class": stored.storage_class.lower() or _ABSENT,
        "crc32c": stored.crc32c or _ABSENT,
        "age": _age(stored.since or stored.created, now),
        "a month": price_a_month(stored, listing.contents.region, listing.prices).short(),
    }


def _unfinished_row(upload: UnfinishedUpload, listing: Listing, now: datetime) -> dict[str, str]:
    return {
        "object": final_name(upload.name),
        "": tr(_KEPT[Kept.UNFINISHED]),
        "part": _ABSENT,
        "size": _ABSENT if upload.bytes is None else size_text(upload.bytes),
        "class": upload.storage_class.lower() or _ABSENT,
        "crc32c": _ABSENT,
        "age": _age(upload.started, now),
        "a month": price_of_parts(upload, listing.contents.region, listing.prices).short(),
    }


def _age(since: datetime | None, now: datetime) -> str:
    return _ABSENT if since is None else short_span_text((now - since).total_seconds())


def _sentences(listing: Listing) -> Iterator[str]:
    whole = listing.told.whole(listing.place.found)
    if not listing.place.found.complete:
        yield tr("There is more in it than was listed.")
    if whole.complete:
        yield tr("The model is complete.")
    else:
        yield tr("No service can start from it: {problem}.", problem=whole.problem)
    by = told_by(whole, listing.told)
    if kinds := [each for each in Told if by[each]]:
        yield tr("Which file is which part is told by {ways}.", ways=_told(kinds, by))
    needed = memory_of(whole)
    if needed is not None:
        yield _memory(needed)
    yield _month(listing)


def _told(kinds: Sequence[Told], by: Mapping[Told, int]) -> str:
    """Say by what it is told which file is which part, with how many where that differs."""
    if len(kinds) == 1:
        return tr(_BY[kinds[0]])
    ways = [tr("{way} ({count})", way=tr(_BY[each]), count=by[each]) for each in kinds]
    return tr(" and by ").join(ways)


def _memory(needed: int) -> str:
    size = size_text(needed)
    fits = tr(" and on ").join(each.name for each in SHAPES if needed <= each.room)
    larger = tr(" and for ").join(each.name for each in SHAPES if needed > each.room)
    if not larger:
        return tr(
            "Pictures of 1024×1024 take {size} of memory (estimate): room enough on {shapes}.",
            size=size,
            shapes=fits,
        )
    if not fits:
        return tr(
            "Pictures of 1024×1024 take {size} of memory (estimate): too much for {shapes}.",
            size=size,
            shapes=larger,
        )
    return tr(
        "Pictures of 1024×1024 take {size} of memory (estimate): room enough on {shapes}, too "
        "much for {others}.",
        size=size,
        shapes=fits,
        others=larger,
    )


def _month(listing: Listing) -> str:
    month, where = listing.month, listing.contents.region
    costs = month.total.text()
    if month.total.missing:
        costs = tr("{costs}, {without}", costs=costs, without=month.total.missing_text())
    if where == listing.place.region:
        return tr("A month of this costs {costs} ({label}).", costs=costs, label=month.label)
    return tr(
        "A month of this costs nothing here; in {region} it would be {costs} ({label}).",
        region=where,
        costs=costs,
        label=month.label,
    )
