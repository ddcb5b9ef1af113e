"""A log entry in full: every field of it, as readable JSON."""

from __future__ import annotations

import json

from textual.content import Content

from console.model.logs import UNKNOWN_PROVENANCE, LogEntry, Provenance
from console.terminal.sanitise import sanitise


def entry_detail(entry: LogEntry) -> Content:
    """Return the entry's time, severity, message and fields, one below the other."""
    head = [
        ("time      ", f"{entry.time.isoformat(timespec='milliseconds')}"),
        ("severity  ", entry.severity.name),
        ("event     ", entry.event or "–"),
        *_provenance(entry.provenance),
    ]
    rows = [Content.assemble((name, "$text-muted"), sanitise(value)) for name, value in head]
    rows += [Content(""), Content.styled(entry.message, "bold")]
    if entry.fields:
        text = json.dumps(dict(entry.fields), indent=2, ensure_ascii=False, default=str)
        rows += [Content(""), *(Content(sanitise(line)) for line in text.splitlines())]
    return Content("\n").join(rows)


def _provenance(provenance: Provenance) -> list[tuple[str, str]]:
    """Return who wrote a line and for which request, as far as the log says."""
    if provenance == UNKNOWN_PROVENANCE:
        return []
    known = [
        ("from      ", str(provenance.origin)),
        ("revision  ", provenance.revision),
        ("instance  ", provenance.instance),
        ("trace     ", provenance.trace),
    ]
    return [(name, value) for name, value in known if value]
