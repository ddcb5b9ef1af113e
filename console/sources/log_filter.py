"""A query as Cloud Logging's own language.

Source: Logging query language, https://cloud.google.com/logging/docs/view/logging-query-language.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from console.model.log.lines import LogQuery, Origin, Severity
from console.model.service import ServiceName
from engine.schema import Phase

_SEVERITIES: Final = {
    # Lines without a severity of their own are shown as INFO, so they must come with INFO.
    Severity.INFO: "(severity>=INFO OR severity=DEFAULT)",
    Severity.WARNING: "severity>=WARNING",
    Severity.ERROR: "severity>=ERROR",
}
_LOGS: Final = {
    Origin.PLATFORM: "run.googleapis.com/varlog/system",
    Origin.REQUEST: "run.googleapis.com/requests",
}
_LIVES: Final = "({} OR jsonPayload.event=({}))".format(
    " OR ".join(f'log_id("{log}")' for log in _LOGS.values()),
    " OR ".join(f'"{phase}"' for phase in Phase),
)


def log_filter(name: ServiceName, query: LogQuery, since: datetime | None = None) -> str:
    """Return the filter for the lines of a service and of the platform around it.

    Moments must know their time zone.
    """
    terms = [
        'resource.type="cloud_run_revision"',
        _equals("resource.labels.location", name.region),
        _equals("resource.labels.service_name", name.service),
    ]
    limits = {
        "timestamp>=": since,
        "timestamp<": query.until,
        "receiveTimestamp>=": query.received_from,
        "receiveTimestamp<=": query.received_until,
    }
    terms += [f'{limit}"{_stamp(moment)}"' for limit, moment in limits.items() if moment]
    if query.severity in _SEVERITIES:
        terms.append(_SEVERITIES[query.severity])
    if query.origin is not None and query.origin in _LOGS:
        terms.append(f'log_id("{_LOGS[query.origin]}")')
    if query.lives:
        terms.append(_LIVES)
    fields = {
        "resource.labels.revision_name": query.revision,
        "labels.instanceId": query.instance,
        "trace": query.trace,
    }
    terms += [_equals(field, value) for field, value in fields.items() if value]
    if query.text:
        terms.append(_quoted(query.text))
    return " AND ".join(terms)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _equals(field: str, value: str) -> str:
    return f"{field}={_quoted(value)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
