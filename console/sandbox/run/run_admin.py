"""Cloud Run Admin API v2 over gRPC: services, revisions, and who may use them.

Source: google.cloud.run.v2.Services and Revisions, google.iam.v1
(https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2).
"""

from __future__ import annotations

from typing import Any

import grpc
from google.cloud.run_v2 import types
from google.iam.v1 import iam_policy_pb2, policy_pb2
from google.longrunning.operations_pb2 import Operation

from console.sandbox.run.operations import page
from console.sandbox.run.refused import unary
from console.sandbox.run.run_control import RunControl


class RunAdmin:
    """Asks `control` what gRPC asks."""

    def __init__(self, control: RunControl) -> None:
        self._control = control

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        """Return the methods, to be added to a server."""
        services = {
            "GetService": _method(self._get, types.GetServiceRequest, types.Service),
            "ListServices": _method(
                self._list, types.ListServicesRequest, types.ListServicesResponse
            ),
            "CreateService": _operation(self._create, types.CreateServiceRequest),
            "UpdateService": _operation(self._update, types.UpdateServiceRequest),
            "DeleteService": _operation(self._delete, types.DeleteServiceRequest),
            "GetIamPolicy": _raw(
                self._policy, iam_policy_pb2.GetIamPolicyRequest, policy_pb2.Policy
            ),
            "SetIamPolicy": _raw(
                self._set_policy, iam_policy_pb2.SetIamPolicyRequest, policy_pb2.Policy
            ),
            "TestIamPermissions": _raw(
                self._permitted,
                iam_policy_pb2.TestIamPermissionsRequest,
                iam_policy_pb2.TestIamPermissionsResponse,
            ),
        }
        revisions = {
            "GetRevision": _method(self._get_revision, types.GetRevisionRequest, types.Revision),
            "ListRevisions": _method(
                self._list_revisions, types.ListRevisionsRequest, types.ListRevisionsResponse
            ),
            "DeleteRevision": _operation(self._delete_revision, types.DeleteRevisionRequest),
        }
        return (
            grpc.method_handlers_generic_handler("google.cloud.run.v2.Services", services),
            grpc.method_handlers_generic_handler("google.cloud.run.v2.Revisions", revisions),
            self._control.operations.handler(),
        )

    async def _get(self, request: types.GetServiceRequest) -> types.Service:
        return self._control.service(request.name)

    async def _list(self, request: types.ListServicesRequest) -> types.ListServicesResponse:
        found = self._control.services(request.parent)
        chosen, token = page(found, request.page_size, request.page_token)
        return types.ListServicesResponse(services=chosen, next_page_token=token)

    async def _create(self, request: types.CreateServiceRequest) -> Operation:
        return await self._control.create(
            request.parent, request.service_id, request.service, request.validate_only
        )

    async def _update(self, request: types.UpdateServiceRequest) -> Operation:
        return await self._control.update(
            request.service,
            tuple(types.UpdateServiceRequest.pb(request).update_mask.paths),
            request.validate_only,
            request.allow_missing,
        )

    async def _delete(self, request: types.DeleteServiceRequest) -> Operation:
        return await self._control.delete(request.name, request.etag, request.validate_only)

    async def _get_revision(self, request: types.GetRevisionRequest) -> types.Revision:
        return self._control.revision(request.name)

    async def _list_revisions(
        self, request: types.ListRevisionsRequest
    ) -> types.ListRevisionsResponse:
        found = self._control.revisions(request.parent)
        chosen, token = page(found, request.page_size, request.page_token)
        return types.ListRevisionsResponse(revisions=chosen, next_page_token=token)

    async def _delete_revision(self, request: types.DeleteRevisionRequest) -> Operation:
        return await self._control.delete_revision(
            request.name, request.etag, request.validate_only
        )

    async def _policy(self, request: iam_policy_pb2.GetIamPolicyRequest) -> policy_pb2.Policy:
        return self._control.policy(request.resource)

    async def _set_policy(self, request: iam_policy_pb2.SetIamPolicyRequest) -> policy_pb2.Policy:
        return self._control.set_policy(request.resource, request.policy)

    async def _permitted(
        self, request: iam_policy_pb2.TestIamPermissionsRequest
    ) -> iam_policy_pb2.TestIamPermissionsResponse:
        permitted = self._control.permitted(request.resource, list(request.permissions))
        return iam_policy_pb2.TestIamPermissionsResponse(permissions=permitted)


def _method(answer: Any, request: Any, response: Any) -> grpc.RpcMethodHandler:
    """Return a method of wrapped messages."""
    return unary(answer, request.deserialize, response.serialize)


def _operation(answer: Any, request: Any) -> grpc.RpcMethodHandler:
    """Return a method of a wrapped message that begins an operation."""
    return unary(answer, request.deserialize, Operation.SerializeToString)


def _raw(answer: Any, request: Any, response: Any) -> grpc.RpcMethodHandler:
    """Return a method of raw messages."""
    return unary(answer, request.FromString, response.SerializeToString)
