"""A plan of a pull, and how it went, for a person and as a document."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TextIO

from console.language import tr
from console.model.models.place_words import SIZE_HEAD
from console.model.models.published import (
    ENCODERS,
    TRANSFORMERS,
    PublishedFile,
    memory_bytes,
)
from console.model.models.pulling import (
    FileProgress,
    PlannedFile,
    PullPlan,
    PullProgress,
    Stage,
    Standing,
)
from console.model.models.rate_text import rate_text, span_text
from console.model.storage import size_text
from console.terminal.sanitise import sanitise
from engine.schema import SCHEMA_VERSION


def pull_document(plan: PullPlan, progress: PullProgress | None) -> dict[str, object]:
    """Return what `models pull --json` prints; what is not known is null."""
    went = {each.name: each for each in progress.files} if progress else {}
    return {
        "schema_version": SCHEMA_VERSION,
        "endpoint": plan.endpoint,
        "directory": plan.directory,
        "done": progress is not None and finished(progress),
        "bytes": plan.size,
        "missing_bytes": plan.missing,
        "free_bytes": plan.free,
        "lacking_bytes": plan.lacking,
        "memory_bytes": plan.memory,
        "beside": list(plan.beside),
        "bytes_per_second": plan.rate,
        "seconds": plan.seconds,
        "files": [_file(each, went.get(each.stated.file.name)) for each in plan.files],
    }


def _file(planned: PlannedFile, went: FileProgress | None) -> dict[str, object]:
    stated, file = planned.stated, planned.stated.file
    return {
        "name": file.name,
        "part": str(file.part),
        "quantisation": file.quantisation or None,
        "repository": file.repository,
        "path": file.path,
        "revision": stated.revision,
        "licence": file.licence,
        "bytes": stated.size,
        "checksum": str(stated.checksum),
        "checksum_known_before": stated.as_known,
        "before": str(planned.standing),
        "had_bytes": planned.have,
        "now": None if went is None else str(went.stage),
        "fetched_bytes": None if went is None else went.fetched,
        "problem": None if went is None else went.problem,
    }


def finished(progress: PullProgress) -> bool:
    """Return whether every file is there."""
    return all(each.stage in (Stage.HERE, Stage.DONE) for each in progress.files)


def print_plan(plan: PullPlan, stream: TextIO, choices: bool) -> None:
    """Print what would come from where; with `choices`, also what else there is."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, highlight=False, soft_wrap=False)
    console.print(Text(f"{plan.endpoint} → {sanitise(plan.directory)}"))
    heads = (tr("part"), tr("file"), tr(SIZE_HEAD), tr("licence"), "")
    table = Table(*heads, box=None, padding=(0, 2, 0, 0))
    table.columns[2].justify = "right"
    for each in plan.files:
        file = each.stated.file
        row = (file.part.words, file.name, size_text(each.stated.size), file.licence)
        table.add_row(*map(Text, (*row, _standing(each))))
    console.print(table)
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(plan):
        facts.add_row(Text(name), Text(value))
    console.print()
    console.print(facts)
    if choices:
        console.print()
        console.print(_choices(plan))


def _standing(planned: PlannedFile) -> str:
    if planned.standing is Standing.BEGUN:
        return tr("begun, {size} to fetch", size=size_text(planned.missing))
    return tr(planned.standing.value)


def _facts(plan: PullPlan) -> Iterator[tuple[str, str]]:
    missing, size = size_text(plan.missing), size_text(plan.size)
    yield tr("to fetch"), tr("{done} of {size}", done=missing, size=size)
    if plan.missing and plan.measured:
        yield tr("takes"), _time(plan)
    yield tr("disk"), _room(plan)
    memory = tr(
        "{size} at least for pictures of 1024×1024 (an estimate)", size=size_text(plan.memory)
    )
    yield tr("memory"), memory
    known = [each.stated.file.name for each in plan.files if each.stated.as_known]
    stated = [each.stated.file.name for each in plan.files if not each.stated.as_known]
    if known:
        said = tr("known beforehand: {files}", files=tr(", ").join(known))
        yield tr("checksums"), said
    if stated:
        said = tr("as the hub states them: {files}", files=tr(", ").join(stated))
        yield "" if known else tr("checksums"), said
    if plan.beside:
        said = tr(
            "{files}: an engine loads one file for each part alone",
            files=tr(", ").join(plan.beside),
        )
        yield tr("beside"), said
    for number, each in enumerate(plan.files):
        said = tr(
            "{repository} at {revision}: {file}",
            repository=each.stated.file.repository,
            revision=each.stated.revision[:12],
            file=each.stated.file.name,
        )
        yield "" if number else tr("from"), said


