"""A push in words: what it would do, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.content import Content

from console.model.cost.facts import priced_region
from console.model.models.parts import ModelPart
from console.model.models.push_offer import PushOffer
from console.model.models.push_plan import PlannedFile, PushPlan, Standing
from console.model.models.push_progress import FileStage, PushedFile, PushProgress
from console.model.models.rate_text import rate_text, span_text
from console.model.models.snapshot import Job, Stage
from console.model.storage import size_text
from console.terminal.sanitise import sanitise
from console.widgets.costs.amounts import left, right

ABSENT: Final = "–"
_LABEL: Final = 10
_PART: Final = 14
_SIZE: Final = 10
_BAR: Final = 12
_STAGE: Final = 22
_ENDED: Final = (FileStage.SENT, FileStage.THERE)


def part_words(part: ModelPart | None) -> str:
    """Return what a part is called, `–` for a file that is none."""
    return ABSENT if part is None else part.words


def offer_rows(offer: PushOffer, width: int) -> list[Content]:
    """Return what a push would do, to be agreed to."""
    plan = offer.plan
    where = f" in {offer.region}" if offer.region else ""
    rows = [
        *_wrapped(f"{plan.directory} → gs://{plan.bucket}{where}", width, "bold"),
        Content(""),
        *(_planned(each, width) for each in plan.files),
        Content(""),
        *_labelled("to send", _effort(plan), width),
        *_labelled("price", _price(offer), width),
    ]
    for warning in offer.warnings:
        rows += _wrapped(f"▲ {sanitise(warning)}", width, "$warning")
    if offer.refused:
        rows += [
            Content(""),
            *_wrapped(f"✗ not pushed: {sanitise(offer.refused)}", width, "$error"),
        ]
    elif not plan.sent:
        rows += [Content(""), *_wrapped("✓ all of it is there already", width, "$success")]
    elif plan.replaced:
        names = " and ".join(each.file.name for each in plan.replaced)
        rows += [Content(""), *_wrapped(f"▲ y replaces {sanitise(names)}", width, "bold $warning")]
    return rows


def _price(offer: PushOffer) -> str:
    where = priced_region(offer.region)
    here = "" if where == offer.region else f"nothing here; in {where} "
    sending = f", sending them {offer.sending.text()} once" if offer.plan.sent else ""
    return (
        f"{here}keeping all of them costs {offer.month.amount.text()} a month{sending} (estimate, "
        f"prices of {offer.priced})"
    )


def _planned(planned: PlannedFile, width: int) -> Content:
    becomes, style = _becomes(planned)
    shown = width >= 70
    part = left(part_words(planned.file.part), _PART) if shown else Content("")
    room = max(width - (_PART if shown else 0) - _SIZE - 2 - _STAGE, 8)
    return Content.assemble(
        part,
        left(sanitise(planned.file.name), room),
        right(size_text(planned.size), _SIZE),
        "  ",
        left(becomes, _STAGE, style),
    )


def _becomes(planned: PlannedFile) -> tuple[str, str]:
    if planned.standing is Standing.SAME:
        return "there already", "$text-muted"
    if planned.standing is Standing.DIFFERENT:
        stored = ABSENT if planned.stored is None else size_text(planned.stored.size)
        return f"replaces {stored}", "$warning"
    return (f"new, {size_text(planned.begun)} sent" if planned.begun else "new"), "$success"


def _effort(plan: PushPlan) -> str:
    if not plan.sent:
        return "nothing"
    text = f"{size_text(plan.missing)} of {size_text(plan.size)}"
    if plan.rate is None or plan.seconds is None:
        return text
    return f"{text}, {span_text(plan.seconds)} at {rate_text(plan.rate)}, as was measured"


def job_rows(job: Job, width: int) -> list[Content]:
    """Return how far a push is, file by file, and what came of it."""
    progress = job.progress
    rows = [_file(each, job, width) for each in progress.files]
    rows += [Content(""), *_outcome(job, width)]
    for each in progress.files:
        if each.problem is not None:
            rows += _wrapped(f"✗ {sanitise(each.name)}: {each.problem}", width, "$error")
        elif each.note is not None and job.running:
            rows += _wrapped(f"▲ {sanitise(each.name)}: {each.note}", width, "$warning")
    return rows


def _file(file: PushedFile, job: Job, width: int) -> Content:
    said = _stage(file, job)
    room = max(width - _BAR - 2 - 6 - _STAGE, 8)
    share = file.done / file.size if file.size else 1.0
    style = "$error" if file.stage is FileStage.FAILED else "$success" if share >= 1 else "$primary"
    return Content.assemble(
        left(sanitise(file.name), room),
        " ",
        (_bar(share), style),
        right(f"{int(share * 100)} %", 6),
        "  ",
        left(said, _STAGE, "$text-muted"),
    )


def _stage(file: PushedFile, job: Job) -> str:
    rate = job.progress.rate
    if not job.running and file.stage is FileStage.WAITING:
        return "not begun"
    if not job.running and file.stage in (FileStage.SENDING, FileStage.FINISHING):
        return "not finished"
    if file.stage is FileStage.SENDING and rate:
        return f"{span_text((file.size - file.done) / rate)} left"
    return str(file.stage)


def _bar(share: float) -> str:
    done = min(_BAR, int(share * _BAR))
    return "━" * done + "─" * (_BAR - done)


def _outcome(job: Job, width: int) -> list[Content]:
    progress = job.progress
    good = sum(each.stage in _ENDED for each in progress.files)
    count = f"{good} of {len(progress.files)} files are there"
    match job.stage:
        case Stage.RUNNING:
            return _labelled("in all", progress_text(progress), width)
        case Stage.STOPPED:
            text = f"▲ stopped, {count}; P goes on where it ended"
            return _wrapped(text, width, "$warning")
        case Stage.FAILED:
            why = f": {job.problem}" if job.problem is not None else ""
            return _wrapped(f"✗ {count}{why}; P goes on where it ended", width, "$error")
        case _:
            sent = sum(each.sent for each in progress.files)
            took = f"{size_text(sent)} sent in {span_text(job.seconds)}"
            return _wrapped(f"✓ all of it is there, byte for byte: {took}", width, "$success")


def progress_text(progress: PushProgress) -> str:
    """Return how far all files are: `1.2 GB of 7.8 GB, 18.3 MB/s, 6 min left`."""
    parts = [f"{size_text(progress.done)} of {size_text(progress.size)}"]
    if progress.rate:
        parts.append(rate_text(progress.rate))
    if progress.seconds_left is not None and progress.done < progress.size:
        parts.append(f"{span_text(progress.seconds_left)} left")
    return ", ".join(parts)


def _labelled(label: str, text: str, width: int) -> list[Content]:
    first, *rest = _wrapped(text, width - _LABEL)
    head = Content.assemble(left(label, _LABEL, "$text-muted"), first)
    return [head, *(Content.assemble(" " * _LABEL, each) for each in rest)]


def _wrapped(text: str, width: int, style: str = "") -> list[Content]:
    return Content.styled(text, style).wrap(max(width, 10))


def widest(texts: Sequence[str], least: int = 0) -> int:
    """Return how many cells the widest of `texts` takes."""
    return max([least, *map(cell_len, texts)])
