"""How well a service is known, in the few words that stand on every screen."""

from __future__ import annotations

from datetime import datetime

from console.language import tr
from console.model.freshness import as_of, brief
from console.model.service import ServiceSnapshot


def freshness_note(service: ServiceSnapshot, now: datetime) -> str:
    """Return how old what is shown is and why; nothing while everything answers."""
    if service.facts is None and service.problem is None:
        return ""
    known = service.fresh.service
    log = "" if service.log_problem is None else tr("log not followed")
    parts = [tr("polling paused")] if service.paused else []
    if service.paused and not known.troubled and known.at is not None:
        parts += [as_of(known.at, now), log]
    elif service.facts is not None or known.troubled:
        parts.append(brief(known, now, log))
    else:
        parts.append(log)
    return " · ".join(part for part in parts if part)


def ages(service: ServiceSnapshot) -> bool:
    """Say whether what is shown of a service changes with time alone."""
    rolling = service.rollout
    going_on = rolling is not None and rolling.going_on
    return service.fresh.ages or service.paused or going_on
