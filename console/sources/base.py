"""What the console asks of the outside world, and what can go wrong there, as one tree.

    SourceError
    ├── Unauthenticated   nobody is logged in, or the login has run out
    ├── Denied            the key or the permission is missing
    ├── Missing           there is no such thing
    ├── Throttled         too much was asked for; `retry_after` seconds from now it may work
    ├── AlreadyThere      there is one of that name
    ├── Overtaken         somebody else changed it meanwhile
    ├── Offline           no answer: refused, timed out, or broken off
    ├── Malformed         an answer that makes no sense
    └── EngineFailed      the engine answered that it cannot, or its process died

Every message is one line of `SafeText`: what, why, and where there is one, the mend.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from console.model.access import Policy
from console.model.cost.catalog_prices import CatalogPrices
from console.model.cost.prices import Region as PricedRegion
from console.model.image_name import Repository
from console.model.log.lines import LogQuery, LogRecord
from console.model.meters import Meters
from console.model.metrics import ServiceMetrics
from console.model.projects import Project, Region, ServiceList
from console.model.registry import RegistryFacts
from console.model.service import Revision, ServiceFacts, ServiceName
from console.model.storage import Bucket, ObjectList, UnfinishedUpload
from console.model.text import SafeText

_NOTHING: Final = SafeText("")


class SourceError(Exception):
    """Base of everything that the outside world refuses; `message` is one line, safe to show."""

    def __init__(self, message: SafeText) -> None:
        super().__init__(message)
        self.message = message


class Unauthenticated(SourceError):
    """Nobody is logged in, or the login has run out; `why` is the reason alone, if it is known."""

    def __init__(self, message: SafeText, why: SafeText = _NOTHING) -> None:
        super().__init__(message)
        self.why = why


class Denied(SourceError):
    """The key or the permission is missing; `role` is one that has the permission.

    Both are empty when the answer did not say, or is no matter of roles.
    """

    def __init__(self, message: SafeText, permission: str = "", role: str = "") -> None:
        super().__init__(message)
        self.permission = permission
        self.role = role


class Missing(SourceError):
    """There is no such thing."""


class AlreadyThere(SourceError):
    """What was to be made is there, or something else that is in its way."""


class Throttled(SourceError):
    """Too much was asked for; `retry_after` is in seconds, None when it was not said."""

    def __init__(self, message: SafeText, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Overtaken(SourceError):
    """Somebody else changed it since it was looked at."""


class Offline(SourceError):
    """No answer came: refused, timed out, or broken off."""


class Malformed(SourceError):
    """An answer came that makes no sense."""


class EngineFailed(SourceError):
    """The engine answered that it cannot do this, or its process died."""


class ServiceSource(Protocol):
    """Services on Google Cloud; every method raises `SourceError`."""

    async def get(self, name: ServiceName) -> ServiceFacts:
        """Return what is known about a service."""
        ...

    async def list(self, project: str, region: str) -> tuple[ServiceFacts, ...]:
        """Return the services of a region, by name."""
        ...

    async def revision(self, name: ServiceName, revision: str) -> Revision:
        """Return one revision of a service."""
        ...

    async def policy(self, name: ServiceName) -> Policy:
        """Return whom the policy of a service lets do what."""
        ...


LINES_LEFT_OUT: Final = "lines_left_out"
"""The event of the line in which a tail says that it left lines out."""


class LogSource(Protocol):
    """The lines that a service and the platform around it write."""

    async def list(
        self, name: ServiceName, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        """Return the latest `limit` lines from `since` on, oldest first; raises `SourceError`.

        With `query.oldest_first` the first ones from `since` on are returned instead.
        """
        ...

    def tail(self, name: ServiceName, query: LogQuery) -> AsyncGenerator[LogRecord, None]:
        """Yield lines as they are written, until the stream breaks with a `SourceError`.

        Lines come in about the order of their time. Lines that the source left out are said in
        a line of origin `console` and event `LINES_LEFT_OUT`. Close it to end the stream.
        """
        ...


class IdentitySource(Protocol):
    """Who the console is to a private service."""

    async def token(self, audience: str) -> str | None:
        """Return a token for the service at the URL `audience`, None where none is needed.

        Raises `SourceError`.
        """
        ...


class MetricSource(Protocol):
    """What is measured of a service."""

    async def read(self, name: ServiceName) -> ServiceMetrics:
        """Return what was measured in the last hour; raises `SourceError`."""
        ...


class ProjectSource(Protocol):
    """What there is to choose a service from; every method raises `SourceError`."""

    async def projects(self) -> tuple[Project, ...]:
        """Return the projects that whoever asks may see, by name."""
        ...

    async def regions(self, project: str) -> tuple[Region, ...]:
        """Return the regions that offer Cloud Run to a project, by identifier."""
        ...

    async def services(self, project: str) -> ServiceList:
        """Return the services of a project in all regions, by region and name."""
        ...


class StorageSource(Protocol):
    """What is in buckets; every method raises `SourceError`."""

    async def buckets(self, project: str) -> tuple[Bucket, ...]:
        """Return the buckets of a project, by name."""
        ...

    async def bucket(self, name: str) -> Bucket:
        """Return what is known about a bucket."""
        ...

    async def objects(self, bucket: str, prefix: str = "", limit: int = ...) -> ObjectList:
        """Return up to `limit` objects whose names begin with `prefix`, by name.

        Versions that are not live any more and soft-deleted ones are among them.
        """
        ...

    async def unfinished_uploads(self, bucket: str) -> tuple[UnfinishedUpload, ...]:
        """Return the uploads in parts that are under way or were left."""
        ...


class PriceSource(Protocol):
    """What Google itself says that things cost."""

    async def prices(self, project: str, regions: Mapping[str, PricedRegion]) -> CatalogPrices:
        """Return the prices in `regions`, asked as `project` if the login asks as none.

        Raises `SourceError`.
        """
        ...


class RegistrySource(Protocol):
    """What is in repositories of images."""

    async def images(self, repository: Repository) -> RegistryFacts:
        """Return the images of a repository, and what it takes up; raises `SourceError`."""
        ...


class MeterSource(Protocol):
    """What was counted of what is paid for."""

    async def meters(self, name: ServiceName, buckets: Sequence[str], since: datetime) -> Meters:
        """Return what a service, its project and `buckets` used from `since` on.

        Raises `SourceError`.
        """
        ...
