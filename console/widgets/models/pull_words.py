"""What published files there are to choose from, and what fetching them would do, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from textual.content import Content

from console.language import tr, tr_list
from console.model.models.parts import ModelPart
from console.model.models.place_words import SIZE_HEAD
from console.model.models.published import ENCODERS, TRANSFORMERS, VAE, PublishedFile
from console.model.models.pull_offer import PullOffer, PullWish
from console.model.models.pulling import PlannedFile, PullPlan, Standing
from console.model.models.rate_text import rate_text, span_text
from console.model.models.shapes import SHAPES
from console.model.storage import size_text
from console.terminal.sanitise import sanitise
from console.widgets.costs.amounts import left, right
from console.widgets.models.rows import labelled, part_words, wrapped

BY_SIZE: Final = {
    ModelPart.TRANSFORMER: tuple(sorted(TRANSFORMERS, key=lambda each: each.size)),
    ModelPart.TEXT_ENCODER: tuple(sorted(ENCODERS, key=lambda each: each.size)),
}
"""The files of each part that there are several of, from the smallest."""

_NAME: Final = 10
_SIZE: Final = 9
_PART: Final = 14
_BECOMES: Final = 20


def choice_rows(
    wish: PullWish, source: str, part: ModelPart, width: int, *, colour: bool
) -> tuple[list[Content], int]:
    """Return what there is to choose from of a part, and in which row the chosen one is."""
    shown = sanitise(source)
    rows = [
        *labelled(tr("from"), tr("{source}  (HF_ENDPOINT names a mirror)", source=shown), width),
        *labelled(tr("into"), sanitise(wish.directory), width),
        *labelled(tr("in all"), _in_all(wish), width),
        *labelled(tr("licence"), _licences(wish.files), width),
    ]
    cursor = 0
    for each, files in BY_SIZE.items():
        if each is not part:
            rows.append(_closed(_chosen(wish, each), width))
            continue
        rows.append(_heads(each, width))
        for file in files:
            chosen = file in wish.files
            cursor = len(rows) if chosen else cursor
            rows.append(_choice(file, _with(wish, file), chosen, width, colour=colour))
    rows.append(_closed(VAE, width))
    return rows, cursor


def _with(wish: PullWish, file: PublishedFile) -> PullWish:
    if file.part is ModelPart.TRANSFORMER:
        return wish.with_transformer(file.quantisation)
    return wish.with_encoder(file.quantisation)


def _chosen(wish: PullWish, part: ModelPart) -> PublishedFile:
    return next(each for each in wish.files if each.part is part)


def _in_all(wish: PullWish) -> Content:
    said = tr(
        "{size}; memory about {memory}",
        size=size_text(wish.size),
        memory=size_text(wish.memory),
    )
    return Content.assemble(said, *_fits(wish.memory))


def _fits(memory: int) -> Iterator[tuple[str, str]]:
    for each in SHAPES:
        good = memory <= each.room
        yield f"  {'✓' if good else '✗'} {each.name}", "$success" if good else "$error"


def _licences(files: Sequence[PublishedFile]) -> str:
    publishers: dict[str, dict[str, None]] = {}
    for each in files:
        publishers.setdefault(each.licence, {})[each.publisher] = None
    return tr(", ").join(
        tr("{licence} (by {publishers})", licence=licence, publishers=tr(", ").join(by))
        for licence, by in publishers.items()
    )


def _heads(part: ModelPart, width: int) -> Content:
    return Content.assemble(
        left(f"  {part_words(part)}", 2 + _NAME + 2, "$text-muted"),
        right(tr(SIZE_HEAD), _SIZE - 2, "$text-muted"),
        right(tr("memory"), _SIZE, "$text-muted"),
        left("  " + tr("pictures"), max(width - 2 - _NAME - 2 * _SIZE, 8), "$text-muted"),
    )


def _choice(
    file: PublishedFile, then: PullWish, chosen: bool, width: int, *, colour: bool
) -> Content:
    row = Content.assemble(
        "▸ " if chosen else "  ",
        left(file.quantisation, _NAME),
        right(size_text(file.size), _SIZE),
        right(size_text(then.memory), _SIZE),
        "  ",
        left(tr(file.quality), max(width - 4 - _NAME - 2 * _SIZE, 8)),
    )
    return row.stylize("on $panel" if colour else "reverse") if chosen else row


def _closed(file: PublishedFile, width: int) -> Content:
    """Return the line of a part that is not chosen from now."""
    what = tr(
        "{quantisation}, {size}: {quality}",
        quantisation=file.quantisation,
        size=size_text(file.size),
        quality=tr(file.quality),
    )
    return Content.assemble(
        left(f"  {part_words(file.part)}", _PART + 2, "$text-muted"),
        left(what, max(width - _PART - 2, 8)),
    )


def pull_offer_rows(offer: PullOffer, width: int, *, accepted: bool) -> list[Content]:
    """Return what a pull would do, to be agreed to."""
    plan = offer.plan
    rows = [
        *wrapped(f"{plan.endpoint} → {sanitise(offer.wish.directory)}", width, "bold"),
        Content(""),
        *(_planned(each, width) for each in plan.files),
        Content(""),
    ]
    for label, said in _facts(offer):
        rows += labelled(label, said, width)
    if plan.beside:
        beside = tr(
            "▲ {files} there too: an engine loads one file for each part alone",
            files=tr(", ").join(plan.beside),
        )
        rows += wrapped(beside, width, "$warning")
    for said, style in _verdict(offer, accepted=accepted):
        rows += [Content(""), *wrapped(sanitise(said), width, style)]
    return rows


def _verdict(offer: PullOffer, *, accepted: bool) -> Iterator[tuple[str, str]]:
    """Yield what stands against it, and what is to be known before `y`."""
    if offer.refused:
        yield tr("✗ not fetched: {why}", why=offer.refused), "$error"
        return
    if not offer.useful:
        yield tr("✓ all of it is here already"), "$success"
        return
    if offer.changed and not accepted:
        yield tr("✗ {problem}; a takes them all the same", problem=offer.changed), "$error"
        return
    if offer.changed:
        yield tr("▲ taken all the same: {problem}", problem=offer.changed), "$warning"
    if names := tr_list([each.stated.file.name for each in offer.plan.different]):
        yield tr("▲ y replaces {names}", names=names), "bold $warning"


def _facts(offer: PullOffer) -> Iterator[tuple[str, str | Content]]:
    plan = offer.plan
    memory = tr("{size} (estimate)", size=size_text(plan.memory))
    known = tr(
        "{known} of {count} known beforehand, the rest as the hub states",
        known=sum(each.stated.as_known for each in plan.files),
        count=len(plan.files),
    )
    yield tr("to fetch"), _effort(plan)
    yield tr("disk"), _disk(plan)
    yield tr("memory"), Content.assemble(memory, *_fits(plan.memory))
    yield tr("licence"), _licences([each.stated.file for each in plan.files])
    yield tr("price"), tr("nothing: these files and the hub are free of charge")
    yield tr("checksums"), known


def _effort(plan: PullPlan) -> str:
    if not plan.missing:
        return tr("nothing")
    missing, size = size_text(plan.missing), size_text(plan.size)
    if plan.rate is None or plan.seconds is None:
        return tr("{done} of {size}", done=missing, size=size)
    return tr(
        "{missing} of {size}, {span} at {rate}, as was measured",
        missing=missing,
        size=size,
        span=span_text(plan.seconds),
        rate=rate_text(plan.rate),
    )


def _disk(plan: PullPlan) -> str:
    free = size_text(plan.free)
    if plan.lacking:
        return tr("{free} free, {lacking} too little", free=free, lacking=size_text(plan.lacking))
    then = size_text(plan.free - plan.missing)
    return tr("{free} free, {then} afterwards", free=free, then=then)


def _planned(planned: PlannedFile, width: int) -> Content:
    file, shown = planned.stated.file, width >= 66
    becomes, style = _becomes(planned)
    room = max(width - (_PART if shown else 0) - _SIZE - 2 - _BECOMES, 8)
    return Content.assemble(
        left(part_words(file.part), _PART) if shown else "",
        left(file.name, room),
        right(size_text(planned.stated.size), _SIZE),
        "  ",
        left(becomes, _BECOMES, style),
    )


def _becomes(planned: PlannedFile) -> tuple[str, str]:
    match planned.standing:
        case Standing.HERE:
            return tr("here already"), "$text-muted"
        case Standing.BEGUN:
            return tr("{size} here", size=size_text(planned.have)), "$success"
        case Standing.DIFFERENT:
            return tr("replaces another"), "$warning"
        case _:
            return tr("to fetch"), "$success"
