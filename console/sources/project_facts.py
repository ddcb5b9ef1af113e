"""What a project of Google Cloud is, has and allows.

Sources: Cloud Resource Manager v3 (https://cloud.google.com/resource-manager/reference/rest/v3),
Cloud Billing v1 (https://cloud.google.com/billing/docs/reference/rest/v1/projects),
Service Usage v1 (https://cloud.google.com/service-usage/docs/reference/rest/v1/services),
Cloud Quotas v1 (https://cloud.google.com/docs/quotas/reference/rest/v1) and, for buckets,
https://cloud.google.com/storage/docs/json_api/v1/buckets/testIamPermissions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from console.language import tr
from console.model.doctor.facts import Billing, ProjectFacts
from console.sources.base import Malformed
from console.sources.google_errors import Asked
from console.sources.google_rest import GoogleRest, Json, json_object, json_objects, json_text
from console.terminal.sanitise import sanitise

_MANAGER: Final = "cloudresourcemanager.googleapis.com"
_BILLING: Final = "cloudbilling.googleapis.com"
_USAGE: Final = "serviceusage.googleapis.com"
_QUOTAS: Final = "cloudquotas.googleapis.com"
_STORAGE: Final = "storage.googleapis.com"
_RUN: Final = "run.googleapis.com"
_MOST_DIGITS: Final = 18


class CloudProject:
    """A `ProjectFactsSource` over Google's interfaces in JSON, asked as the project itself."""

    def __init__(self, rest: GoogleRest) -> None:
        self._rest = rest

    async def project(self, project: str) -> ProjectFacts:
        """Return whether the project is there and alive; raises `SourceError`."""
        asked = Asked(
            tr("read project {project}", project=project),
            project,
            _MANAGER,
            "resourcemanager.projects.get",
        )
        said = await self._rest.get(asked, f"/v3/projects/{project}", {}, asking_as=project)
        return ProjectFacts(
            id=sanitise(json_text(said.get("projectId"))),
            number=sanitise(json_text(said.get("name")).rpartition("/")[2]),
            state=sanitise(json_text(said.get("state"))),
        )

    async def billing(self, project: str) -> Billing:
        """Return whether somebody pays for the project; raises `SourceError`."""
        asked = Asked(
            tr("read who pays for {project}", project=project),
            project,
            _BILLING,
            "resourcemanager.projects.get",
        )
        path = f"/v1/projects/{project}/billingInfo"
        said = await self._rest.get(asked, path, {}, asking_as=project)
        account = sanitise(json_text(said.get("billingAccountName")).rpartition("/")[2])
        return Billing(said.get("billingEnabled") is True, account)

    async def interfaces(self, project: str) -> frozenset[str]:
        """Return the interfaces that are switched on; raises `SourceError`."""
        asked = Asked(
            tr("read which APIs are on in {project}", project=project),
            project,
            _USAGE,
            "serviceusage.services.list",
        )
        pages = self._rest.pages(
            asked,
            f"/v1/projects/{project}/services",
            {"filter": "state:ENABLED", "pageSize": "200"},
            asking_as=project,
        )
        return frozenset(
            [
                json_text(json_object(each.get("config")).get("name"))
                async for page in pages
                for each in json_objects(page.get("services"))
            ]
        )

    async def permissions(self, project: str, wanted: Iterable[str]) -> frozenset[str]:
        """Return which permissions the login has in the project; raises `SourceError`."""
        asked = Asked(
            tr("read what may be done in {project}", project=project),
            project,
            _MANAGER,
            "resourcemanager.projects.get",
        )
        said = await self._rest.post(
            asked,
            f"/v3/projects/{project}:testIamPermissions",
            {"permissions": sorted(set(wanted))},
            asking_as=project,
        )
        return frozenset(_texts(said.get("permissions")))

    async def bucket_permissions(
        self, project: str, bucket: str, wanted: Iterable[str]
    ) -> frozenset[str]:
        """Return which permissions the login has for a bucket; raises `SourceError`."""
        asked = Asked(
            tr("read what may be done with gs://{bucket}", bucket=bucket),
            project,
            _STORAGE,
            "storage.buckets.get",
        )
        path = f"/storage/v1/b/{quote(bucket, safe='')}/iam/testPermissions"
        query = {"permissions": sorted(set(wanted))}
        said = await self._rest.get(asked, path, query, asking_as=project)
        return frozenset(_texts(said.get("permissions")))

    async def quota(self, project: str, region: str, quota: str) -> int | None:
        """Return what a quota allows in a region; raises `SourceError`."""
        asked = Asked(
            tr("read the quotas of {project}", project=project),
            project,
            _QUOTAS,
            "cloudquotas.quotas.get",
        )
        place = f"/v1/projects/{project}/locations/global/services/{_RUN}/quotaInfos/{quota}"
        said = await self._rest.get(asked, place, {}, asking_as=project)
        infos = json_objects(said.get("dimensionsInfos"))
        found = next((each for each in infos if _is_of(each, region)), None)
        if found is None:
            return None
        value = json_text(json_object(found.get("details")).get("value"))
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
            words = tr("cannot {what}: {value!r} is no number", what=asked.words, value=value[:40])
            raise Malformed(sanitise(words))
        return int(value)


def _is_of(info: Json, region: str) -> bool:
    """Say whether values are those of a region: by dimension, or as one of those they hold in."""
    dimension = json_text(json_object(info.get("dimensions")).get("region"))
    return dimension == region or region in _texts(info.get("applicableLocations"))


def _texts(value: object) -> Sequence[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
