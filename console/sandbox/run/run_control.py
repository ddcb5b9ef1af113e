"""Cloud Run's control plane: services are created, changed and deleted here, and rolled out.

It knows nothing of how it was asked: gRPC (`run_admin`) and Knative's JSON (`knative_api`) are
both read into the Admin API's own messages first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

import grpc
from google.cloud.run_v2.types import Revision, Service
from google.iam.v1 import policy_pb2
from google.longrunning.operations_pb2 import Operation

from console.sandbox.faults import Fault
from console.sandbox.logs.audit_trail import AuditTrail
from console.sandbox.run import run_rules
from console.sandbox.run.demo_service import OPERATOR
from console.sandbox.run.identity import Identities
from console.sandbox.run.operations import Operations
from console.sandbox.run.refused import Refused, invalid
from console.sandbox.run.revisions import new_revision, next_name
from console.sandbox.run.running_services import RunningServices
from console.sandbox.run.services import Deployment, ServiceBook, last_part
from console.sandbox.surroundings import Surroundings

_REGIONS: Final = "is not found or access is unauthorized"
_NO_POLICY: Final = b"\x00\x20\x01"
"""The etag of a service whose policy was never set."""


class RunControl:
    """Services of `project` in `regions`, kept in `book`; every method raises `Refused`."""

    def __init__(
        self,
        project: str,
        regions: Collection[str],
        book: ServiceBook,
        surroundings: Surroundings,
        identities: Identities,
    ) -> None:
        self._project = project
        self._regions = regions
        self._book = book
        self._around = surroundings
        self.operations = Operations(book.operations, self.admit, book.save, surroundings.new_hex)
        self._running = RunningServices(book, self.operations, surroundings, identities)
        self._audit = AuditTrail(
            surroundings.book, surroundings.clock, lambda: surroundings.new_hex(6)
        )

    async def open(self) -> None:
        """Serve what is deployed, and go on with what was under way; raises `BadState`."""
        await self._running.open()

    async def close(self) -> None:
        """End all instances; what is under way goes on when the sandbox is opened again."""
        await self._running.close()

    def urls(self) -> dict[str, str]:
        """Return the address of each service by its short name."""
        return self._running.urls()

    def admit(self, resource: str, permission: str) -> None:
        """Refuse what is of another project, as Google does whether or not it exists."""
        known = resource == f"projects/{self._project}" or resource.startswith(
            f"projects/{self._project}/"
        )
        if not known or Fault.SERVICES_DENIED in self._around.faults:
            raise Refused(
                grpc.StatusCode.PERMISSION_DENIED,
                f"Permission '{permission}' denied on resource '{resource}' (or resource may not "
                "exist).",
            )

    def service(self, name: str) -> Service:
        """Return a service."""
        self.admit(name, "run.services.get")
        return self._found(name).service

    def services(self, parent: str) -> list[Service]:
        """Return the services of a region, or with a region of `-` of all, by name."""
        self.admit(parent, "run.services.list")
        within = parent.removesuffix("-").removesuffix("/") + "/"
        return sorted(
            (each.service for each in self._book if each.service.name.startswith(within)),
            key=lambda service: str(service.name),
        )

    def revision(self, name: str) -> Revision:
        """Return a revision."""
        self.admit(name, "run.revisions.get")
        found = next((each for each in self._all_revisions() if each.name == name), None)
        if found is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"Resource '{name}' was not found")
        return found

    def revisions(self, parent: str) -> list[Revision]:
        """Return the revisions of a service, the newest first; one called `-` means all."""
        self.admit(parent, "run.revisions.list")
        within = parent.removesuffix("/-") + "/"
        return [each for each in self._all_revisions() if each.name.startswith(within)]

    async def create(
        self, parent: str, identifier: str, asked: Service, only_check: bool = False
    ) -> Operation:
        """Create a service under a name that is free."""
        self.admit(parent, "run.services.create")
        name = f"{parent}/services/{run_rules.identifier(identifier)}"
        if parent.removeprefix(f"projects/{self._project}/locations/") not in self._regions:
            raise invalid(f"Location {parent} {_REGIONS}.")
        if self._book.find(name) is not None:
            raise Refused(
                grpc.StatusCode.ALREADY_EXISTS, f"Resource '{identifier}' already exists."
            )
        now = self._around.clock()
        service = run_rules.specified(Service(name=name), asked)
        service.uid = self._around.new_hex(16)
        service.create_time, service.creator = now, OPERATOR
        deployment = Deployment(service, [])
        self._check(deployment)
        if only_check:
            return self._ended(name, service)
        self._audit.called("Services.CreateService", name)
        # Whoever asked may hang up: what was accepted is done all the same.
        return await asyncio.shield(self._created(deployment))

    async def _created(self, deployment: Deployment) -> Operation:
        self._book.add(deployment)
        await self._running.add(deployment)
        return self._change(deployment, new=True)

    async def update(
        self,
        asked: Service,
        paths: tuple[str, ...] = (),
        only_check: bool = False,
        allow_missing: bool = False,
    ) -> Operation:
        """Change a service to what is asked for, or only the fields that `paths` name."""
        self.admit(asked.name, "run.services.update")
        deployment = self._book.find(asked.name)
        if deployment is None and allow_missing:
            parent, _, identifier = asked.name.partition("/services/")
            return await self.create(parent, identifier, asked, only_check)
        deployment = self._found(asked.name)
        before = deployment.service
        _compare(asked.etag, before)
        service = run_rules.specified(before, asked, paths)
        changed = Deployment(service, deployment.revisions, deployment.policy, deployment.ports)
        self._check(changed)
        if only_check or run_rules.same_specification(before, service):
            return self._ended(asked.name, service)
        new = run_rules.needs_revision(changed, before)
        self._audit.called("Services.UpdateService", asked.name)
        deployment.service = service
        return self._change(deployment, new)

    async def delete(self, name: str, etag: str = "", only_check: bool = False) -> Operation:
        """Delete a service with all that belongs to it."""
        self.admit(name, "run.services.delete")
        deployment = self._found(name)
        service = deployment.service
        _compare(etag, service)
        if only_check:
            return self._ended(name, service)
        self._audit.called("Services.DeleteService", name)
        service.delete_time = self._around.clock()
        service.reconciling = True
        operation = self.operations.begin(name, Service.pb(service))
        self._book.remove(deployment)
        self._book.save()
        self._running.end(deployment, operation.name)
        return operation

    async def delete_revision(
        self, name: str, etag: str = "", only_check: bool = False
    ) -> Operation:
        """Delete a revision that no request can reach."""
        self.admit(name, "run.revisions.delete")
        revision = self.revision(name)
        _compare(etag, revision)
        deployment = self._found(name.partition("/revisions/")[0])
        short = last_part(name)
        serving = {each for each, _, _ in deployment.shares()}
        newest = last_part(deployment.service.latest_created_revision)
        if short in serving or short == newest:
            raise Refused(
                grpc.StatusCode.FAILED_PRECONDITION,
                f'Revision "{short}" cannot be directly deleted because it is actively serving.',
            )
        if not only_check:
            self._audit.called("Revisions.DeleteRevision", deployment.service.name, short)
            revision.delete_time = self._around.clock()
            await asyncio.shield(self._dropped(deployment, revision))
        return self._ended(name, revision)

    async def _dropped(self, deployment: Deployment, revision: Revision) -> None:
        deployment.revisions.remove(revision)
        await self._running.drop(deployment, last_part(revision.name))
        self._book.save()

    def policy(self, name: str) -> policy_pb2.Policy:
        """Return who may do what with a service."""
        self.admit(name, "run.services.getIamPolicy")
        policy = policy_pb2.Policy()
        policy.CopyFrom(self._found(name).policy)
        policy.etag = policy.etag or _NO_POLICY
        return policy

    def set_policy(self, name: str, policy: policy_pb2.Policy) -> policy_pb2.Policy:
        """Say who may do what with a service, unless somebody else has meanwhile."""
        self.admit(name, "run.services.setIamPolicy")
        deployment = self._found(name)
        if policy.etag and policy.etag != (deployment.policy.etag or _NO_POLICY):
            raise Refused(
                grpc.StatusCode.ABORTED,
                "There were concurrent policy changes. Please retry the whole read-modify-write "
                "with exponential backoff.",
            )
        run_rules.check_policy(policy, self._around.faults, self._around.knows_account)
        self._audit.called("Services.SetIamPolicy", name)
        deployment.policy.CopyFrom(policy)
        deployment.policy.version = max(1, policy.version)
        deployment.policy.etag = bytes.fromhex(self._around.new_hex(6))
        self._book.save()
        return deployment.policy

    def permitted(self, name: str, permissions: list[str]) -> list[str]:
        """Return which of the permissions the operator has: all, as the owner of the project.

        On what is not there nobody has any, which is no refusal.
        """
        self.admit(name, "run.services.get")
        return permissions if self._book.find(name) is not None else []

    def _check(self, deployment: Deployment) -> None:
        """Refuse a service that Google would refuse."""
        run_rules.check(deployment, self._around.faults)
        account = deployment.service.template.service_account
        if not self._around.knows_account(account):
            raise Refused(
                grpc.StatusCode.PERMISSION_DENIED,
                f"Permission 'iam.serviceaccounts.actAs' denied on service account {account} (or "
                "it may not exist).",
            )

    def _found(self, name: str) -> Deployment:
        found = self._book.find(name)
        if found is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"Resource '{name}' was not found")
        return found

    def _all_revisions(self) -> list[Revision]:
        return [one for each in self._book for one in reversed(each.revisions)]

    def _change(self, deployment: Deployment, new: bool) -> Operation:
        """Take note of a changed specification, and begin to roll it out."""
        service, around = deployment.service, self._around
        service.generation += 1
        service.update_time, service.last_modifier = around.clock(), OPERATOR
        service.etag = f'"{around.new_hex(8)}"'
        service.reconciling = True
        if new:
            name = next_name(deployment, around.new_hex)
            revision = new_revision(service, name, service.update_time, around.new_hex)
            deployment.revisions.append(revision)
            service.latest_created_revision = revision.name
        operation = self.operations.begin(service.name, Service.pb(service))
        self._running.roll_out(deployment)
        self._book.save()
        return operation

    def _ended(self, name: str, resource: Service | Revision) -> Operation:
        """Return an operation that has ended well and is not kept."""
        operation = Operation(name=f"projects/{self._project}/operations/done", done=True)
        raw = type(resource).pb(resource)
        operation.metadata.Pack(raw)
        operation.response.Pack(raw)
        return operation


def _compare(etag: str, current: Service | Revision) -> None:
    """Refuse a change of something that somebody else has changed meanwhile."""
    if etag and etag != current.etag:
        raise Refused(
            grpc.StatusCode.ABORTED,
            f"Conflict for resource '{last_part(current.name)}': version '{etag}' was specified "
            f"but current version is '{current.etag}'.",
        )
