"""What `models push` says: the plan and the result, as lines and as JSON documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len

from console.language import tr
from console.model.cost.facts import priced_region
from console.model.cost.prices import PriceList
from console.model.models.place_words import bucket_and_place
from console.model.models.push_offer import keeping, kept_text
from console.model.models.push_plan import PlannedFile, PushPlan, Standing
from console.model.models.push_progress import FileStage, PushProgress
from console.model.models.rate_text import rate_text, span_text
from console.model.storage import StoredObject, size_text
from console.session.transfer.place import Place
from console.session.transfer.push_planning import LocalFacts
from console.terminal.sanitise import sanitise
from engine.schema import SCHEMA_VERSION

_ABSENT: Final = "–"
_WIDEST: Final = 44


def plan_lines(here: LocalFacts, place: Place, plan: PushPlan, prices: PriceList) -> Iterator[str]:
    """Yield the plan for a person: a line for each file, then what it takes and costs."""
    yield f"{sanitise(plan.directory)} → {bucket_and_place(plan.bucket, place.region)}"
    yield from in_columns([_row(each) for each in plan.files])
    for left in (*here.known.left_out, *here.odd):
        why = left.why.removeprefix(f"{left.name} ")
        said = tr("left out: {name}: {why}", name=sanitise(left.name), why=sanitise(why))
        yield f"  {said}"
    for warning in dict.fromkeys(each.file.warning for each in plan.files if each.file.warning):
        yield "  " + sanitise(tr("warning: {warning}", warning=warning))
    yield _effort(plan)
    yield _keeping(place, plan, prices)
    if kept := kept_text(place.bucket, plan):
        yield kept


def _keeping(place: Place, plan: PushPlan, prices: PriceList) -> str:
    costs = keeping(place.bucket, plan, prices).amount.text()
    priced = priced_region(place.region)
    if priced == place.region:
        return tr(
            "Keeping them costs {costs} a month (estimate, prices of {date}).",
            costs=costs,
            date=prices.date,
        )
    return tr(
        "Keeping them costs nothing here; in {region} it would be {costs} a month (estimate, "
        "prices of {date}).",
        region=priced,
        costs=costs,
        date=prices.date,
    )


def in_columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield rows as indented lines, whose cells begin one below the other unless one is long."""
    columns = zip(*rows, strict=True)
    widths = [min(_WIDEST, max(map(cell_len, column))) for column in columns]
    for row in rows:
        cells = (
            cell + " " * max(0, width - cell_len(cell))
            for cell, width in zip(row, widths, strict=True)
        )
        yield "  " + "  ".join(cells).rstrip()


def _row(planned: PlannedFile) -> tuple[str, ...]:
    file = planned.file
    types = ", ".join(name for name, _ in file.types)
    return (
        file.name,
        _ABSENT if file.part is None else file.part.words,
        types or _ABSENT,
        size_text(planned.size),
        _becomes(planned),
    )


def _becomes(planned: PlannedFile) -> str:
    if planned.standing is Standing.SAME:
        return tr("there already")
    becomes = tr("new")
    if planned.standing is Standing.DIFFERENT:
        becomes = tr("replaces another file of {size}", size=_stored_size(planned))
    if not planned.begun:
        return becomes
    return tr("{becomes}, {size} of it sent before", becomes=becomes, size=size_text(planned.begun))


def _stored_size(planned: PlannedFile) -> str:
    return _ABSENT if planned.stored is None else size_text(planned.stored.size)


def _effort(plan: PushPlan) -> str:
    if not plan.sent:
        return tr("Nothing has to be sent.")
    missing, size = size_text(plan.missing), size_text(plan.size)
    if plan.rate is None or plan.seconds is None:
        return tr("To be sent: {missing} of {size}.", missing=missing, size=size)
    return tr(
        "To be sent: {missing} of {size}, {span} at {rate}, as was measured.",
        missing=missing,
        size=size,
        span=span_text(plan.seconds),
        rate=rate_text(plan.rate),
    )


def plan_document(
    here: LocalFacts, place: Place, plan: PushPlan, prices: PriceList
) -> dict[str, object]:
    """Return what `models push --plan --json` prints; what is not known is null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "bucket": plan.bucket,
        "location": place.bucket.location or None,
        "directory": plan.directory,
        "checked": here.known.checked,
        "files": [_planned(each) for each in plan.files],
        "left_out": [
            {"name": each.name, "why": each.why} for each in (*here.known.left_out, *here.odd)
        ],
        "in_the_way": [each.name for each in plan.others],
        "bytes": plan.size,
        "bytes_to_send": plan.missing,
        "bytes_per_second": plan.rate,
        "seconds": plan.seconds,
        "month": keeping(place.bucket, plan, prices).amount.to_json(),
        "prices_of": prices.date.isoformat(),
    }


def _planned(planned: PlannedFile) -> dict[str, object]:
    file = planned.file
    return {
        "name": file.name,
        "path": file.path,
        "part": None if file.part is None else str(file.part),
        "format": file.format or None,
        "layout": file.layout or None,
        "types": dict(file.types),
        "warning": file.warning or None,
        "bytes": planned.size,
        "standing": str(planned.standing),
        "bytes_sent_before": planned.begun,
        "replaces_generation": planned.generation or None,
    }


def result_lines(plan: PushPlan, progress: PushProgress, took: float) -> Iterator[str]:
    """Yield what became of the files, for a person."""
    sent = sum(each.sent for each in progress.files)
    good = [each for each in progress.files if each.stage in (FileStage.SENT, FileStage.THERE)]
    if len(good) == len(progress.files):
        if not plan.sent:
            yield tr("All of it is in gs://{bucket}, byte for byte.", bucket=plan.bucket)
            return
        yield tr(
            "All of it is in gs://{bucket}, byte for byte: {size} sent in {span}, {rate}.",
            bucket=plan.bucket,
            size=size_text(sent),
            span=span_text(took),
            rate=rate_text(sent / took if took > 0 else 0.0),
        )
    else:
        yield tr(
            "{good} of {count} files are in gs://{bucket}.",
            good=len(good),
            count=len(progress.files),
            bucket=plan.bucket,
        )
    again = sum(each.again for each in progress.files)
    if again:
        yield tr(
            "{failures:,} times something broke; {size} had to be sent again.",
            failures=sum(each.failures for each in progress.files),
            size=size_text(again),
        )


def push_document(
    plan: PushPlan,
    stored: tuple[StoredObject | None, ...],
    progress: PushProgress,
    took: float,
) -> dict[str, object]:
    """Return what `models push --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "bucket": plan.bucket,
        "complete": all(each.stage is not FileStage.FAILED for each in progress.files),
        "seconds": took,
        "files": [
            {
                "name": file.name,
                "bytes": file.size,
                "became": str(file.stage),
                "problem": file.problem,
                "bytes_sent": file.sent,
                "bytes_sent_before": file.there if file.stage is not FileStage.THERE else 0,
                "bytes_sent_again": file.again,
                "failures": file.failures,
                "crc32c": None if found is None else found.crc32c,
                "sha256": None if found is None else found.said("sha256") or None,
                "generation": None if found is None else found.generation,
            }
            for file, found in zip(progress.files, stored, strict=True)
        ],
    }
