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
_TEXTS: Final = (
    "POST /v1/images/generations 200 in 2.{1} s, 1.2 MB",
    "request {0}: queued",
    "made 1024x1024 in 2.13 s, seed {1}",
    "weights: 6.1 GiB in 12.{1} s, 497 MiB/s, 3 files read by 8 threads from gs://models-{0}",
    "queue full (1/1): 429 and retry after {1} s",
    "Starting new instance. Reason: AUTOSCALING - Instance started due to traffic, {0} so far",
    "step {1} of 8 took 0.26 s",
    "GET /readyz 503: loading {0} of 1,146 tensors, transformer.blocks.{1}.attention.to_q.weight",
    "idle for {1} s; the instance may be stopped",
    "out of memory: tried to allocate {1} MiB, of which {0} are free",
)
_SEVERITIES: Final = (*(Severity.INFO,) * 17, Severity.WARNING, Severity.WARNING, Severity.ERROR)


def records(start: int = 0) -> Iterator[LogRecord]:
    """Yield lines without end, two milliseconds apart, each with a text of its own."""
    for number in count(start):
        text = _TEXTS[number % len(_TEXTS)].format(number, number * 7919 % 99_991)
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
