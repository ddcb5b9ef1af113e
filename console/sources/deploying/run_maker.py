"""Services of Cloud Run made, changed and removed, by the Admin API v2.

Source: google.cloud.run.v2.Services
(https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from google.api_core import exceptions as google
from google.cloud import run_v2
from google.longrunning import operations_pb2
from google.protobuf import field_mask_pb2, json_format

from console.language import tr
from console.model.access import Policy
from console.model.deploy.observed import NOTHING, ServiceSeen
from console.model.deploy.service_body import body_of
from console.model.deploy.settings import ServiceSettings
from console.model.service import ServiceName, TrafficShare
from console.model.text import SafeText
from console.sources.base import Denied, Missing, Overtaken
from console.sources.deploying.callers import plain_callers, set_callers
from console.sources.deploying.newer_fields import keep_newer
from console.sources.deploying.rest_operations import Sleep
from console.sources.deploying.run_reading import (
    ANSWER_SECONDS,
    DONE,
    INTERFACE,
    RunReading,
    about,
)
from console.sources.google_errors import Asked, refusals
from console.terminal.sanitise import sanitise

SERVICE_FIELDS: Final = ("labels", "ingress", "invoker_iam_disabled", "scaling", "template")
"""What of a service is written: the rest is left to whoever set it."""

LATE_SECONDS: Final = 15.0
"""How long a new account may be unknown to Cloud Run."""

_PAUSE: Final = 3.0
_ACT_AS: Final = "iam.serviceaccounts.actas"
_ATTEMPT: Final = "zimage-attempt"
_FAILED: Final = run_v2.Condition.State.CONDITION_FAILED
_LATEST: Final = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST
_BY_NAME: Final = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION
_MANUAL: Final = run_v2.ServiceScaling.ScalingMode.MANUAL
_AUTOMATIC: Final = run_v2.ServiceScaling.ScalingMode.AUTOMATIC


class RunMaker:
    """A `ServiceMaker` over Google's clients, whose own retries are off.

    `sleep` waits for an account that the service is to run as and that is not known yet.
    """

    def __init__(
        self,
        services: run_v2.ServicesAsyncClient,
        revisions: run_v2.RevisionsAsyncClient,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._services = services
        self._sleep = sleep
        self._reading = RunReading(services, revisions)

    async def seen(self, name: ServiceName) -> ServiceSeen | None:
        """Return a service with all that belongs to it, None if there is none."""
        return await self._reading.seen(name)

    async def deploy(self, name: ServiceName, settings: ServiceSettings) -> str:
        """Begin to make or change a service; return the operation's name, empty if all is done.

        An account that was only just made is waited for.
        """
        waited = 0.0
        while True:
            try:
                return await self._deploy(name, settings)
            except Denied as denied:
                # The same is said of an account that may not be used, and of one that is unknown.
                if waited >= LATE_SECONDS or denied.permission.lower() != _ACT_AS:
                    raise
            await self._sleep(_PAUSE)
            waited += _PAUSE

    async def _deploy(self, name: ServiceName, settings: ServiceSettings) -> str:
        observed = await self._reading.find(name)
        if observed is None:
            made = await self._create(name, _with(settings, run_v2.Service.pb()()))
            if made is not None:
                return made
            # The answer to an earlier attempt was lost, or somebody was quicker.
            observed = await self._reading.found(name)
        target = _with(settings, observed)
        if target == observed:
            if observed.reconciling:
                return await self._reading.running(name)
            if observed.terminal_condition.state != _FAILED:
                return DONE
            # What asks for the same would make no new revision.
            target.template.labels[_ATTEMPT] = str(observed.generation)
        return await self._update(name, target, SERVICE_FIELDS)

    async def finished(self, operation: str) -> SafeText | None:
        """Return None while an operation goes on, then its error in one line, empty if none."""
        if operation == DONE:
            return NOTHING
        asked = Asked(
            tr("look after a roll-out"), _project(operation), INTERFACE, "run.operations.get"
        )
        with refusals(asked):
            found = await self._services.get_operation(
                operations_pb2.GetOperationRequest(name=operation),
                retry=None,
                timeout=ANSWER_SECONDS,
            )
        if not found.done:
            return None
        return one_line(found.error.message) if found.HasField("error") else NOTHING

    async def set_traffic(self, name: ServiceName, shares: tuple[TrafficShare, ...]) -> str:
        """Begin to send requests to revisions by percent; return the operation's name."""
        observed = await self._reading.found(name)
        target = _copied(observed)
        del target.traffic[:]
        for share in shares:
            target.traffic.add(
                type_=_BY_NAME if share.revision else _LATEST,
                revision=share.revision or "",
                percent=share.percent,
                tag=share.tag,
            )
        return await self._changed(name, observed, target, "traffic")

    async def set_instances(self, name: ServiceName, manual: int | None) -> str:
        """Begin to hold so many instances, None: to scale by itself; return the operation."""
        observed = await self._reading.found(name)
        target = _copied(observed)
        target.scaling.ClearField("manual_instance_count")
        target.scaling.scaling_mode = _AUTOMATIC if manual is None else _MANUAL
        if manual is not None:
            target.scaling.manual_instance_count = manual
        return await self._changed(name, observed, target, "scaling")

    async def set_callers(self, name: ServiceName, policy: Policy) -> None:
        """Let exactly those members call who are in `policy`, and leave other roles alone."""
        await set_callers(self._services, name, plain_callers(policy))

    async def remove(self, name: ServiceName) -> str:
        """Begin to remove a service; return the operation's name, empty if there is none."""
        try:
            with refusals(
                about(tr("remove service {service}", service=name), name, "run.services.delete")
            ):
                begun = await self._services.delete_service(
                    name=name.resource, retry=None, timeout=ANSWER_SECONDS
                )
        except Missing:
            return DONE
        return _name_of(begun)

    async def _create(self, name: ServiceName, wanted: Any) -> str | None:
        """Begin to make a service; None if there is one by now."""
        parent, _, identifier = name.resource.rpartition("/services/")
        with refusals(
            about(tr("make service {service}", service=name), name, "run.services.create")
        ):
            try:
                begun = await self._services.create_service(
                    parent=parent,
                    service_id=identifier,
                    service=run_v2.Service.wrap(wanted),
                    retry=None,
                    timeout=ANSWER_SECONDS,
                )
            except google.AlreadyExists:
                return None
        return _name_of(begun)

    async def _changed(self, name: ServiceName, observed: Any, target: Any, field: str) -> str:
        """Change one field of a service, unless it is so already."""
        if target == observed:
            return await self._reading.running(name) if observed.reconciling else DONE
        return await self._update(name, target, (field,))

    async def _update(self, name: ServiceName, target: Any, fields: tuple[str, ...]) -> str:
        """Begin to change some fields, unless somebody else changed anything since."""
        request = run_v2.UpdateServiceRequest(
            service=run_v2.Service.wrap(target),
            update_mask=field_mask_pb2.FieldMask(paths=fields),
        )
        with refusals(
            about(tr("change service {service}", service=name), name, "run.services.update")
        ):
            try:
                begun = await self._services.update_service(
                    request, retry=None, timeout=ANSWER_SECONDS
                )
            except google.Aborted:
                raise overtaken(name) from None
        return _name_of(begun)


def _with(settings: ServiceSettings, observed: Any) -> Any:
    """Return a raw service with all of its settings made so, and everything else as it was."""
    body = body_of(settings, json_format.MessageToDict(observed))
    target = json_format.ParseDict(body, type(observed)())
    keep_newer(observed, target)
    return target


def one_line(words: str) -> SafeText:
    """Return the platform's own words, which may go over several lines, as one."""
    return sanitise(" ".join(words.split()))


def overtaken(name: ServiceName) -> Overtaken:
    """Say in one line that somebody else changed a service."""
    return Overtaken(
        sanitise(
            tr(
                "service {service} was changed by somebody else meanwhile; look at it once more",
                service=name,
            )
        )
    )


def _copied(raw: Any) -> Any:
    copy = type(raw)()
    copy.CopyFrom(raw)
    return copy


def _name_of(begun: Any) -> str:
    """Return the name of an operation, empty for one that ended at once."""
    operation = begun.operation
    return DONE if operation.done and not operation.HasField("error") else str(operation.name)


def _project(operation: str) -> str:
    return operation.removeprefix("projects/").partition("/")[0]
