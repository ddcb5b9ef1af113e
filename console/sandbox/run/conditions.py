"""Conditions of services and revisions, and the platform's own words for them.

The texts are those that are found in answers of the real interface. Source for their meaning:
https://cloud.google.com/run/docs/reference/rest/v2/Condition.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from google.cloud.run_v2.types import Condition, Revision, Service

State = Condition.State
Reason = Condition.CommonReason
RevisionReason = Condition.RevisionReason

PENDING: Final = State.CONDITION_PENDING
RECONCILING: Final = State.CONDITION_RECONCILING
FAILED: Final = State.CONDITION_FAILED
SUCCEEDED: Final = State.CONDITION_SUCCEEDED

READY: Final = "Ready"
ACTIVE: Final = "Active"
CONFIGURATIONS_READY: Final = "ConfigurationsReady"
ROUTES_READY: Final = "RoutesReady"
CONTAINER_READY: Final = "ContainerReady"
CONTAINER_HEALTHY: Final = "ContainerHealthy"
RESOURCES_AVAILABLE: Final = "ResourcesAvailable"
MIN_INSTANCES: Final = "MinInstancesProvisioned"

NOT_LISTENING: Final = (
    "The user-provided container failed to start and listen on the port defined provided by the "
    "PORT={port} environment variable within the allocated timeout. This can happen when the "
    "container port is misconfigured or if the timeout is too short. The health check timeout can "
    "be extended. Logs for this revision might contain more information."
)
PROBE_FAILED: Final = (
    "The user-provided container failed the configured startup probe checks. Logs for this "
    "revision might contain more information."
)
_NOT_READY: Final = "Revision '{revision}' is not ready and cannot serve traffic. {why}"


def condition(
    kind: str,
    state: Condition.State,
    now: datetime,
    message: str = "",
    reason: Condition.CommonReason | Condition.RevisionReason | None = None,
) -> Condition:
    """Return a condition that has just become so."""
    said: dict[str, Any] = {}
    if reason is not None:
        key = "reason" if isinstance(reason, Reason) else "revision_reason"
        said[key] = reason
    if kind == ACTIVE:
        said["severity"] = Condition.Severity.INFO
    return Condition(type_=kind, state=state, last_transition_time=now, message=message, **said)


def put(resource: Service | Revision, new: Condition) -> None:
    """Let `new` take the place of the condition of its type; `Ready` of a service stands alone."""
    if isinstance(resource, Service) and new.type_ == READY:
        resource.terminal_condition = new
        return
    kinds = [each.type_ for each in resource.conditions]
    if new.type_ in kinds:
        resource.conditions[kinds.index(new.type_)] = new
    else:
        resource.conditions.append(new)


def state_of(resource: Service | Revision, kind: str) -> Condition.State | None:
    """Return how far the condition of a type is, None where there is none."""
    return next((each.state for each in resource.conditions if each.type_ == kind), None)


def not_ready(revision: str, why: str) -> str:
    """Say of a service that its newest revision cannot be used."""
    return _NOT_READY.format(revision=revision, why=why)


def span(duration: timedelta) -> str:
    """Write a time that passed as the platform does: `37.02s`, `1m3.6s`, `4m`."""
    minutes, seconds = divmod(round(duration.total_seconds(), 2), 60)
    text = f"{seconds:.2f}".rstrip("0").rstrip(".")
    if not minutes:
        return f"{text}s"
    return f"{int(minutes)}m{text}s" if seconds else f"{int(minutes)}m"
