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
from console.sandbox.json_calls import Call, JsonObject, denied, json_route
from console.sandbox.project.platform_state import PlatformState

NUMBER: Final = "100000000001"
CREATED: Final = "2026-01-01T00:00:00Z"


class Projects:
    """Answers about `project`, whose services can be in `regions`.

    Deleted, it still answers: Google waits 30 days, in which it can be had back. Without a `state`
    it cannot be deleted.
    """

    def __init__(
        self,
        project: str,
        regions: Sequence[str],
        faults: Container[Fault] = frozenset(),
        state: PlatformState | None = None,
    ) -> None:
        self._project = project
        self._regions = regions
        self._faults = faults
        self._state = state

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        return [
            Route("/v3/projects:search", self._search),
            Route("/v3/projects/{project}", self._get),
            Route("/v1/projects", self._list_as_v1),
            Route("/v1/projects/{project}", self._get_as_v1),
            Route("/v1/projects/{project}/locations", self._locations),
            *(
                route
                for version in ("v1", "v3")
                for route in (
                    json_route(f"/{version}/projects/{{project}}", DELETE=self._delete),
                    json_route(f"/{version}/projects/{{project}}:undelete", POST=self._undelete),
                )
            ),
        ]

    def known(self, project: str) -> bool:
        """Whether a project is meant that there is, by its identifier or its number."""
        return project in (self._project, NUMBER)

    async def _search(self, request: Request) -> Response:
        """List the project, if it is in what is looked for: words, and `state:ACTIVE`."""
        words = request.query_params.get("query", "").split()
        active = self._life == "ACTIVE" or "state:ACTIVE" not in words
        hidden = not active or any(
            value.strip('"*').lower() not in self._project
            for field, _, value in (word.partition(":") for word in words)
            if field.lower() not in ("state", "lifecyclestate")
        )
        return JSONResponse({} if hidden else {"projects": [self._described()]})

    async def _get(self, request: Request) -> Response:
        if not self.known(request.path_params["project"]):
            return _not_allowed(request)
        return JSONResponse(self._described())

    def _delete(self, call: Call) -> JsonObject:
        return self._marked(call, "delete", deleted=True)

    def _undelete(self, call: Call) -> JsonObject:
        return self._marked(call, "undelete", deleted=False)

    def _marked(self, call: Call, verb: str, deleted: bool) -> JsonObject:
        """Mark the project, and answer what serves as an operation and as nothing."""
        project = call.path["project"]
        if not self.known(project) or self._state is None:
            raise denied(f"resourcemanager.projects.{verb}", f"projects/{project}")
        self._state.deleted = deleted
        self._state.save()
        return {"done": True, "response": dict(self._described())}

    @property
    def _life(self) -> str:
        deleted = self._state is not None and self._state.deleted
        return "DELETE_REQUESTED" if deleted else "ACTIVE"

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
            "state": self._life,
            "createTime": CREATED,
            "updateTime": CREATED,
        }

    def _described_as_v1(self) -> dict[str, str]:
        return {
            "projectId": self._project,
            "projectNumber": NUMBER,
            "name": "Sandbox on this machine",
            "lifecycleState": self._life,
            "createTime": CREATED,
        }


def _not_allowed(request: Request) -> Response:
    project = request.path_params["project"]
    return refusal(
        403,
        f"Permission 'resourcemanager.projects.get' denied on resource 'projects/{project}' (or "
        "it may not exist).",
    )