def _room(plan: PullPlan) -> str:
    free = size_text(plan.free)
    if not plan.lacking:
        return tr("{free} free", free=free)
    return tr("{free} free, {lacking} too little", free=free, lacking=size_text(plan.lacking))


def _time(plan: PullPlan) -> str:
    if plan.seconds is None or plan.rate is None:
        return tr("– (the rate could not be measured)")
    span, rate = span_text(plan.seconds), rate_text(plan.rate)
    return tr("{span} at the {rate} measured now", span=span, rate=rate)


def _choices(plan: PullPlan) -> object:
    from rich.table import Table
    from rich.text import Text

    heads = (tr("choice"), tr(SIZE_HEAD), tr("memory"), tr("pictures"), tr("by"))
    table = Table(*heads, box=None, padding=(0, 2, 0, 0))
    for column in table.columns[1:3]:
        column.justify = "right"
    now = {each.stated.file.part: each.stated.file for each in plan.files}
    for flag, files in (("--quant", TRANSFORMERS), ("--encoder", ENCODERS)):
        for file in files:
            mark = " ←" if file in now.values() else ""
            memory = size_text(_memory_with(plan, file))
            row = (f"{flag} {file.quantisation}{mark}", _size(file), memory)
            table.add_row(*map(Text, (*row, tr(file.quality), file.publisher)))
    return table


def _size(file: PublishedFile) -> str:
    return f"{file.size / 1e9:.2f} GB"


def _memory_with(plan: PullPlan, file: PublishedFile) -> int:
    """Return the memory with `file` in the place of the one of that part that is chosen."""
    sizes = {each.stated.file.part: each.stated.size for each in plan.files}
    return memory_bytes(sizes | {file.part: file.size})


def progress_text(progress: PullProgress) -> str:
    """Return how far all files are, in one line."""
    checking = next((each for each in progress.files if each.stage is Stage.CHECKING), None)
    percent = 100 * progress.done / progress.size if progress.size else 100
    done, size = size_text(progress.done), size_text(progress.size)
    said = tr("{done} of {size}, {percent:.0f} %", done=done, size=size, percent=percent)
    if progress.rate:
        said = tr("{progress}, {rate}", progress=said, rate=rate_text(progress.rate))
        if progress.seconds_left is not None:
            left = span_text(progress.seconds_left)
            said = tr("{progress}, {left} left", progress=said, left=left)
    elif checking is not None:
        said = tr("{progress}, checking {file}", progress=said, file=checking.name)
    waiting = next((each for each in progress.files if each.note and not each.ended), None)
    if waiting is not None:
        said = tr("{progress}, {note}", progress=said, note=waiting.note)
    return said


def outcome_lines(plan: PullPlan, progress: PullProgress) -> Iterator[str]:
    """Yield what became of each file, and what to do with them."""
    for planned, each in zip(plan.files, progress.files, strict=True):
        if each.stage is Stage.HERE:
            yield tr("{file}: was here already, and is right", file=each.name)
        elif each.stage is Stage.DONE and planned.stated.as_known:
            yield tr(
                "{file}: {size}, verified against the checksum known beforehand",
                file=each.name,
                size=size_text(each.size),
            )
        elif each.stage is Stage.DONE:
            yield tr(
                "{file}: {size}, verified against the hub's checksum",
                file=each.name,
                size=size_text(each.size),
            )
    if finished(progress) and plan.beside:
        yield tr(
            "No engine loads {directory} as it is: take {files} away, since there is another file "
            "for that now",
            directory=sanitise(plan.directory),
            files=tr(", ").join(plan.beside),
        )
    elif finished(progress):
        yield tr(
            "The model is complete: zimage-console --models {directory}",
            directory=shlex.quote(sanitise(plan.directory)),
        )
