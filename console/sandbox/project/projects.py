"""The one project of the sandbox, and its regions: Cloud Resource Manager and Cloud Run locations.

Both in JSON over HTTP, in the versions that the console and `gcloud` ask.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from console.sandbox.faults import Fault
from console.sandbox.gateway import refusal

NUMBER: Final = "100000000001"
CREATED: Final = "2026-01-01T00:00:00Z"


class Projects:
    """Answers about `project`, whose services can be in `regions`."""

    def __init__(
        self, project: str, regions: Sequence[str], faults: Container[Fault] = frozenset()
    ) -> None:
        self._project = project
        self._regions = regions
        self._faults = faults

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        return [
            Route("/v3/projects:search", self._search),
            Route("/v3/projects/{project}", self._get),
            Route("/v1/projects", self._list_as_v1),
            Route("/v1/projects/{project}", self._get_as_v1),
            Route("/v1/projects/{project}/locations", self._locations),
        ]

    def known(self, project: str) -> bool:
        """Whether a project is meant that there is, by its identifier or its number."""
        return project in (self._project, NUMBER)

    async def _search(self, request: Request) -> Response:
        """List the project, if it is in what is looked for: words, and `state:ACTIVE`."""
        words = request.query_params.get("query", "").split()
        hidden = any(
            value.strip('"*').lower() not in self._project
            for field, _, value in (word.partition(":") for word in words)
            if field.lower() not in ("state", "lifecyclestate")
        )
        return JSONResponse({} if hidden else {"projects": [self._described()]})

    async def _get(self, request: Request) -> Response:
        if not self.known(request.path_params["project"]):
            return _not_allowed(request)
        return JSONResponse(self._described())

    async def _list_as_v1(self, request: Request) -> Response:
        return JSONResponse({"projects": [self._described_as_v1()]})

    async def _get_as_v1(self, request: Request) -> Response:
        if not self.known(request.path_params["project"]):
            return _not_allowed(request)
        return JSONResponse(self._described_as_v1())

    async def _locations(self, request: Request) -> Response:
        project = request.path_params["project"]
        if not self.known(project) or Fault.SERVICES_DENIED in self._faults:
            return refusal(
                403,
                f"Permission 'run.locations.list' denied on resource 'projects/{project}' (or "
                "resource may not exist).",
            )
        locations = [
            {
                "name": f"projects/{self._project}/locations/{region}",
                "locationId": region,
                "displayName": "This machine",
            }
            for region in self._regions
        ]
        return JSONResponse({"locations": locations})

    def _described(self) -> dict[str, str]:
        return {
            "name": f"projects/{NUMBER}",
            "projectId": self._project,
            "displayName": "Sandbox on this machine",
            "state": "ACTIVE",
            "createTime": CREATED,
            "updateTime": CREATED,
        }

    def _described_as_v1(self) -> dict[str, str]:
        return {
            "projectId": self._project,
            "projectNumber": NUMBER,
            "name": "Sandbox on this machine",
            "lifecycleState": "ACTIVE",
            "createTime": CREATED,
        }


def _not_allowed(request: Request) -> Response:
    project = request.path_params["project"]
    return refusal(
        403,
        f"Permission 'resourcemanager.projects.get' denied on resource 'projects/{project}' (or "
        "it may not exist).",
    )
