"""Services of Cloud Run as a deployment looks at them: whole, and as raw protocol buffers.

Source: google.cloud.run.v2.Services and Revisions
(https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from google.cloud import run_v2
from google.longrunning import operations_pb2
from google.protobuf import json_format

from console.language import tr
from console.model.access import Policy
from console.model.deploy.observed import ServiceSeen, Unseen
from console.model.deploy.service_body import settings_of
from console.model.service import Revision, ServiceName
from console.sources.base import Missing, SourceError
from console.sources.google_errors import Asked, refusals
from console.sources.run import CloudRun
from console.sources.run_facts import revision_facts, service_facts

ANSWER_SECONDS: Final = 30.0
INTERFACE: Final = "run.googleapis.com"
DONE: Final = ""
"""The name of an operation that there is nothing to wait for."""

_MOST_REVISIONS: Final = 1_000
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


class RunReading:
    """Reads services over Google's clients, whose own retries are off."""

    def __init__(
        self, services: run_v2.ServicesAsyncClient, revisions: run_v2.RevisionsAsyncClient
    ) -> None:
        self._services = services
        self._revisions = revisions
        self._facts = CloudRun(services, revisions)

    async def seen(self, name: ServiceName) -> ServiceSeen | None:
        """Return a service with all that belongs to it, None if there is none.

        Raises `SourceError`.
        """
        raw = await self.find(name)
        if raw is None:
            return None
        settings, unmodelled = settings_of(json_format.MessageToDict(raw))
        try:
            policy: Policy | Unseen = await self._facts.policy(name)
        except SourceError as error:
            policy = Unseen(error.message)
        return ServiceSeen(
            settings=settings,
            facts=service_facts(run_v2.Service.wrap(raw)),
            policy=policy,
            revisions=await self._all_revisions(name),
            unmodelled=unmodelled,
        )

    async def find(self, name: ServiceName) -> Any | None:
        """Return a service as it is, None if there is none; raises `SourceError`."""
        try:
            return await self.found(name)
        except Missing:
            return None

    async def found(self, name: ServiceName) -> Any:
        """Return a service as it is; raises `Missing` and other `SourceError`."""
        with refusals(about(tr("read service {service}", service=name), name, "run.services.get")):
            found = await self._services.get_service(
                name=name.resource, retry=None, timeout=ANSWER_SECONDS
            )
        return run_v2.Service.pb(found)

    async def running(self, name: ServiceName) -> str:
        """Return the operation on a service that has not ended, empty if there is none.

        Raises `SourceError`.
        """
        place = f"projects/{name.project}/locations/{name.region}"
        request = operations_pb2.ListOperationsRequest(name=place, filter="done:false")
        with refusals(
            about(
                tr("look after the roll-out of service {service}", service=name),
                name,
                "run.operations.list",
            )
        ):
            page = await self._services.list_operations(request, retry=None, timeout=ANSWER_SECONDS)
        for each in page.operations:
            shown = run_v2.Service.pb()()
            if not each.done and each.metadata.Unpack(shown) and shown.name == name.resource:
                return str(each.name)
        return DONE

    async def _all_revisions(self, name: ServiceName) -> tuple[Revision, ...]:
        """Return the revisions of a service, the newest first."""
        found: list[Revision] = []
        with refusals(
            about(
                tr("list the revisions of service {service}", service=name),
                name,
                "run.revisions.list",
            )
        ):
            pages = await self._revisions.list_revisions(
                parent=name.resource, retry=None, timeout=ANSWER_SECONDS
            )
            async for each in pages:
                found.append(revision_facts(each))
                if len(found) == _MOST_REVISIONS:
                    break
        return tuple(sorted(found, key=lambda each: each.created or _EARLIEST, reverse=True))


def about(words: str, name: ServiceName, permission: str) -> Asked:
    """Return what is asked of a service, for a refusal to say."""
    return Asked(words, name.project, INTERFACE, permission)
