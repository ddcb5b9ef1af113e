"""Where a service can be: the projects, regions and services that somebody may choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.model.service import Condition, ServiceName
from console.model.text import SafeText


@dataclass(frozen=True, slots=True)
class Project:
    """A project: `id` is what commands and addresses use, `number` the same for Google itself."""

    id: str
    name: SafeText
    number: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A region that offers Cloud Run; `name` says where it is, as far as that is told."""

    id: str
    name: SafeText


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedService:
    """A service as a list shows it; `updated` is when it was last deployed or changed."""

    name: ServiceName
    url: SafeText | None = None
    ready: Condition | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class ServiceList:
    """The services of a project in all its regions, but for those in `unreachable`."""

    services: tuple[ListedService, ...]
    unreachable: tuple[SafeText, ...] = ()


@dataclass(frozen=True, slots=True)
class GcloudSettings:
    """What the `gcloud` program is set to; None where it is set to nothing."""

    account: SafeText | None = None
    project: SafeText | None = None
    region: SafeText | None = None
