"""The head of the screen of models: what is whole, what has room where, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from textual.content import Content

from console.language import tr, tr_later
from console.model.cost.bucket_cost import BucketContents, bucket_month
from console.model.cost.facts import priced_region
from console.model.cost.money import Amount, total
from console.model.cost.prices import PriceList
from console.model.freshness import Freshness, Standing, brief
from console.model.models.parts import ModelPart
from console.model.models.place_words import bucket_and_place
from console.model.models.shapes import SHAPES, needed_memory
from console.model.models.snapshot import Compared, FilesHere, Job, ModelsSnapshot, Stage, Work
from console.model.models.stored_price import price_a_month, price_of_parts
from console.model.models.stored_set import stored_set
from console.model.storage import Kept, size_text
from console.model.text import SafeText
from console.widgets.costs.amounts import column, is_small
from console.widgets.models.job_words import progress_text
from console.widgets.models.rows import labelled

_LABEL: Final = 8
_WHOLE: Final = tr_later("✓ a whole model")
_LEFT: Final = ((Kept.NONCURRENT, tr_later("replaced")), (Kept.SOFT_DELETED, tr_later("deleted")))


def head_rows(known: ModelsSnapshot, now: datetime, width: int) -> list[Content]:
    """Return what there is to say of all files, each thing under a label."""
    rows: list[Content] = []
    if known.job is not None:
        rows += labelled(known.job.work.words, _job(known.job, known.compared), width, _LABEL)
    rows += [
        *labelled(tr("here"), _here(known), width, _LABEL),
        *labelled(tr("there"), _there(known, now), width, _LABEL),
    ]
    for label, said in ((tr("memory"), _memory(known)), (tr("keeping"), _keeping(known))):
        if said is not None:
            rows += labelled(label, said, width, _LABEL)
    return rows


def _here(known: ModelsSnapshot) -> Content:
    found, fresh = known.here, known.here_fresh
    if fresh.standing in (Standing.ERROR, Standing.ABSENT):
        mark, style = ("✗", "$error") if fresh.standing is Standing.ERROR else ("–", "$warning")
        return Content.styled(f"{mark} {fresh.problem}", style)
    if found is None:
        return Content.styled(tr("looking …"), "$text-muted")
    where = tr("the demo model that comes with the console") if found.bundled else found.directory
    if found.problem:
        said = tr("▲ no whole model: {problem}", problem=found.problem)
        return Content.styled(said, "$warning")
    unchecked = ""
    if found.unchecked:
        unchecked = "   " + tr("by names alone: {why}", why=found.unchecked)
    size = sum(each.size for each in found.files if not each.left_out)
    return Content.assemble(
        (tr(_WHOLE), "$success"),
        tr(", {size}", size=size_text(size)),
        (f"   {where}", "$text-muted"),
        (unchecked, "$warning"),
    )


def _there(known: ModelsSnapshot, now: datetime) -> Content:
    contents, fresh = known.there, known.there_fresh
    trouble = _trouble(fresh, now)
    if contents is None:
        if fresh.standing is Standing.LOADING:
            return Content.styled(tr("asking …"), "$text-muted")
        return trouble or Content.styled(tr("– nothing is known of it"), "$warning")
    whole = stored_set(contents.found)
    place = bucket_and_place(contents.bucket.name, contents.bucket.location.lower())
    size = size_text(contents.found.size(Kept.LIVE))
    if whole.complete:
        verdict = Content.assemble((tr(_WHOLE), "$success"), tr(", {size}", size=size))
    else:
        why = tr("▲ no service can start from it: {problem}", problem=whole.problem)
        verdict = Content.styled(why, "$warning")
    more = "" if contents.found.complete else "   " + tr("more than was listed")
    unseen = f"   {known.unseen}" if known.unseen else ""
    said = Content.assemble(
        verdict, (f"   {place}", "$text-muted"), (f"{more}{unseen}", "$warning")
    )
    return Content("\n").join([said, trouble]) if trouble else said


def _trouble(fresh: Freshness, now: datetime) -> Content | None:
    """Return why there is no newer list of the bucket; None where all is well."""
    if fresh.standing in (Standing.FRESH, Standing.LOADING):
        return None
    if fresh.standing is Standing.ABSENT:
        why = fresh.problem or tr("there is none")
        return Content.styled(f"– {why}", "$warning")
    said = brief(fresh, now)
    if not fresh.troubled:
        return Content.styled(said, "$warning")
    why = fresh.problem or tr("the bucket is not known")
    return Content.assemble((f"✗ {why}", "$error"), (f"   {said}", "$warning"))


def _memory(known: ModelsSnapshot) -> Content | None:
    """Return where the model has room: the one here, else the one in the bucket."""
    sizes = part_sizes(known.here) if known.here and not known.here.problem else {}
    needed = needed_memory(sizes)
    if needed is None and known.there is not None:
        whole = stored_set(known.there.found)
        if whole.complete:
            sizes = {part: sum(each.size for each in found) for part, found in whole.parts if found}
            needed = needed_memory(sizes)
    if needed is None:
        return None
    fits = [
        (f"   ✓ {each.name}", "$success")
        if needed <= each.room
        else (f"   ✗ {each.name}", "$error")
        for each in SHAPES
    ]
    said = tr("{size} for 1024×1024 (estimate)", size=size_text(needed))
    return Content.assemble(said, *fits)


def part_sizes(found: FilesHere) -> dict[ModelPart, int]:
    """Return how large each part here is, in bytes."""
    sizes: Counter[ModelPart] = Counter()
    for each in found.files:
        if each.part is not None and not each.left_out:
            sizes[each.part] += each.size
    return dict(sizes)


def _keeping(known: ModelsSnapshot) -> Content | None:
    """Return what a month of the bucket costs, with what is paid for and no use."""
    contents, prices = known.there, known.prices
    if contents is None or prices is None:
        return None
    where = priced_region(contents.region)
    elsewhere = where != contents.region
    if elsewhere:
        priced = replace(contents.bucket, location=SafeText(where))
        contents = replace(contents, bucket=priced)
    month = bucket_month(contents, prices)
    figure = column(month.total, fine=is_small(month.total))
    said = tr("{figure} a month", figure=figure)
    if parts := [
        f"{tr(name)} {column(cost, fine=is_small(cost))}"
        for name, cost in _no_use(contents, prices)
    ]:
        of_it = tr(", ").join(parts)
        said = tr("{figure} a month, of it {parts}", figure=figure, parts=of_it)
    if elsewhere:
        said = tr("nothing here; in {region} {costs}", region=where, costs=said)
    return Content.assemble(said, (f"   {month.label}", "$text-muted"))


def _no_use(contents: BucketContents, prices: PriceList) -> Iterable[tuple[str, Amount]]:
    for kept, name in _LEFT:
        if objects := contents.found.of(kept):
            yield name, total(price_a_month(each, contents.region, prices) for each in objects)
    if contents.unfinished:
        parts = (price_of_parts(each, contents.region, prices) for each in contents.unfinished)
        yield tr_later("unfinished"), total(parts)


def _job(job: Job, compared: Compared | None) -> Content:
    match job.stage:
        case Stage.RUNNING:
            return Content.assemble(("● ", "$primary"), progress_text(job.progress))
        case Stage.STOPPED:
            return Content.styled(tr("▲ stopped"), "$warning")
        case Stage.FAILED:
            failures = (each.problem for each in job.progress.files if each.problem)
            why = job.problem or next(failures, None) or tr("it failed")
            return Content.styled(f"✗ {why}", "$error")
        case _:
            return _done(job, compared)


def _done(job: Job, compared: Compared | None) -> Content:
    """Return what came of it; that it is over, where files are others since."""
    if job.work is not Work.VERIFY:
        if job.work is Work.PUSH:
            return Content.styled(tr("✓ all of it is there, byte for byte"), "$success")
        return Content.styled(tr("✓ all of it is here, byte for byte"), "$success")
    files = () if compared is None else compared.files
    if not job.progress.files:
        return Content.styled(tr("– no file is here and there"), "$warning")
    if len(files) < len(job.progress.files):
        return Content.styled(tr("– done, but files are others since then"), "$text-muted")
    other = sum(not each.good for each in files)
    if other:
        said = tr("✗ {other} of {count} files differ", other=other, count=len(files))
        return Content.styled(said, "$error")
    said = tr("✓ {count} files are the same, byte for byte", count=len(files))
    return Content.styled(said, "$success")
