"""What published files there are to choose from, and what fetching them would do, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from textual.content import Content

from console.model.models.parts import ModelPart
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
    rows = [
        *labelled("from", f"{sanitise(source)}  (HF_ENDPOINT names a mirror)", width),
        *labelled("into", sanitise(wish.directory), width),
        *labelled("in all", _in_all(wish), width),
        *labelled("licence", _licences(wish.files), width),
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
    return Content.assemble(
        f"{size_text(wish.size)}; memory about {size_text(wish.memory)}", *_fits(wish.memory)
    )


def _fits(memory: int) -> Iterator[tuple[str, str]]:
    for each in SHAPES:
        good = memory <= each.room
        yield f"  {'✓' if good else '✗'} {each.name}", "$success" if good else "$error"


def _licences(files: Sequence[PublishedFile]) -> str:
    publishers: dict[str, dict[str, None]] = {}
    for each in files:
        publishers.setdefault(each.licence, {})[each.publisher] = None
    return ", ".join(f"{licence} (by {', '.join(by)})" for licence, by in publishers.items())


def _heads(part: ModelPart, width: int) -> Content:
    return Content.assemble(
        left(f"  {part_words(part)}", 2 + _NAME + 2, "$text-muted"),
        right("size", _SIZE - 2, "$text-muted"),
        right("memory", _SIZE, "$text-muted"),
        left("  pictures", max(width - 2 - _NAME - 2 * _SIZE, 8), "$text-muted"),
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
        left(file.quality, max(width - 4 - _NAME - 2 * _SIZE, 8)),
    )
    return row.stylize("on $panel" if colour else "reverse") if chosen else row


def _closed(file: PublishedFile, width: int) -> Content:
    """Return the line of a part that is not chosen from now."""
    what = f"{file.quantisation}, {size_text(file.size)}: {file.quality}"
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
        beside = f"{', '.join(plan.beside)} there too: an engine loads one file for each part alone"
        rows += wrapped(f"▲ {beside}", width, "$warning")
    for said, style in _verdict(offer, accepted=accepted):
        rows += [Content(""), *wrapped(sanitise(said), width, style)]
    return rows


def _verdict(offer: PullOffer, *, accepted: bool) -> Iterator[tuple[str, str]]:
    """Yield what stands against it, and what is to be known before `y`."""
    if offer.refused:
        yield f"✗ not fetched: {offer.refused}", "$error"
        return
    if not offer.useful:
        yield "✓ all of it is here already", "$success"
        return
    if offer.changed and not accepted:
        yield f"✗ {offer.changed}; a takes them all the same", "$error"
        return
    if offer.changed:
        yield f"▲ taken all the same: {offer.changed}", "$warning"
    if names := " and ".join(each.stated.file.name for each in offer.plan.different):
        yield f"▲ y replaces {names}", "bold $warning"


def _facts(offer: PullOffer) -> Iterator[tuple[str, str | Content]]:
    plan = offer.plan
    yield "to fetch", _effort(plan)
    yield "disk", _disk(plan)
    yield "memory", Content.assemble(f"{size_text(plan.memory)} (estimate)", *_fits(plan.memory))
    yield "licence", _licences([each.stated.file for each in plan.files])
    yield "price", "nothing: these files and the hub are free of charge"
    known = sum(each.stated.as_known for each in plan.files)
    yield "checksums", f"{known} of {len(plan.files)} known beforehand, the rest as the hub states"


def _effort(plan: PullPlan) -> str:
    if not plan.missing:
        return "nothing"
    text = f"{size_text(plan.missing)} of {size_text(plan.size)}"
    if plan.rate is None or plan.seconds is None:
        return text
    return f"{text}, {span_text(plan.seconds)} at {rate_text(plan.rate)}, as was measured"


def _disk(plan: PullPlan) -> str:
    if plan.lacking:
        return f"{size_text(plan.free)} free, {size_text(plan.lacking)} too little"
    return f"{size_text(plan.free)} free, {size_text(plan.free - plan.missing)} afterwards"


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
            return "here already", "$text-muted"
        case Standing.BEGUN:
            return f"{size_text(planned.have)} here", "$success"
        case Standing.DIFFERENT:
            return "replaces another", "$warning"
        case _:
            return "to fetch", "$success"
