"""Cloud Run Admin API v2 over gRPC: services and revisions, read.

Methods that are not here are answered as unimplemented, as gRPC does by itself.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Final, TypeVar

import grpc
from google.cloud.run_v2.types import (
    GetRevisionRequest,
    GetServiceRequest,
    ListRevisionsRequest,
    ListRevisionsResponse,
    ListServicesRequest,
    ListServicesResponse,
    Revision,
    Service,
)

from console.sandbox.faults import Fault
from console.sandbox.services import Deployment

_LARGEST_PAGE: Final = 100
_Item = TypeVar("_Item", Service, Revision)


class RunAdmin:
    """Answers about `deployments` of one project; `deployments` may be changed meanwhile."""

    def __init__(
        self,
        project: str,
        deployments: Sequence[Deployment],
        faults: Container[Fault] = frozenset(),
    ) -> None:
        self._project = project
        self._deployments = deployments
        self._faults = faults

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        """Return the methods, to be added to a server."""
        return (
            grpc.method_handlers_generic_handler(
                "google.cloud.run.v2.Services",
                {
                    "GetService": grpc.unary_unary_rpc_method_handler(
                        self._get_service,
                        request_deserializer=GetServiceRequest.deserialize,
                        response_serializer=Service.serialize,
                    ),
                    "ListServices": grpc.unary_unary_rpc_method_handler(
                        self._list_services,
                        request_deserializer=ListServicesRequest.deserialize,
                        response_serializer=ListServicesResponse.serialize,
                    ),
                },
            ),
            grpc.method_handlers_generic_handler(
                "google.cloud.run.v2.Revisions",
                {
                    "GetRevision": grpc.unary_unary_rpc_method_handler(
                        self._get_revision,
                        request_deserializer=GetRevisionRequest.deserialize,
                        response_serializer=Revision.serialize,
                    ),
                    "ListRevisions": grpc.unary_unary_rpc_method_handler(
                        self._list_revisions,
                        request_deserializer=ListRevisionsRequest.deserialize,
                        response_serializer=ListRevisionsResponse.serialize,
                    ),
                },
            ),
        )

    async def _get_service(
        self, request: GetServiceRequest, context: grpc.aio.ServicerContext
    ) -> Service | None:
        await self._admit(request.name, "run.services.get", context)
        services = (each.service for each in self._deployments)
        return await _found(request.name, services, context)

    async def _list_services(
        self, request: ListServicesRequest, context: grpc.aio.ServicerContext
    ) -> ListServicesResponse:
        await self._admit(request.parent, "run.services.list", context)
        # A region of `-` means all of them.
        parent = request.parent.removesuffix("-")
        services = [
            each.service for each in self._deployments if each.service.name.startswith(parent)
        ]
        page, token = await _page(services, request.page_size, request.page_token, context)
        return ListServicesResponse(services=page, next_page_token=token)

    async def _get_revision(
        self, request: GetRevisionRequest, context: grpc.aio.ServicerContext
    ) -> Revision | None:
        await self._admit(request.name, "run.revisions.get", context)
        revisions = (one for each in self._deployments for one in each.revisions)
        return await _found(request.name, revisions, context)

    async def _list_revisions(
        self, request: ListRevisionsRequest, context: grpc.aio.ServicerContext
    ) -> ListRevisionsResponse:
        await self._admit(request.parent, "run.revisions.list", context)
        revisions = [
            one
            for each in self._deployments
            if each.service.name == request.parent
            for one in reversed(each.revisions)
        ]
        page, token = await _page(revisions, request.page_size, request.page_token, context)
        return ListRevisionsResponse(revisions=page, next_page_token=token)

    async def _admit(
        self, resource: str, permission: str, context: grpc.aio.ServicerContext
    ) -> None:
        """Refuse what is of another project, as Google does whether or not it exists."""
        known = resource.startswith(f"projects/{self._project}/")
        if not known or Fault.SERVICES_DENIED in self._faults:
            await context.abort(
                grpc.StatusCode.PERMISSION_DENIED,
                f"Permission '{permission}' denied on resource '{resource}' (or resource may not "
                "exist).",
            )


async def _found(
    name: str, items: Iterable[_Item], context: grpc.aio.ServicerContext
) -> _Item | None:
    found = next((each for each in items if each.name == name), None)
    if found is None:
        await context.abort(grpc.StatusCode.NOT_FOUND, f"Resource '{name}' was not found")
    return found


async def _page(
    items: Sequence[_Item], size: int, token: str, context: grpc.aio.ServicerContext
) -> tuple[Sequence[_Item], str]:
    """Return a page and the token of the next one, which says where it begins."""
    if token and not (token.isascii() and token.isdigit()):
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "page_token is invalid")
    start = int(token[:9] or 0)
    end = start + (min(size, _LARGEST_PAGE) if size > 0 else _LARGEST_PAGE)
    return items[start:end], str(end) if end < len(items) else ""
