"""Projects, regions and services to choose from, listed without knowing where to look.

Sources: Cloud Resource Manager v3 (https://cloud.google.com/resource-manager/reference/rest/v3),
and Cloud Run v1 (https://cloud.google.com/run/docs/reference/rest/v1), whose global host lists the
services of all regions at once, which v2 does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from console.language import tr
from console.model.projects import ListedService, Project, Region, ServiceList
from console.model.service import Condition, ConditionState, ServiceName
from console.sources.google_errors import Asked
from console.sources.google_rest import (
    GoogleRest,
    Json,
    json_object,
    json_objects,
    json_text,
    json_time,
)
from console.sources.run_facts import web_address
from console.terminal.sanitise import sanitise

PAGE: Final = "500"
_REGION: Final = "cloud.googleapis.com/location"
_STATES: Final = {
    "True": ConditionState.SUCCEEDED,
    "False": ConditionState.FAILED,
    "Unknown": ConditionState.RECONCILING,
}
_Read = TypeVar("_Read")


class Projects:
    """A `ProjectSource` over Google's interfaces in JSON."""

    def __init__(self, rest: GoogleRest) -> None:
        self._rest = rest

    async def projects(self) -> tuple[Project, ...]:
        """Return the active projects that whoever asks may see; raises `SourceError`."""
        asked = Asked(
            tr("list your projects"),
            "",
            "cloudresourcemanager.googleapis.com",
            "resourcemanager.projects.get",
        )
        pages = self._rest.pages(
            asked, "/v3/projects:search", {"query": "state:ACTIVE", "pageSize": PAGE}
        )
        found = [one async for page in pages for one in _each(page, "projects", _project)]
        return tuple(sorted(found, key=lambda project: project.id))

    async def regions(self, project: str) -> tuple[Region, ...]:
        """Return the regions that offer Cloud Run; raises `SourceError`."""
        asked = Asked(
            tr("list the regions of {project}", project=project),
            project,
            "run.googleapis.com",
            "run.locations.list",
        )
        pages = self._rest.pages(asked, f"/v1/projects/{project}/locations", {})
        found = [one async for page in pages for one in _each(page, "locations", _region)]
        return tuple(sorted(found, key=lambda region: region.id))

    async def services(self, project: str) -> ServiceList:
        """Return the services of a project in all regions; raises `SourceError`."""
        asked = Asked(
            tr("list the services of {project}", project=project),
            project,
            "run.googleapis.com",
            "run.services.list",
        )
        pages = self._rest.pages(
            asked,
            f"/apis/serving.knative.dev/v1/namespaces/{project}/services",
            {"limit": PAGE},
            token="continue",
            next_token=("metadata", "continue"),
        )
        found: list[ListedService] = []
        silent: set[str] = set()
        async for page in pages:
            found += _each(page, "items", lambda item: _service(project, item))
            unreachable = page.get("unreachable")
            silent |= set(map(json_text, unreachable)) if isinstance(unreachable, list) else set()
        return ServiceList(
            tuple(sorted(found, key=lambda service: (service.name.region, service.name))),
            tuple(sanitise(region.rpartition("/")[2]) for region in sorted(silent) if region),
        )


def _each(page: Json, field: str, read: Callable[[Json], _Read | None]) -> list[_Read]:
    """Read a page's items, leaving out what makes no sense."""
    read_items = (read(item) for item in json_objects(page.get(field)))
    return [item for item in read_items if item is not None]


def _project(item: Json) -> Project | None:
    identifier = sanitise(json_text(item.get("projectId")))
    if not identifier:
        return None
    name = sanitise(json_text(item.get("displayName")))
    number = sanitise(json_text(item.get("name")).rpartition("/")[2])
    return Project(identifier, name or identifier, number)


def _region(item: Json) -> Region | None:
    identifier = sanitise(json_text(item.get("locationId")))
    name = sanitise(json_text(item.get("displayName")))
    return Region(identifier, name or identifier) if identifier else None


def _service(project: str, item: Json) -> ListedService | None:
    metadata, status = json_object(item.get("metadata")), json_object(item.get("status"))
    region = json_text(json_object(metadata.get("labels")).get(_REGION))
    try:
        # What the answer says of the project may be its number.
        name = ServiceName.parse(f"{project}/{region}/{json_text(metadata.get('name'))}")
    except ValueError:
        return None
    conditions = json_objects(status.get("conditions"))
    ready = next((each for each in conditions if each.get("type") == "Ready"), None)
    changes = [json_time(each.get("lastTransitionTime")) for each in conditions]
    return ListedService(
        name=name,
        url=web_address(json_text(status.get("url"))),
        ready=None if ready is None else _condition(ready),
        updated=max((each for each in changes if each is not None), default=None),
    )


def _condition(item: Json) -> Condition:
    return Condition(
        type=sanitise(json_text(item.get("type"))),
        state=_STATES.get(json_text(item.get("status")), ConditionState.UNKNOWN),
        reason=sanitise(json_text(item.get("reason"))),
        message=sanitise(json_text(item.get("message"))),
        severity=sanitise(json_text(item.get("severity"))),
        changed=json_time(item.get("lastTransitionTime")),
    )
