"""How far files are on their way, and what came of it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.content import Content

from console.language import tr, tr_later
from console.model.models.progress import FileOnItsWay, Progress, Way
from console.model.models.rate_text import rate_text, span_text
from console.model.models.snapshot import Job, Stage, Work
from console.model.storage import size_text
from console.terminal.sanitise import sanitise
from console.widgets.costs.amounts import left, right
from console.widgets.models.rows import labelled, wrapped

_BAR: Final = 12
_STAGE: Final = 22
_STYLES: Final = {Way.FAILED: "$error", Way.ARRIVED: "$success"}


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said of the end of a transfer, to be translated where it is said."""

    stopped: str
    failed: str
    failed_for: str
    done: str


_PULLED: Final = _Words(
    tr_later("▲ stopped, {good} of {count} files are here; F goes on where it ended"),
    tr_later("✗ {good} of {count} files are here; F goes on where it ended"),
    tr_later("✗ {good} of {count} files are here: {why}; F goes on where it ended"),
    tr_later("✓ all of it is here, byte for byte: {size} fetched in {took}"),
)
_PUSHED: Final = _Words(
    tr_later("▲ stopped, {good} of {count} files are there; P goes on where it ended"),
    tr_later("✗ {good} of {count} files are there; P goes on where it ended"),
    tr_later("✗ {good} of {count} files are there: {why}; P goes on where it ended"),
    tr_later("✓ all of it is there, byte for byte: {size} sent in {took}"),
)


def job_rows(job: Job, width: int) -> list[Content]:
    """Return how far a push or a pull is, file by file, and what came of it."""
    progress = job.progress
    rows = [_file(each, job, width) for each in progress.files]
    rows += [Content(""), *_outcome(job, width)]
    for each in progress.files:
        if each.problem is not None:
            said = tr("✗ {file}: {problem}", file=sanitise(each.name), problem=each.problem)
            rows += wrapped(said, width, "$error")
        elif each.note is not None and job.running:
            said = tr("▲ {file}: {note}", file=sanitise(each.name), note=each.note)
            rows += wrapped(said, width, "$warning")
    return rows


def progress_text(progress: Progress[FileOnItsWay]) -> str:
    """Return how far all files are: `1.2 GB of 7.8 GB, 18.3 MB/s, 6 min left`."""
    done, size = size_text(progress.done), size_text(progress.size)
    if not progress.rate:
        return tr("{done} of {size}", done=done, size=size)
    rate = rate_text(progress.rate)
    if progress.seconds_left is None or progress.done >= progress.size:
        return tr("{done} of {size}, {rate}", done=done, size=size, rate=rate)
    return tr(
        "{done} of {size}, {rate}, {left} left",
        done=done,
        size=size,
        rate=rate,
        left=span_text(progress.seconds_left),
    )


def going_on_text(job: Job) -> str:
    """Say what is on its way, and how far: `a push goes on: 1.2 GB of 7.8 GB sent`.

    Empty for what is over, and for what nobody minds to begin anew.
    """
    if not job.running or job.work is Work.VERIFY:
        return ""
    kept, size = size_text(job.progress.kept), size_text(job.progress.size)
    if job.work is Work.PULL:
        return tr("a pull goes on: {kept} of {size} fetched", kept=kept, size=size)
    return tr("a push goes on: {kept} of {size} sent", kept=kept, size=size)


def _file(file: FileOnItsWay, job: Job, width: int) -> Content:
    room = max(width - _BAR - 2 - 6 - _STAGE, 8)
    share = file.done / file.size if file.size else 1.0
    style = _STYLES.get(file.way, "$primary")
    return Content.assemble(
        left(sanitise(file.name), room),
        " ",
        (_bar(share), style),
        right(f"{int(share * 100)} %", 6),
        "  ",
        left(_doing(file, job), _STAGE, "$text-muted"),
    )


def _doing(file: FileOnItsWay, job: Job) -> str:
    if file.way in (Way.ARRIVED, Way.FAILED):
        return file.doing
    if not job.running:
        return tr("not finished") if file.done else tr("not begun")
    if file.note is not None:
        return tr("waiting")
    rate = job.progress.rate if file.rate is None else file.rate
    if file.way is Way.PASSING and rate:
        return tr("{left} left", left=span_text((file.size - file.done) / rate))
    return file.doing


def _bar(share: float) -> str:
    done = min(_BAR, int(share * _BAR))
    return "━" * done + "─" * (_BAR - done)


def _outcome(job: Job, width: int) -> list[Content]:
    progress = job.progress
    words = _PULLED if job.work is Work.PULL else _PUSHED
    good, count = sum(each.way is Way.ARRIVED for each in progress.files), len(progress.files)
    match job.stage:
        case Stage.RUNNING:
            return labelled(tr("in all"), progress_text(progress), width)
        case Stage.STOPPED:
            return wrapped(tr(words.stopped, good=good, count=count), width, "$warning")
        case Stage.FAILED if job.problem is None:
            return wrapped(tr(words.failed, good=good, count=count), width, "$error")
        case Stage.FAILED:
            said = tr(words.failed_for, good=good, count=count, why=job.problem)
            return wrapped(said, width, "$error")
        case _:
            size, took = size_text(progress.passed), span_text(job.seconds)
            return wrapped(tr(words.done, size=size, took=took), width, "$success")
