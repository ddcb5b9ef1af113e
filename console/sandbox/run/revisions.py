"""Revisions as a service's template makes them, and their names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from google.cloud.run_v2.types import Revision, Service

from console.sandbox.run.services import Deployment, last_part

_NUMBERED: Final = re.compile(r".*-(\d{5})-[a-z0-9]{3}")
_SHARED: Final = (
    "scaling",
    "vpc_access",
    "timeout",
    "service_account",
    "containers",
    "volumes",
    "execution_environment",
    "encryption_key",
    "max_instance_request_concurrency",
    "session_affinity",
    "node_selector",
    "gpu_zonal_redundancy_disabled",
    "labels",
    "annotations",
)


def new_revision(
    service: Service, name: str, now: datetime, new_hex: Callable[[int], str]
) -> Revision:
    """Return the revision with the short name `name` that a service's template makes.

    It is neither ready nor on its way there.
    """
    revision = Revision(
        name=f"{service.name}/revisions/{name}",
        uid=new_hex(16),
        generation=1,
        create_time=now,
        update_time=now,
        creator=service.last_modifier,
        launch_stage=service.launch_stage,
        service=service.name,
        etag=f'"{new_hex(8)}"',
    )
    raw, template = Revision.pb(revision), service.template
    source = type(template).pb(template)
    for field in _SHARED:
        _copy(source, raw, field)
    for number, container in enumerate(raw.containers, 1):
        container.name = container.name or f"{last_part(service.name)}-{number}"
    return revision


def next_name(deployment: Deployment, new_hex: Callable[[int], str]) -> str:
    """Return the short name of the next revision: the template's, else a number and letters."""
    service = deployment.service
    if service.template.revision:
        return str(service.template.revision)
    numbers = [
        int(found[1])
        for each in deployment.revisions
        if (found := _NUMBERED.fullmatch(last_part(each.name)))
    ]
    return f"{last_part(service.name)}-{max(numbers, default=0) + 1:05d}-{new_hex(2)[:3]}"


def _copy(source: Any, target: Any, field: str) -> None:
    """Copy one field of a raw message to another message that has it too."""
    descriptor = source.DESCRIPTOR.fields_by_name[field]
    value = getattr(source, field)
    if descriptor.is_repeated:
        getattr(target, field).MergeFrom(value)
    elif descriptor.has_presence and not source.HasField(field):
        return
    elif descriptor.message_type is None:
        setattr(target, field, value)
    else:
        getattr(target, field).CopyFrom(value)
