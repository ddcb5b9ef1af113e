"""What the verbs without a screen print: JSON documents, and a table for a person."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TextIO

from console.config import Config
from console.language import tr
from console.model.coldstart import spans
from console.model.contexts import LOCAL
from console.model.images import MadePicture
from console.model.service import ServiceSnapshot
from console.verbs.cloud_report import ABSENT, cloud_document, cloud_facts
from engine.schema import SCHEMA_VERSION


def status_document(config: Config, snapshot: ServiceSnapshot) -> dict[str, object]:
    """Return what `status --json` prints; what is not known is null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "context": config.context,
        "state": str(snapshot.state),
        "problem": snapshot.problem,
        "model": snapshot.model,
        "models_directory": snapshot.models_directory,
        "ready_after": snapshot.ready_after,
        "fetched_at": snapshot.fetched_at.isoformat() if snapshot.fetched_at else None,
        "url": snapshot.url,
        **cloud_document(snapshot),
        "timeline": [event.to_json() for event in snapshot.timeline],
        "spans": [
            {"name": each.name, "start": each.start, "end": each.end, "detail": each.detail}
            for each in spans(snapshot.timeline)
        ],
    }


def picture_document(picture: MadePicture, path: Path, model: str | None) -> dict[str, object]:
    """Return what `generate --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "path": str(path),
        "prompt": picture.prompt,
        "size": str(picture.size),
        "steps": picture.steps,
        "seed": picture.seed,
        "seconds": picture.seconds,
        "took": picture.took,
        "context": picture.maker,
        "model": model,
    }


def status_facts(snapshot: ServiceSnapshot, now: datetime) -> list[tuple[str, str]]:
    """Return the facts of a service as names and values, absent ones as a dash."""
    if snapshot.facts is not None:
        facts = [(tr("context"), snapshot.source), (tr("state"), snapshot.state.word)]
        facts += cloud_facts(snapshot, snapshot.facts, now)
    elif snapshot.source != LOCAL:
        facts = [(tr("context"), snapshot.source), (tr("state"), snapshot.state.word)]
    else:
        facts = [(tr("service"), snapshot.source), (tr("state"), snapshot.state.word)]
        facts.append((tr("model"), snapshot.model or ABSENT))
        facts.append((tr("files"), snapshot.models_directory or tr("bundled with the engine")))
    ready = snapshot.ready_after
    if ready is not None or snapshot.source == LOCAL:
        facts.append((tr("ready after"), ABSENT if ready is None else f"{ready:.2f} s"))
    if snapshot.problem is not None:
        facts.append((tr("problem"), snapshot.problem))
    return facts


def print_status(snapshot: ServiceSnapshot, stream: TextIO, now: datetime) -> None:
    """Print the facts and the spans of the start as tables; ages are those at `now`."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    facts = Table.grid(padding=(0, 2))
    for name, value in status_facts(snapshot, now):
        facts.add_row(Text(name), Text(value))
    # Together, since `from` alone is another word where it is said of a source.
    began, ended = tr("from|to").split("|")
    timeline = Table(tr("start-up"), began, ended, "", box=None, padding=(0, 2, 0, 0))
    for each in spans(snapshot.timeline):
        end = ABSENT if each.end is None else f"{each.end:.2f} s"
        timeline.add_row(Text(each.name), Text(f"{each.start:.2f} s"), Text(end), Text(each.detail))
    console = Console(file=stream)
    console.print(facts)
    if timeline.row_count:
        console.print()
        console.print(timeline)
