"""Lines of a log such as a service on Google Cloud writes, as many as are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.text import SafeText

BEGIN: Final = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
_INSTANCES: Final = tuple(SafeText(f"00f46b92859a7e3c4d5f{number:04x}") for number in range(3))
_REVISION: Final = SafeText("zimage-00042-vek")
_SEVERITIES: Final = (*(Severity.INFO,) * 17, Severity.WARNING, Severity.WARNING, Severity.ERROR)


def records(start: int = 0) -> Iterator[LogRecord]:
    """Yield lines without end, two milliseconds apart, each with a text of its own."""
    for number in count(start):
        text = f"request {number}: made 1024x1024 in 2.{number % 97:02} s, seed {number * 7919}"
        yield LogRecord(
            BEGIN + timedelta(milliseconds=2 * number),
            _SEVERITIES[number % len(_SEVERITIES)],
            SafeText(text),
            "done",
            {"seconds": 2.0 + number % 97 / 100, "seed": number * 7919},
            Provenance(
                origin=Origin.APPLICATION,
                revision=_REVISION,
                instance=_INSTANCES[number // 50 % 3],
            ),
        )
