"""What Cloud Run writes into the log around a service, and what it makes of the service's output.

The texts are the platform's own, word for word as they are found in real logs. Source:
"Logging in Cloud Run" and "Structured logging" in Google's documentation.
"""

from __future__ import annotations

import itertools
import json
import re
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from urllib.parse import quote

from google.cloud.logging_v2.types import LogEntry
from google.protobuf import json_format

from console.model.service import ServiceName
from console.sandbox.instances.probe import StartupProbe, Verdict
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.log_filter import SEVERITIES, Entry, compiled
from console.sandbox.moments import Clock, read, written

SYSTEM: Final = "run.googleapis.com/varlog/system"
REQUESTS: Final = "run.googleapis.com/requests"
STDOUT: Final = "run.googleapis.com/stdout"
STDERR: Final = "run.googleapis.com/stderr"

_ENDED: Final = re.compile(r"Container (called exit|terminated on signal)")
_LIFTED: Final = {
    "logging.googleapis.com/trace": "trace",
    "logging.googleapis.com/spanId": "spanId",
    "logging.googleapis.com/trace_sampled": "traceSampled",
}


class StartReason(Enum):
    """Why the platform starts an instance."""

    AUTOSCALING = (
        "Instance started due to configured scaling factors (e.g. CPU utilization, request "
        "throughput, etc.) or no existing capacity for current traffic."
    )
    DEPLOYMENT_ROLLOUT = (
        "Instance started due to traffic shifting between revisions due to deployment, traffic "
        "split adjustment, or deployment health check."
    )
    MANUAL_OR_CUSTOMER_MIN_INSTANCE = (
        "Instance started because of customer-configured min-instances or manual scaling."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """One answered request; `trace` and `span` are hexadecimal, sizes are in bytes."""

    method: str
    url: str
    status: int
    arrived: datetime
    seconds: float
    user_agent: str
    remote_ip: str
    trace: str
    span: str
    request_size: int
    response_size: int


class PlatformLog:
    """Writes into `book` what happens to one service; `new_id` makes identifiers of entries.

    `clock` gives the platform's time of day. Containers are processes of this machine and go by
    its clock: where that is another, `machine_clock`, what they say is put into the platform's
    time.
    """

    def __init__(
        self,
        book: LogBook,
        name: ServiceName,
        clock: Clock,
        new_id: Callable[[], str],
        machine_clock: Clock | None = None,
    ) -> None:
        self._book = book
        self._name = name
        self._clock = clock
        self._machine_clock = clock if machine_clock is None else machine_clock
        self._prefix = new_id()
        self._numbers = itertools.count(1)

    def starting(self, revision: str, instance: str, reason: StartReason) -> None:
        """An instance is about to start."""
        said = f"Starting new instance. Reason: {reason.name} - {reason.value}"
        self._system(revision, instance, "INFO", said)

    def probed(
        self, revision: str, instance: str, container: str, probe: StartupProbe, attempts: int
    ) -> None:
        """The start-up probe was answered at the last of so many attempts."""
        times = f"{attempts} attempt{'s' if attempts > 1 else ''}"
        said = f"{probe.title} probe succeeded after {times} for {_place(container, probe)}."
        self._system(revision, instance, "INFO", said)

    def probe_failed(
        self, revision: str, instance: str, container: str, probe: StartupProbe, verdict: Verdict
    ) -> None:
        """The start-up probe gave up."""
        times = f"{verdict.attempts} time{'s' if verdict.attempts > 1 else ''} consecutively"
        said = f"{probe.title} probe failed {times} for {_place(container, probe)}. "
        gap = "\n" if probe.path else " "
        said = f"{said}The instance was not started.{gap}{verdict.failure}"
        self._system(revision, instance, "ERROR", said)

    def overfull(self, revision: str, instance: str, limit: int, used: int) -> None:
        """A container used more memory than it may; both in MiB."""
        self._system(
            revision,
            instance,
            "ERROR",
            f"Memory limit of {limit} MiB exceeded with {used} MiB used. Consider increasing the "
            "memory limit, see https://cloud.google.com/run/docs/configuring/memory-limits",
        )

    def exited(self, revision: str, instance: str, code: int) -> None:
        """The process ended; a negative `code` is the signal that killed it."""
        if code < 0:
            said = f"Container terminated on signal {-code}."
        else:
            said = f"Container called exit({code})."
        self._system(revision, instance, "INFO" if code == 0 else "WARNING", said)

    def settle(self) -> None:
        """Say the end of instances whose end was not seen, because the sandbox was killed."""
        said = compiled(f'log_id("{SYSTEM}") resource.labels.service_name={self._name.service}')
        running: dict[str, str] = {}
        for entry in self._book.select(said, None, newest_first=False):
            instance = _text(entry, "labels", "instanceId")
            if _ENDED.match(_text(entry, "textPayload")):
                running.pop(instance, None)
            else:
                running[instance] = _text(entry, "resource", "labels", "revision_name")
        for instance, revision in running.items():
            self.exited(revision, instance, -signal.SIGKILL)

    def answered(self, revision: str, instance: str, request: RequestFacts, why: str = "") -> None:
        """A request was answered; the entry's time is when it arrived.

        `why` says why the platform answered in the instance's place; `instance` is empty when
        none was found.
        """
        level = "ERROR" if request.status >= 500 else "WARNING"
        said = {"textPayload": why} if why else {}
        self._add(
            REQUESTS,
            revision,
            instance,
            request.arrived,
            severity="INFO" if request.status < 400 else level,
            httpRequest={
                "requestMethod": request.method,
                "requestUrl": request.url,
                "requestSize": str(request.request_size),
                "status": request.status,
                "responseSize": str(request.response_size),
                "userAgent": request.user_agent,
                "remoteIp": request.remote_ip,
                "latency": f"{request.seconds:.6f}s",
                "protocol": "HTTP/1.1",
            },
            trace=f"projects/{self._name.project}/traces/{request.trace}",
            spanId=request.span,
            **said,
        )

    def output(self, revision: str, instance: str, line: bytes, log: str) -> None:
        """The process wrote a line to its standard output or error: `log` says to which."""
        text = line.decode(errors="replace").rstrip("\r")
        if not text.strip():
            return
        moment = self._clock()
        structured = _structured(text, self._ahead(moment))
        if structured is not None:
            entry = self._entry(log, revision, instance, moment, **structured)
            if _is_entry(entry):
                self._book.append(entry)
                return
        self._add(log, revision, instance, moment, textPayload=text)

    def _ahead(self, moment: datetime) -> timedelta:
        """Return by how much the platform's clock is ahead of the containers'."""
        if self._clock is self._machine_clock:
            return timedelta(0)
        return moment - self._machine_clock()

    def _system(self, revision: str, instance: str, severity: str, said: str) -> None:
        self._add(SYSTEM, revision, instance, self._clock(), severity=severity, textPayload=said)

    def _add(
        self, log: str, revision: str, instance: str, moment: datetime, **content: object
    ) -> None:
        self._book.append(self._entry(log, revision, instance, moment, **content))

    def _entry(
        self, log: str, revision: str, instance: str, moment: datetime, **content: object
    ) -> Entry:
        name = self._name
        return {
            "logName": f"projects/{name.project}/logs/{quote(log, safe='')}",
            "resource": {
                "type": "cloud_run_revision",
                "labels": {
                    "project_id": name.project,
                    "location": name.region,
                    "service_name": name.service,
                    "configuration_name": name.service,
                    "revision_name": revision,
                },
            },
            "labels": {"instanceId": instance} if instance else {},
            "timestamp": written(moment),
            "receiveTimestamp": written(self._clock()),
            "insertId": f"{self._prefix}{next(self._numbers):012x}",
            **content,
        }


def _place(container: str, probe: StartupProbe) -> str:
    path = f' path "{probe.path}"' if probe.path else ""
    return f'container "{container}" on port {probe.port}{path}'


def _text(entry: Entry, *path: str) -> str:
    value: object = entry
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)


