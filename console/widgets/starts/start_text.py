"""A start and its diagnosis as plain text, to be copied into a message or a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from console.language import tr
from console.model.starts.findings import Finding
from console.model.starts.start import ColdStart
from console.model.starts.words import ABSENT, reason_text, seconds_text
from console.widgets.starts.phase_look import StartStyles
from console.widgets.starts.start_bars import Drawn
from console.widgets.starts.start_waterfall import start_waterfall

_WIDTH: Final = 100
_HEIGHT: Final = 60


def start_text(drawn: Drawn, findings: Sequence[Finding]) -> str:
    """Return who, when and how long, the waterfall, and what was found with its mend."""
    rows = [strip.text.rstrip() for strip in start_waterfall(drawn, _WIDTH, _HEIGHT, _PLAIN)]
    lines = [_heading(drawn.start), "", *rows, ""]
    for finding in findings:
        lines.append(f"- {finding.says}")
        lines += [f"  {tr('mend: ')}{finding.mend}"] if finding.mend else []
    return "\n".join(lines).rstrip() + "\n"


_PLAIN: Final = StartStyles()


def _heading(start: ColdStart) -> str:
    if start.requests:
        waited = tr("{count} waited", count=len(start.requests))
    else:
        waited = tr("nobody waited")
    return "  ".join(
        [
            tr("cold start of {time:%Y-%m-%d %H:%M:%S} UTC", time=start.began.astimezone(UTC)),
            tr("instance {name}", name=start.instance or ABSENT),
            tr("revision {name}", name=start.revision or ABSENT),
            tr("reason {reason}", reason=reason_text(start)),
            tr("total {seconds}", seconds=seconds_text(start.total)),
            waited,
        ]
    )
