"""How far files are on their way, and what came of it, in words."""

from __future__ import annotations

from typing import Final

from textual.content import Content

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


def job_rows(job: Job, width: int) -> list[Content]:
    """Return how far a push or a pull is, file by file, and what came of it."""
    progress = job.progress
    rows = [_file(each, job, width) for each in progress.files]
    rows += [Content(""), *_outcome(job, width)]
    for each in progress.files:
        if each.problem is not None:
            rows += wrapped(f"✗ {sanitise(each.name)}: {each.problem}", width, "$error")
        elif each.note is not None and job.running:
            rows += wrapped(f"▲ {sanitise(each.name)}: {each.note}", width, "$warning")
    return rows


def progress_text(progress: Progress[FileOnItsWay]) -> str:
    """Return how far all files are: `1.2 GB of 7.8 GB, 18.3 MB/s, 6 min left`."""
    parts = [f"{size_text(progress.done)} of {size_text(progress.size)}"]
    if progress.rate:
        parts.append(rate_text(progress.rate))
    if progress.seconds_left is not None and progress.done < progress.size:
        parts.append(f"{span_text(progress.seconds_left)} left")
    return ", ".join(parts)


def going_on_text(job: Job) -> str:
    """Say what is on its way, and how far: `a push goes on: 1.2 GB of 7.8 GB sent`.

    Empty for what is over, and for what nobody minds to begin anew.
    """
    if not job.running or job.work is Work.VERIFY:
        return ""
    progress, verb = job.progress, "fetched" if job.work is Work.PULL else "sent"
    kept, size = size_text(progress.kept), size_text(progress.size)
    return f"a {job.work} goes on: {kept} of {size} {verb}"


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
        return "not finished" if file.done else "not begun"
    if file.note is not None:
        return "waiting"
    rate = job.progress.rate if file.rate is None else file.rate
    if file.way is Way.PASSING and rate:
        return f"{span_text((file.size - file.done) / rate)} left"
    return file.doing


def _bar(share: float) -> str:
    done = min(_BAR, int(share * _BAR))
    return "━" * done + "─" * (_BAR - done)


def _outcome(job: Job, width: int) -> list[Content]:
    progress = job.progress
    pulled = job.work is Work.PULL
    where, key = ("here", "F") if pulled else ("there", "P")
    good = sum(each.way is Way.ARRIVED for each in progress.files)
    count = f"{good} of {len(progress.files)} files are {where}"
    match job.stage:
        case Stage.RUNNING:
            return labelled("in all", progress_text(progress), width)
        case Stage.STOPPED:
            text = f"▲ stopped, {count}; {key} goes on where it ended"
            return wrapped(text, width, "$warning")
        case Stage.FAILED:
            why = f": {job.problem}" if job.problem is not None else ""
            return wrapped(f"✗ {count}{why}; {key} goes on where it ended", width, "$error")
        case _:
            verb = "fetched" if pulled else "sent"
            took = f"{size_text(progress.passed)} {verb} in {span_text(job.seconds)}"
            return wrapped(f"✓ all of it is {where}, byte for byte: {took}", width, "$success")
