"""What is known of a start in a few words or none: for rows, titles, copies and tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from console.language import tr, tr_later
from console.model.starts.start import ColdStart, PhaseSpan, Reason

ABSENT: Final = "–"
SHORT_ID: Final = 6
"""How many characters of an instance's name are shown; its last ones differ."""

_REASONS: Final = {
    Reason.AUTOSCALING: tr_later("traffic"),
    Reason.DEPLOYMENT_ROLLOUT: tr_later("roll-out"),
    Reason.MANUAL_OR_CUSTOMER_MIN_INSTANCE: tr_later("minimum"),
    Reason.LOCAL: tr_later("here"),
    Reason.UNKNOWN: ABSENT,
}


def seconds_text(seconds: float | None, *, exact: bool = False) -> str:
    """Return a duration as `41.2 s`, from a hundred seconds on as `185 s`; `–` if unknown.

    `exact` gives hundredths below ten seconds.
    """
    if seconds is None:
        return ABSENT
    if abs(seconds) < 9.995 and exact:
        return f"{seconds:.2f} s"
    return f"{seconds:.1f} s" if abs(seconds) < 99.95 else f"{seconds:,.0f} s"


def difference_text(seconds: float) -> str:
    """Return a difference with its sign, as `+5.1 s`; one too small to be seen has none."""
    if abs(seconds) < 0.05:
        return "0.0 s"
    return f"{'+' if seconds >= 0 else '-'}{seconds_text(abs(seconds))}"


def time_text(at: datetime, now: datetime) -> str:
    """Return a time of day in UTC, with its date in place of the seconds on another day."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at.date() == now.date():
        return f"{at:%H:%M:%S}"
    return f"{at:%m-%d %H:%M}" if at.year == now.year else f"{at:%Y-%m-%d}"


def reason_text(start: ColdStart) -> str:
    """Return in one word why an instance was started."""
    return tr(_REASONS[start.reason])


def instance_text(start: ColdStart) -> str:
    """Return the end of an instance's name; of an engine on this machine its process."""
    own = start.instance.rpartition("-")[2] if start.reason is Reason.LOCAL else start.instance
    return own[-SHORT_ID:] or ABSENT


def revision_text(revision: str) -> str:
    """Return the end of a revision's name, which is its own: `00002-xyz`."""
    return "-".join(revision.split("-")[-2:]) or ABSENT


def waited_text(start: ColdStart, *, going_on: bool = False) -> str:
    """Return how many requests waited for a start; `no` if none did.

    While it goes on nobody knows: the line of a request is written once it was answered.
    """
    if start.requests:
        return f"{len(start.requests):,}"
    return ABSENT if going_on else tr("no")


def largest(spans: Sequence[PhaseSpan]) -> PhaseSpan | None:
    """Return the stretch that took longest."""
    return max(spans, key=lambda span: span.seconds, default=None)


def largest_text(spans: Sequence[PhaseSpan]) -> str:
    """Return the stretch that took longest and how long, as `weights 29.8 s`."""
    longest = largest(spans)
    if longest is None:
        return ABSENT
    name = longest.name if len(longest.phases) == 1 else tr("untold")
    return f"{name} {seconds_text(longest.seconds)}"
