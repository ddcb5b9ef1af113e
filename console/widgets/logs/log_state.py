"""What is said of a log as a whole: why it is not as it should be, and why nothing is shown."""

from __future__ import annotations

from datetime import datetime

from console.language import tr, tr_later
from console.model.freshness import as_of
from console.model.log.query import Query
from console.model.service import ServiceSnapshot, ServiceState

_BEGINNING = (ServiceState.CONNECTING, ServiceState.STOPPED)

DOES_NOT_SAY = {
    "instance": tr_later("this line does not say which instance it is from"),
    "revision": tr_later("this line does not say which revision it is from"),
    "trace": tr_later("this line does not say which request it is from"),
}
"""What is said of a line that does not name its instance, revision or request, by its field."""


def log_problem(service: ServiceSnapshot, now: datetime) -> str:
    """Return why lines do not come, and since when, in one line; nothing while they do."""
    if service.log_problem is None:
        return ""
    read = service.fresh.log.at
    if read is None:
        return f"✗ {service.log_problem}"
    age = as_of(read, now)
    return tr("✗ {problem} · the lines are {age}", problem=service.log_problem, age=age)


def nothing_shown(service: ServiceSnapshot, query: Query, total: int, reading: bool) -> str:
    """Return what stands in place of lines where there are none."""
    if reading:
        return tr("reading older lines…")
    if query.terms and total:
        return tr(
            "none of {count:,} lines passes the filter; esc takes its last part away", count=total
        )
    if service.log_problem is not None:
        return tr("there are no lines of before")
    if service.source != "local" and service.fresh.log.at is None:
        return tr("reading the log…")
    return tr("no lines yet")
