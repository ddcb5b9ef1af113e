"""A plan of a pull, and how it went, for a person and as a document."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TextIO

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

_ABSENT = "–"


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
    table = Table("part", "file", "size", "licence", "", box=None, padding=(0, 2, 0, 0))
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
        return f"begun, {size_text(planned.missing)} to fetch"
    return str(planned.standing)


def _facts(plan: PullPlan) -> Iterator[tuple[str, str]]:
    yield "to fetch", f"{size_text(plan.missing)} of {size_text(plan.size)}"
    if plan.missing and plan.measured:
        yield "takes", _time(plan)
    room = f", {size_text(plan.lacking)} too little" if plan.lacking else ""
    yield "disk", f"{size_text(plan.free)} free{room}"
    yield "memory", f"{size_text(plan.memory)} at least for pictures of 1024×1024 (an estimate)"
    known = [each.stated.file.name for each in plan.files if each.stated.as_known]
    stated = [each.stated.file.name for each in plan.files if not each.stated.as_known]
    if known:
        yield "checksums", f"known beforehand: {', '.join(known)}"
    if stated:
        yield "" if known else "checksums", f"as the hub states them: {', '.join(stated)}"
    if plan.beside:
        yield "beside", f"{', '.join(plan.beside)}: an engine loads one file for each part alone"
    for number, each in enumerate(plan.files):
        source = f"{each.stated.file.repository} at {each.stated.revision[:12]}"
        yield "" if number else "from", f"{source}: {each.stated.file.name}"


def _time(plan: PullPlan) -> str:
    if plan.seconds is None or plan.rate is None:
        return f"{_ABSENT} (the rate could not be measured)"
    return f"{span_text(plan.seconds)} at the {rate_text(plan.rate)} measured now"


def _choices(plan: PullPlan) -> object:
    from rich.table import Table
    from rich.text import Text

    table = Table("choice", "size", "memory", "pictures", "by", box=None, padding=(0, 2, 0, 0))
    for column in table.columns[1:3]:
        column.justify = "right"
    now = {each.stated.file.part: each.stated.file for each in plan.files}
    for flag, files in (("--quant", TRANSFORMERS), ("--encoder", ENCODERS)):
        for file in files:
            mark = " ←" if file in now.values() else ""
            memory = size_text(_memory_with(plan, file))
            row = (f"{flag} {file.quantisation}{mark}", _size(file), memory)
            table.add_row(*map(Text, (*row, file.quality, file.publisher)))
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
    parts = [f"{size_text(progress.done)} of {size_text(progress.size)}, {percent:.0f} %"]
    if progress.rate:
        parts.append(rate_text(progress.rate))
        if progress.seconds_left is not None:
            parts.append(f"{span_text(progress.seconds_left)} left")
    elif checking is not None:
        parts.append(f"checking {checking.name}")
    waiting = next((each for each in progress.files if each.note and not each.ended), None)
    if waiting is not None:
        parts.append(str(waiting.note))
    return ", ".join(parts)


def outcome_lines(plan: PullPlan, progress: PullProgress) -> Iterator[str]:
    """Yield what became of each file, and what to do with them."""
    for planned, each in zip(plan.files, progress.files, strict=True):
        if each.stage is Stage.HERE:
            yield f"{each.name}: was here already, and is right"
        elif each.stage is Stage.DONE:
            held = (
                "the checksum known beforehand" if planned.stated.as_known else "the hub's checksum"
            )
            yield f"{each.name}: {size_text(each.size)}, verified against {held}"
    if finished(progress) and plan.beside:
        yield (
            f"No engine loads {sanitise(plan.directory)} as it is: take {', '.join(plan.beside)} "
            "away, since there is another file for that now"
        )
    elif finished(progress):
        where = shlex.quote(sanitise(plan.directory))
        yield f"The model is complete: zimage-console --models {where}"
