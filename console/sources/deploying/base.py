"""What a deployment asks of the outside world. Every method raises `SourceError`.

What makes something returns quietly if it is there already as wanted, and what removes something
if it is gone already: whoever was broken off asks again. Long work is begun by one method, which
returns a name, and waited for by another, so that a later process can wait on.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Protocol

from console.model.access import Policy
from console.model.deploy.observed import ImageSeen, ServiceSeen
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.wish import ImageWish
from console.model.image_name import ImageName, Repository
from console.model.service import ServiceName, TrafficShare
from console.model.text import SafeText


class ApiSwitch(Protocol):
    """Interfaces of a project, such as `run.googleapis.com`."""

    async def enable(self, project: str, apis: Iterable[str]) -> None:
        """Switch interfaces on, and wait until they are."""
        ...


class AccountMaker(Protocol):
    """Service accounts, and what they may read."""

    async def account(self, project: str, name: str) -> str | None:
        """Return the address of an account, None if there is none."""
        ...

    async def make(self, project: str, name: str, title: str) -> str:
        """Make an account and return its address."""
        ...

    async def remove(self, project: str, name: str) -> None:
        """Remove an account."""
        ...

    async def readers(self, bucket: str) -> frozenset[str]:
        """Return the members that a bucket's own policy lets read its objects."""
        ...

    async def let_read(self, bucket: str, member: str) -> None:
        """Let a member read the objects of a bucket, and nothing else."""
        ...

    async def forbid(self, bucket: str, member: str) -> None:
        """Take that back."""
        ...


class BucketRemover(Protocol):
    """Buckets and objects, removed; they are made by `sources/bucket_making.py`."""

    async def remove(self, bucket: str) -> None:
        """Remove a bucket with all its objects, of every generation, and unfinished uploads."""
        ...

    async def remove_object(self, bucket: str, name: str) -> None:
        """Remove the live object of that name."""
        ...

    async def put(self, bucket: str, name: str, data: bytes) -> None:
        """Store a small object, in the place of one of the same name; `data` is at most 100 MB."""
        ...


class RepositoryMaker(Protocol):
    """Repositories of images."""

    async def has(self, repository: Repository) -> bool:
        """Say whether there is a repository."""
        ...

    async def make(self, repository: Repository) -> None:
        """Make a repository of Docker images."""
        ...

    async def image(self, name: ImageName) -> ImageSeen | None:
        """Return the image that a name means, None if there is none."""
        ...

    async def remove_image(self, name: ImageName) -> None:
        """Remove an image with all its tags."""
        ...

    async def remove(self, repository: Repository) -> None:
        """Remove a repository and all that is in it."""
        ...


class ServiceMaker(Protocol):
    """Services of Cloud Run, changed."""

    async def seen(self, name: ServiceName) -> ServiceSeen | None:
        """Return a service with its settings, revisions and policy, None if there is none."""
        ...

    async def deploy(self, name: ServiceName, settings: ServiceSettings) -> str:
        """Begin to make or change a service; return the operation's name, empty if all is done.

        What the settings do not speak of stays as it is. An update is refused with `Overtaken`
        if somebody else changed the service since it was read. While the service is being made
        what the settings say, that operation is returned. If the latest revision has those
        settings and failed, it is made anew.
        """
        ...

    async def finished(self, operation: str) -> SafeText | None:
        """Return None while an operation goes on, then its error in one line, empty if none.

        An operation without a name is done.
        """
        ...

    async def set_traffic(self, name: ServiceName, shares: tuple[TrafficShare, ...]) -> str:
        """Begin to send requests to revisions by percent; return the operation's name."""
        ...

    async def set_instances(self, name: ServiceName, manual: int | None) -> str:
        """Begin to hold so many instances, None: to scale by itself; return the operation."""
        ...

    async def set_callers(self, name: ServiceName, policy: Policy) -> None:
        """Let exactly those members call who are in `policy`, and leave other roles alone.

        What was given under a condition stays. Whether callers are checked at all is one of the
        service's settings.
        """
        ...

    async def remove(self, name: ServiceName) -> str:
        """Begin to remove a service with all its revisions; return the operation's name.

        It is empty if there is no such service.
        """
        ...


@dataclass(frozen=True, slots=True)
class Built:
    """How a build stands: `digest` once it succeeded, `failed` in one line if it did not."""

    digest: str | None = None
    failed: SafeText | None = None


class CloudBuilder(Protocol):
    """Cloud Build."""

    async def staging(self, project: str, region: str) -> str:
        """Return the bucket that archives are put into, which is made if there is none.

        What is in it is deleted after a day. Raises `NameTaken` if somebody else has its name.
        """
        ...

    async def submit(
        self, project: str, region: str, archive: str, wish: ImageWish, tag: str
    ) -> str:
        """Begin to build from an archive `gs://BUCKET/OBJECT`; return the build's name.

        `tag` is the whole name of the image. If it is being built already, that build is returned.
        """
        ...

    async def under_way(self, project: str, region: str, tag: str) -> str | None:
        """Return the name of a build of this image that goes on, None if there is none."""
        ...

    async def built(self, build: str) -> Built | None:
        """Return how a build ended, None while it goes on."""
        ...

    async def cancel(self, build: str) -> None:
        """Break a build off."""
        ...

    def lines(self, build: str) -> AsyncGenerator[SafeText, None]:
        """Yield what a build writes, until it ends."""
        ...


class LocalBuilder(Protocol):
    """Docker on this machine."""

    def build(self, wish: ImageWish, tag: str) -> AsyncGenerator[SafeText, None]:
        """Build for linux/amd64, and yield what is written; raises `SourceError` if it fails."""
        ...

    def push(self, tag: str) -> AsyncGenerator[SafeText, None]:
        """Push an image, and yield what is written; raises `SourceError` if it fails."""
        ...

    async def architecture(self, tag: str) -> str | None:
        """Return what an image here runs on, such as `amd64`; None if there is no such image."""
        ...


@dataclass(frozen=True, slots=True)
class Deploying:
    """All of it for one cloud: what `GoogleCloud.deploying` is."""

    apis: ApiSwitch
    accounts: AccountMaker
    repositories: RepositoryMaker
    services: ServiceMaker
    builds: CloudBuilder
    buckets: BucketRemover