def _structured(text: str, ahead: timedelta) -> dict[str, object] | None:
    """Return the fields of the entry that a line of JSON makes; None for any other line.

    The time that the line names is put forward by `ahead`.
    """
    if not text.startswith("{"):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    content: dict[str, object] = {}
    severity = str(data.get("severity", "")).upper()
    if severity in SEVERITIES:
        content["severity"] = severity
        del data["severity"]
    time = _time(data.get("time"), ahead)
    if time is not None:
        content["timestamp"] = time
        del data["time"]
    for field, lifted in _LIFTED.items():
        if field in data:
            content[lifted] = data.pop(field)
    return {**content, "jsonPayload": data}


def _time(value: object, ahead: timedelta) -> str | None:
    try:
        return written(read(str(value)) + ahead)
    except (ValueError, OverflowError):
        return None


def as_message(entry: Entry) -> LogEntry:
    """Return an entry as Google's clients receive it; raises `ValueError` when it cannot be one."""
    message = LogEntry()
    try:
        json_format.ParseDict(dict(entry), LogEntry.pb(message))
    except json_format.ParseError as error:
        raise ValueError(str(error)) from None
    return message


def _is_entry(entry: Mapping[str, object]) -> bool:
    try:
        as_message(entry)
    except (ValueError, RecursionError):
        return False
    return True
