"""Lines that stand out in a log: errors, and the starts of instances."""

from __future__ import annotations

import re
from typing import Final

from console.model.log.lines import LogRecord, Origin, Severity
from engine.schema import Phase

_STARTING: Final = re.compile(r"Starting new instance\.")


def is_error(record: LogRecord) -> bool:
    """Whether a line tells of an error."""
    return record.severity is Severity.ERROR


def is_start(record: LogRecord) -> bool:
    """Whether an instance begins with a line: what the platform says, else what a process says.

    Source: the platform's texts as Cloud Run writes them to `run.googleapis.com/varlog/system`.
    """
    provenance = record.provenance
    if provenance.origin is Origin.PLATFORM:
        return _STARTING.match(record.message) is not None
    return not provenance.instance and record.event == Phase.PROCESS_START
