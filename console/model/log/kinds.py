"""Lines that stand out in a log: errors, and the starts of instances."""

from __future__ import annotations

from console.model.log.lines import LogRecord, Origin, Severity
from console.model.starts.platform_words import STARTING
from engine.schema import Phase


def is_error(record: LogRecord) -> bool:
    """Whether a line tells of an error."""
    return record.severity is Severity.ERROR


def is_start(record: LogRecord) -> bool:
    """Whether an instance begins with a line: what the platform says, else what a process says.

    Source: the platform's texts as Cloud Run writes them to `run.googleapis.com/varlog/system`.
    """
    provenance = record.provenance
    if provenance.origin is Origin.PLATFORM:
        return STARTING.match(record.message) is not None
    return not provenance.instance and record.event == Phase.PROCESS_START
