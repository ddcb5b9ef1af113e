"""A log line in full: its facts, the other lines of its request, and every field as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from rich.cells import set_cell_size
from textual.content import Content

from console.language import tr, tr_later
from console.model.log.lines import LogEntry, LogRecord, Origin, Severity
from console.model.log.request import RequestFacts, request_facts
from console.model.log.times import clock_time
from console.model.storage import size_text
from console.terminal.sanitise import sanitise
from console.widgets.logs.log_painter import SIGNS

LINES_OF_REQUEST: Final = 200
"""How many lines of a request are shown at most."""

LONGEST_JSON: Final = 2_000
"""How many rows of fields are shown at most."""

_LONGEST_LINE: Final = 300
_NAME: Final = 10
"""How many cells the names of facts take."""

_TITLES: Final = {
    Origin.APPLICATION: tr_later("Application line"),
    Origin.PLATFORM: tr_later("Platform line"),
    Origin.REQUEST: tr_later("Request line"),
    Origin.AUDIT: tr_later("Audit line"),
    Origin.CONSOLE: tr_later("Console line"),
}
_COLOURS: Final = {
    Severity.DEBUG: "$text-muted",
    Severity.INFO: "$foreground",
    Severity.WARNING: "$warning",
    Severity.ERROR: "bold $error",
}


def line_detail(entry: LogEntry, request: Sequence[LogEntry] = ()) -> Content:
    """Return the facts of a line, one below the other; `request` are the lines of its request."""
    rows = [_fact(name, value) for name, value in _facts(entry)]
    rows += [Content(""), Content.styled(entry.message, "bold")]
    if len(request) > 1:
        rows += [Content(""), _heading(tr("{count:,} lines of this request", count=len(request)))]
        rows += [_line(each, entry) for each in request[:LINES_OF_REQUEST]]
        if len(request) > LINES_OF_REQUEST:
            left = len(request) - LINES_OF_REQUEST
            rows.append(Content(tr("… {count:,} more; T shows them all", count=left)))
    if entry.fields:
        rows += [Content(""), _heading(tr("Fields")), *_json(entry.fields)]
    return Content("\n").join(rows)


def line_title(entry: LogEntry, request: Sequence[LogEntry] = ()) -> str:
    """Return what is known of the request that a line belongs to, else what the line is."""
    facts = next((known for each in (entry, *request) if (known := request_facts(each))), None)
    if facts is None:
        return tr(_TITLES[entry.provenance.origin])
    return request_summary(facts, facts.path)


def request_summary(facts: RequestFacts, where: str | None) -> str:
    """Return method, address, status, latency and size of a request in one line."""
    size = "–" if facts.size is None else size_text(facts.size)
    latency = "–" if facts.latency is None else f"{facts.latency:.3g} s"
    status = "–" if facts.status is None else str(facts.status)
    parts = (facts.method or tr("request"), where or "–", status, latency, size)
    return sanitise("  ".join(parts))


def _facts(record: LogRecord) -> list[tuple[str, str]]:
    provenance = record.provenance
    facts = request_facts(record)
    known = [
        (tr("time"), record.time.isoformat(timespec="milliseconds")),
        (tr("severity"), record.severity.name),
        (tr("event"), record.event),
        (tr("from"), provenance.origin.value),
        (tr("revision"), provenance.revision),
        (tr("instance"), provenance.instance),
        ("trace", provenance.trace),
        (tr("request"), request_summary(facts, facts.url) if facts is not None else ""),
    ]
    return [(name, value) for name, value in known if value]


def _fact(name: str, value: str) -> Content:
    return Content.assemble((set_cell_size(name, _NAME), "$text-muted"), sanitise(value))


def _heading(text: str) -> Content:
    return Content.styled(text, "bold $accent")


def _line(entry: LogEntry, present: LogEntry) -> Content:
    mark = "› " if entry.seq == present.seq else "  "
    return Content.assemble(
        (mark, "$primary"),
        (f"{clock_time(entry.time)} ", "$text-muted"),
        (f"{entry.severity.letter} {SIGNS[entry.provenance.origin]} ", _COLOURS[entry.severity]),
        entry.message[:_LONGEST_LINE],
    )


def _json(fields: Mapping[str, object]) -> list[Content]:
    text = json.dumps(dict(fields), indent=2, ensure_ascii=False, default=str)
    rows = text.splitlines()
    shown = [_json_row(sanitise(row)) for row in rows[:LONGEST_JSON]]
    if len(rows) > LONGEST_JSON:
        left = len(rows) - LONGEST_JSON
        shown.append(Content(tr("… {count:,} more rows; Y copies all", count=left)))
    return shown


def _json_row(row: str) -> Content:
    """Colour the name of a field; what stands in quotes before the first colon is one."""
    name, colon, value = row.partition('": ')
    if not colon or not name.lstrip().startswith('"'):
        return Content(row)
    return Content.assemble((name + '"', "$primary"), ": ", value)
