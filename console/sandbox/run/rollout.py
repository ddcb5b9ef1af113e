"""A roll-out: a service on its way from what is asked for to what serves, stage by stage.

Source for stages and conditions: https://cloud.google.com/run/docs/deploying, and answers of the
real interface.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from google.cloud.run_v2.types import (
    Condition,
    Revision,
    RevisionScalingStatus,
    Service,
    ServiceScaling,
    TrafficTargetStatus,
)

from console.sandbox.instances.fleet import Scale
from console.sandbox.instances.probe import StartupProbe
from console.sandbox.logs.audit_trail import AuditTrail
from console.sandbox.run import conditions
from console.sandbox.run.conditions import (
    FAILED,
    RECONCILING,
    SUCCEEDED,
    RevisionReason,
    condition,
    not_ready,
    put,
    span,
)
from console.sandbox.run.services import Deployment, last_part
from console.sandbox.run.serving import Serving
from console.sandbox.surroundings import Surroundings

_IMPORT: Final = (
    "Container image import in progress.",
    "Container image import completed in {}.",
)
_PROVISION: Final = (
    "Provisioning Revision instances to receive traffic.",
    "Provisioning imported containers completed in {}.",
)
_CHECKING: Final = (
    "Checking container health. This will wait for up to {patience} for the configured startup "
    "probe, including an initial delay of {delay}."
)
_MANUAL: Final = ServiceScaling.ScalingMode.MANUAL


class RolloutFailed(Exception):
    """A revision cannot serve; the message is what the platform says of the service."""


class Rollout:
    """Brings one deployment from its specification into service, telling each change."""

    def __init__(
        self,
        deployment: Deployment,
        serving: Serving,
        surroundings: Surroundings,
        tell: Callable[[], None],
    ) -> None:
        self._deployment = deployment
        self._serving = serving
        self._around = surroundings
        self._tell = tell
        self._audit = AuditTrail(
            surroundings.book, surroundings.clock, lambda: surroundings.new_hex(6)
        )

    @property
    def _service(self) -> Service:
        return self._deployment.service

    async def run(self) -> None:
        """Go through all stages; raises `RolloutFailed` once that is said everywhere."""
        newest = self._deployment.revision(self._service.latest_created_revision)
        assert newest is not None
        self._begin(newest)
        try:
            if conditions.state_of(newest, conditions.READY) != SUCCEEDED:
                await self._provide(newest)
            self._say(self._service, conditions.CONFIGURATIONS_READY, SUCCEEDED)
            await self._route()
        except RolloutFailed as failed:
            await self._serving.follow()
            self._end(FAILED, str(failed))
            raise
        self._end(SUCCEEDED, "")

    def _begin(self, newest: Revision) -> None:
        service = self._service
        service.reconciling = True
        for older in self._deployment.revisions:
            if older is not newest and older.reconciling:
                older.reconciling = False
                said = "Deploying revision was superseded by a newer change of the service."
                self._say(older, conditions.READY, FAILED, said)
        self._say(service, conditions.READY, RECONCILING, "Deploying Revision.")
        if conditions.state_of(newest, conditions.READY) != SUCCEEDED:
            self._say(service, conditions.CONFIGURATIONS_READY, RECONCILING, "Deploying Revision.")
        self._say(service, conditions.ROUTES_READY, RECONCILING, "Waiting for traffic migration.")
        self._tell()

    async def _provide(self, revision: Revision) -> None:
        """Make a revision ready."""
        began = self._around.clock()
        revision.reconciling = True
        self._say(revision, conditions.READY, RECONCILING, "Deploying Revision.")
        problems = [self._around.image_problem(each.image) for each in revision.containers]
        lack = next(filter(None, problems), "")
        await self._stage(revision, conditions.CONTAINER_READY, *_IMPORT, lack)
        await self._stage(revision, conditions.RESOURCES_AVAILABLE, *_PROVISION)
        await self._check(revision)
        await self._warm(revision)
        passed = span(self._around.clock() - began)
        revision.reconciling = False
        revision.observed_generation = revision.generation
        done = f"Deploying revision succeeded in {passed}."
        self._say(revision, conditions.READY, SUCCEEDED, done)
        self._audit.ready(self._service.name, last_part(revision.name), True, done)
        self._service.latest_ready_revision = revision.name
        self._tell()

    async def _stage(
        self, revision: Revision, kind: str, before: str, after: str, lack: str = ""
    ) -> None:
        """Pass a stage that takes no time here, unless something is lacking."""
        began = self._around.clock()
        self._say(revision, kind, RECONCILING, before)
        self._tell()
        await asyncio.sleep(self._around.stage_seconds)
        if lack:
            self._refuse(revision, kind, lack, conditions.Reason.CONTAINER_MISSING)
        self._say(revision, kind, SUCCEEDED, after.format(span(self._around.clock() - began)))
        self._tell()

    async def _check(self, revision: Revision) -> None:
        """Start an instance and wait for its probe, unless that is not wanted."""
        scaling, kind = self._service.scaling, conditions.CONTAINER_HEALTHY
        none = scaling.scaling_mode == _MANUAL and not scaling.manual_instance_count
        if none or self._service.template.health_check_disabled:
            skipped = RevisionReason.HEALTH_CHECK_SKIPPED
            self._say(revision, kind, SUCCEEDED, "Container health check skipped.", skipped)
            return
        fleet = self._serving.fleet(last_part(revision.name))
        self._say(revision, kind, RECONCILING, _CHECKING.format(**_patience(fleet.plan.probe)))
        self._tell()
        began = self._around.clock()
        why = await fleet.checked()
        if why:
            self._refuse(revision, kind, why)
        healthy = f"Containers became healthy in {span(self._around.clock() - began)}."
        self._say(revision, kind, SUCCEEDED, healthy)
        self._tell()

    async def _warm(self, revision: Revision) -> None:
        """Start the instances that a revision keeps without requests."""
        least = revision.scaling.min_instance_count
        if not least or self._service.scaling.scaling_mode == _MANUAL:
            return
        kind, began = conditions.MIN_INSTANCES, self._around.clock()
        warming = RevisionReason.MIN_INSTANCES_WARMING
        self._say(revision, kind, RECONCILING, "Min instances warming.", warming)
        self._tell()
        fleet = self._serving.fleet(last_part(revision.name))
        fleet.rescale(Scale(least, max(least, 1)))
        try:
            async with asyncio.timeout(fleet.plan.probe.patience + 10):
                await fleet.filled()
        except TimeoutError:
            lacking = RevisionReason.MIN_INSTANCES_NOT_PROVISIONED
            self._refuse(revision, kind, "Min instances could not be provisioned.", lacking)
        passed = span(self._around.clock() - began)
        done = f"Min instances provisioned successfully in {passed}."
        self._say(revision, kind, SUCCEEDED, done)

    def _refuse(
        self,
        revision: Revision,
        kind: str,
        why: str,
        reason: conditions.Reason | RevisionReason = RevisionReason.HEALTH_CHECK_CONTAINER_ERROR,
    ) -> None:
        revision.reconciling = False
        revision.observed_generation = revision.generation
        self._say(revision, kind, FAILED, why, reason)
        self._say(revision, conditions.READY, FAILED, why, reason)
        self._audit.ready(self._service.name, last_part(revision.name), False, why)
        message = not_ready(last_part(revision.name), why)
        self._say(self._service, conditions.CONFIGURATIONS_READY, FAILED, message, reason)
        raise RolloutFailed(message)

    async def _route(self) -> None:
        """Send the requests where the service says."""
        service = self._service
        await asyncio.sleep(self._around.stage_seconds)
        service.traffic_statuses = [
            TrafficTargetStatus(
                type_=share.type_, revision=share.revision, percent=share.percent, tag=share.tag
            )
            for share in service.traffic
        ]
        await self._serving.follow()
        retire(self._deployment, self._around)
        self._say(service, conditions.ROUTES_READY, SUCCEEDED)

    def _end(self, state: Condition.State, message: str) -> None:
        service = self._service
        if state == FAILED:
            reason = conditions.Reason.REVISION_FAILED
            self._say(service, conditions.READY, state, message, reason)
            routed = bool(service.traffic_statuses)
            self._say(
                service,
                conditions.ROUTES_READY,
                SUCCEEDED if routed else FAILED,
                "" if routed else message,
            )
        else:
            self._say(service, conditions.READY, state)
        self._audit.ready(service.name, "", state == SUCCEEDED, message)
        service.observed_generation = service.generation
        service.reconciling = False
        self._tell()

    def _say(
        self,
        resource: Service | Revision,
        kind: str,
        state: Condition.State,
        message: str = "",
        reason: conditions.Reason | RevisionReason | None = None,
    ) -> None:
        put(resource, condition(kind, state, self._around.clock(), message, reason))


def _patience(probe: StartupProbe) -> dict[str, str]:
    patience, delay = timedelta(seconds=probe.patience), timedelta(seconds=probe.delay)
    return {"patience": span(patience), "delay": span(delay)}


def retire(deployment: Deployment, surroundings: Surroundings) -> None:
    """Say of each revision whether it is in use, and how many instances it is to keep."""
    in_use = {name for name, _, _ in deployment.shares()}
    for revision in deployment.revisions:
        active = last_part(revision.name) in in_use
        state = SUCCEEDED if active else FAILED
        if conditions.state_of(revision, conditions.ACTIVE) == state:
            continue
        told = ("", None) if active else ("Revision retired.", RevisionReason.RETIRED)
        put(revision, condition(conditions.ACTIVE, state, surroundings.clock(), *told))
        least = revision.scaling.min_instance_count if active else 0
        revision.scaling_status = RevisionScalingStatus(desired_min_instance_count=least)
