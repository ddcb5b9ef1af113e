"""What Cloud Audit Logs keep of Cloud Run: who changed what, and what became ready or not.

Source: https://cloud.google.com/run/docs/audit-logging, and entries of the real log.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from google.cloud.audit import audit_log_pb2

from console.sandbox.logs.log_book import LogBook
from console.sandbox.moments import Clock, written
from console.sandbox.run.demo_service import OPERATOR
from console.sandbox.run.services import last_part

ACTIVITY: Final = "cloudaudit.googleapis.com/activity"
SYSTEM_EVENT: Final = "cloudaudit.googleapis.com/system_event"
_SERVICE: Final = "run.googleapis.com"
_TYPE: Final = f"type.googleapis.com/{audit_log_pb2.AuditLog.DESCRIPTOR.full_name}"
_FAILED_PRECONDITION: Final = 9


class AuditTrail:
    """Writes into `book` what happens to services; `new_id` makes identifiers of entries."""

    def __init__(self, book: LogBook, clock: Clock, new_id: Callable[[], str]) -> None:
        self._book = book
        self._clock = clock
        self._prefix = new_id()
        self._numbers = itertools.count(1)

    def called(self, method: str, service: str, revision: str = "") -> None:
        """The operator changed something: `method` is one of the Admin API v2."""
        self._add(
            ACTIVITY,
            service,
            revision,
            "NOTICE",
            {
                "methodName": f"google.cloud.run.v2.{method}",
                "authenticationInfo": {"principalEmail": OPERATOR},
                "resourceName": f"{service}/revisions/{revision}" if revision else service,
            },
        )

    def ready(self, service: str, revision: str, succeeded: bool, message: str = "") -> None:
        """A revision, or without one its service, became ready or turned out not to."""
        kind, name = ("Revision", revision) if revision else ("Service", last_part(service))
        said = f"Ready condition status changed to {succeeded} for {kind} {name}"
        said += f" with message: {message}" if message else "."
        collection = f"{kind.lower()}s"
        status: dict[str, object] = {"message": said}
        if not succeeded:
            status["code"] = _FAILED_PRECONDITION
        self._add(
            SYSTEM_EVENT,
            service,
            revision,
            "INFO" if succeeded else "ERROR",
            {
                "methodName": "/InternalServices.ReplaceInternalService",
                "resourceName": f"namespaces/{service.split('/')[1]}/{collection}/{name}",
                "status": status,
            },
        )

    def _add(
        self, log: str, service: str, revision: str, severity: str, payload: dict[str, object]
    ) -> None:
        _, project, _, region, _, name = service.split("/")
        moment = written(self._clock())
        self._book.append(
            {
                "logName": f"projects/{project}/logs/{quote(log, safe='')}",
                "resource": {
                    "type": "cloud_run_revision",
                    "labels": {
                        "project_id": project,
                        "location": region,
                        "service_name": name,
                        "configuration_name": name,
                        "revision_name": revision,
                    },
                },
                "timestamp": moment,
                "receiveTimestamp": moment,
                "insertId": f"{self._prefix}{next(self._numbers):012x}",
                "severity": severity,
                "protoPayload": {"@type": _TYPE, "serviceName": _SERVICE, **payload},
            }
        )
