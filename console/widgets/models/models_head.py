"""The head of the screen of models: what is whole, what has room where, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from textual.content import Content

from console.model.cost.bucket_cost import BucketContents, bucket_month
from console.model.cost.facts import priced_region
from console.model.cost.money import Amount, total
from console.model.cost.prices import PriceList
from console.model.freshness import Freshness, Standing, brief
from console.model.models.parts import ModelPart
from console.model.models.shapes import SHAPES, needed_memory
from console.model.models.snapshot import Compared, FilesHere, Job, ModelsSnapshot, Stage, Work
from console.model.models.stored_price import price_a_month, price_of_parts
from console.model.models.stored_set import stored_set
from console.model.storage import Kept, size_text
from console.model.text import SafeText
from console.widgets.costs.amounts import column, is_small, left
from console.widgets.models.job_words import progress_text

_LABEL: Final = 8
_WHOLE: Final = "✓ a whole model"
_LEFT: Final = ((Kept.NONCURRENT, "replaced"), (Kept.SOFT_DELETED, "deleted"))


def head_rows(known: ModelsSnapshot, now: datetime, width: int) -> list[Content]:
    """Return what there is to say of all files, each thing under a label."""
    rows: list[Content] = []
    if known.job is not None:
        rows += _labelled(str(known.job.work), _job(known.job, known.compared), width)
    rows += [
        *_labelled("here", _here(known), width),
        *_labelled("there", _there(known, now), width),
    ]
    for label, said in (("memory", _memory(known)), ("keeping", _keeping(known))):
        if said is not None:
            rows += _labelled(label, said, width)
    return rows


def _here(known: ModelsSnapshot) -> Content:
    found, fresh = known.here, known.here_fresh
    if fresh.standing in (Standing.ERROR, Standing.ABSENT):
        mark, style = ("✗", "$error") if fresh.standing is Standing.ERROR else ("–", "$warning")
        return Content.styled(f"{mark} {fresh.problem}", style)
    if found is None:
        return Content.styled("looking …", "$text-muted")
    where = "the demo model that comes with the console" if found.bundled else found.directory
    if found.problem:
        return Content.assemble((f"▲ no whole model: {found.problem}", "$warning"))
    unchecked = f"   by names alone: {found.unchecked}" if found.unchecked else ""
    size = sum(each.size for each in found.files if not each.left_out)
    return Content.assemble(
        (_WHOLE, "$success"),
        f", {size_text(size)}",
        (f"   {where}", "$text-muted"),
        (unchecked, "$warning"),
    )


def _there(known: ModelsSnapshot, now: datetime) -> Content:
    contents, fresh = known.there, known.there_fresh
    trouble = _trouble(fresh, now)
    if contents is None:
        if fresh.standing is Standing.LOADING:
            return Content.styled("asking …", "$text-muted")
        return trouble or Content.styled("– nothing is known of it", "$warning")
    whole = stored_set(contents.found)
    location = contents.bucket.location.lower()
    where = f"   gs://{contents.bucket.name}{f' in {location}' if location else ''}"
    size = contents.found.size(Kept.LIVE)
    verdict = (
        Content.assemble((_WHOLE, "$success"), f", {size_text(size)}")
        if whole.complete
        else Content.styled(f"▲ no service can start from it: {whole.problem}", "$warning")
    )
    more = "" if contents.found.complete else "   more than was listed"
    unseen = f"   {known.unseen}" if known.unseen else ""
    said = Content.assemble(verdict, (where, "$text-muted"), (f"{more}{unseen}", "$warning"))
    return Content("\n").join([said, trouble]) if trouble else said


def _trouble(fresh: Freshness, now: datetime) -> Content | None:
    """Return why there is no newer list of the bucket; None where all is well."""
    if fresh.standing in (Standing.FRESH, Standing.LOADING):
        return None
    if fresh.standing is Standing.ABSENT:
        return Content.styled(f"– {fresh.problem or 'there is none'}", "$warning")
    said = brief(fresh, now)
    if not fresh.troubled:
        return Content.styled(said, "$warning")
    about = f"✗ {fresh.problem or 'the bucket is not known'}"
    return Content.assemble((about, "$error"), (f"   {said}", "$warning"))


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
    return Content.assemble(
        f"{size_text(needed)} for 1024×1024 (estimate)",
        *fits,
    )


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
    here = "" if where == contents.region else f"nothing here; in {where} "
    if here:
        priced = replace(contents.bucket, location=SafeText(where))
        contents = replace(contents, bucket=priced)
    month = bucket_month(contents, prices)
    parts = [
        f"{name} {column(cost, fine=is_small(cost))}" for name, cost in _no_use(contents, prices)
    ]
    of_it = f", of it {', '.join(parts)}" if parts else ""
    figure = column(month.total, fine=is_small(month.total))
    return Content.assemble(f"{here}{figure} a month{of_it}", (f"   {month.label}", "$text-muted"))


def _no_use(contents: BucketContents, prices: PriceList) -> Iterable[tuple[str, Amount]]:
    for kept, name in _LEFT:
        if objects := contents.found.of(kept):
            yield name, total(price_a_month(each, contents.region, prices) for each in objects)
    if contents.unfinished:
        yield (
            "unfinished",
            total(price_of_parts(each, contents.region, prices) for each in contents.unfinished),
        )


def _job(job: Job, compared: Compared | None) -> Content:
    match job.stage:
        case Stage.RUNNING:
            return Content.assemble(("● ", "$primary"), progress_text(job.progress))
        case Stage.STOPPED:
            return Content.styled("▲ stopped", "$warning")
        case Stage.FAILED:
            why = job.problem or next(
                (each.problem for each in job.progress.files if each.problem), None
            )
            return Content.styled(f"✗ {why or 'it failed'}", "$error")
        case _:
            return _done(job, compared)


def _done(job: Job, compared: Compared | None) -> Content:
    """Return what came of it; that it is over, where files are others since."""
    if job.work is not Work.VERIFY:
        where = "there" if job.work is Work.PUSH else "here"
        return Content.styled(f"✓ all of it is {where}, byte for byte", "$success")
    files = () if compared is None else compared.files
    if not job.progress.files:
        return Content.styled("– no file is here and there", "$warning")
    if len(files) < len(job.progress.files):
        return Content.styled("– done, but files are others since then", "$text-muted")
    other = sum(not each.good for each in files)
    if other:
        return Content.styled(f"✗ {other} of {len(files)} files differ", "$error")
    return Content.styled(f"✓ {len(files)} files are the same, byte for byte", "$success")


def _labelled(label: str, said: Content, width: int) -> list[Content]:
    """Return rows of which the first begins with `label`."""
    lines = [row for each in said.split("\n") for row in each.wrap(max(width - _LABEL, 10))]
    heads = [left(label, _LABEL, "$text-muted"), *[Content(" " * _LABEL)] * (len(lines) - 1)]
    return [Content.assemble(head, line) for head, line in zip(heads, lines, strict=True)]
