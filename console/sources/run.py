"""Services of Cloud Run, by the Admin API v2.

Source: google.cloud.run.v2.Services and Revisions
(https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2).
"""

from __future__ import annotations

from typing import Final

from google.cloud.run_v2 import RevisionsAsyncClient, ServicesAsyncClient
from google.iam.v1 import iam_policy_pb2, options_pb2

from console.language import tr
from console.model.access import Policy
from console.model.service import Revision, ServiceFacts, ServiceName
from console.sources.google_errors import Asked, refusals
from console.sources.run_facts import policy_facts, revision_facts, service_facts

ANSWER_SECONDS: Final = 10.0
_INTERFACE: Final = "run.googleapis.com"
_POLICY_VERSION: Final = 3
"""The first version whose answers have the conditions of grants in them."""


class CloudRun:
    """A `ServiceSource` over Google's clients.

    The clients' own retries are off: whoever asks knows better when to ask again.
    """

    def __init__(self, services: ServicesAsyncClient, revisions: RevisionsAsyncClient) -> None:
        self._services = services
        self._revisions = revisions

    async def get(self, name: ServiceName) -> ServiceFacts:
        """Return what is known about a service; raises `SourceError`."""
        asked = Asked(
            tr("read service {service}", service=name), name.project, _INTERFACE, "run.services.get"
        )
        with refusals(asked):
            answer = await self._services.get_service(
                name=name.resource, retry=None, timeout=ANSWER_SECONDS
            )
        return service_facts(answer)

    async def list(self, project: str, region: str) -> tuple[ServiceFacts, ...]:
        """Return the services of a region, by name; raises `SourceError`."""
        asked = Asked(
            tr("list services of {region}", region=region), project, _INTERFACE, "run.services.list"
        )
        parent = f"projects/{project}/locations/{region}"
        with refusals(asked):
            pages = await self._services.list_services(
                parent=parent, retry=None, timeout=ANSWER_SECONDS
            )
            found = [service_facts(each) async for each in pages]
        return tuple(sorted(found, key=lambda facts: facts.name))

    async def revision(self, name: ServiceName, revision: str) -> Revision:
        """Return one revision of a service; raises `SourceError`."""
        asked = Asked(
            tr("read revision {revision} of {service}", revision=revision, service=name),
            name.project,
            _INTERFACE,
            "run.revisions.get",
        )
        with refusals(asked):
            answer = await self._revisions.get_revision(
                name=f"{name.resource}/revisions/{revision}", retry=None, timeout=ANSWER_SECONDS
            )
        return revision_facts(answer)

    async def policy(self, name: ServiceName) -> Policy:
        """Return whom the policy of a service lets do what; raises `SourceError`."""
        asked = Asked(
            tr("read who may call {service}", service=name),
            name.project,
            _INTERFACE,
            "run.services.getIamPolicy",
        )
        request = iam_policy_pb2.GetIamPolicyRequest(
            resource=name.resource,
            options=options_pb2.GetPolicyOptions(requested_policy_version=_POLICY_VERSION),
        )
        with refusals(asked):
            answer = await self._services.get_iam_policy(
                request, retry=None, timeout=ANSWER_SECONDS
            )
        return policy_facts(answer)
