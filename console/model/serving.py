"""The state of a service on Google Cloud, from what Cloud Run says and what the log tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from console.language import tr
from console.model.conditions import meaning
from console.model.instances import IDLE_KEPT, Instance, Instances
from console.model.service import (
    ConditionState,
    ServiceFacts,
    ServiceSnapshot,
    ServiceState,
)
from console.model.text import SafeText
from engine.schema import Phase, Readiness


def serving(
    before: ServiceSnapshot, facts: ServiceFacts, instances: Instances | None, now: datetime
) -> ServiceSnapshot:
    """Return the service as it is at `now`; `instances` None means that its log is not known.

    The latest start stays known after its instance has ended. Model, source and the moment of
    the last answer stay as they were `before`.
    """
    running = () if instances is None else instances.running(now, _kept(facts))
    latest = None if instances is None else instances.latest
    state, problem = _deployed(facts)
    if state is ServiceState.READY and instances is not None:
        state, problem = _alive(running, problem)
    return replace(
        before,
        state=state,
        problem=problem,
        url=facts.url,
        facts=facts,
        instances=None if instances is None else len(running),
        instance=None if latest is None else latest.name,
        started_at=None if latest is None else latest.first_line,
        timeline=() if latest is None else latest.timeline,
        starts=() if instances is None else instances.start_seconds,
        readiness=_readiness(latest) if state is ServiceState.STARTING else None,
    )


def _kept(facts: ServiceFacts) -> timedelta | None:
    return None if facts.min_instances else IDLE_KEPT


def _deployed(facts: ServiceFacts) -> tuple[ServiceState, SafeText | None]:
    """Return the state as Cloud Run sees it: `READY` if some revision can take requests."""
    ready = facts.ready
    if ready is not None and ready.state is ConditionState.FAILED:
        why = meaning(ready)
        if facts.latest_ready_revision:
            rolled_back = tr(
                "the last roll-out failed and the revision before serves on: {why}", why=why
            )
            return ServiceState.READY, SafeText(rolled_back)
        return ServiceState.FAILED, SafeText(str(why))
    if facts.latest_ready_revision or (
        ready is not None and ready.state is ConditionState.SUCCEEDED
    ):
        return ServiceState.READY, None
    return ServiceState.DEPLOYING, None


def _alive(
    running: Sequence[Instance], problem: SafeText | None
) -> tuple[ServiceState, SafeText | None]:
    """Return the state of a service that can take requests, by what its instances do."""
    if not running:
        return ServiceState.AT_ZERO, problem
    if any(instance.ready for instance in running):
        return ServiceState.READY, problem
    failure = running[-1].failed
    if failure is not None:
        return ServiceState.FAILED, SafeText(failure.message)
    return ServiceState.STARTING, problem


def _readiness(latest: Instance | None) -> Readiness | None:
    """Return how far a start has come; its percentage is not in the log and stays 0."""
    phase = Phase.PROCESS_START
    if latest is not None and latest.timeline:
        phase = latest.timeline[-1].phase
    return Readiness(False, phase, 0)
