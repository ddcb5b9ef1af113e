"""What the doctor asks of the outside world. Every method raises `SourceError`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from console.model.doctor.facts import (
    Billing,
    Docker,
    GcloudLogin,
    Login,
    Memory,
    ModelSet,
    Program,
    ProjectFacts,
    Reached,
    Space,
)


class ReachSource(Protocol):
    """Whether the cloud is there at all."""

    async def reach(self) -> Reached:
        """Return who answered, and how this machine's clock differs from theirs."""
        ...


class LoginSource(Protocol):
    """Who is logged in; what it takes to log in is never in an answer."""

    async def login(self) -> Login:
        """Return the login that the console uses, after trying whether it can be renewed."""
        ...

    async def gcloud(self) -> GcloudLogin:
        """Return the login of the `gcloud` program."""
        ...


class ProjectFactsSource(Protocol):
    """What a project is, has and allows."""

    async def project(self, project: str) -> ProjectFacts:
        """Return whether the project is there and alive."""
        ...

    async def billing(self, project: str) -> Billing:
        """Return whether somebody pays for the project."""
        ...

    async def interfaces(self, project: str) -> frozenset[str]:
        """Return the interfaces that are switched on, such as `run.googleapis.com`."""
        ...

    async def permissions(self, project: str, wanted: Iterable[str]) -> frozenset[str]:
        """Return which of the permissions that are `wanted` the login has in the project."""
        ...

    async def bucket_permissions(
        self, project: str, bucket: str, wanted: Iterable[str]
    ) -> frozenset[str]:
        """Return which of the permissions that are `wanted` the login has for a bucket."""
        ...

    async def quota(self, project: str, region: str, quota: str) -> int | None:
        """Return what a quota of Cloud Run allows in a region, -1 for anything.

        It is in the unit of the quota; None if there is nothing of it in that region.
        """
        ...


class ToolSource(Protocol):
    """Programs of this machine."""

    async def gcloud(self) -> Program:
        """Return whether there is `gcloud`, and of which version."""
        ...

    async def docker(self) -> Docker:
        """Return what Docker is there, and what its engine keeps."""
        ...

    async def models(self, directory: str | None) -> ModelSet:
        """Return what the engine says of a directory of model files, None for the bundled ones."""
        ...


class MachineSource(Protocol):
    """What this machine has. These may block for a moment."""

    def space(self, folder: Path) -> Space:
        """Return the room for files in a folder, or in the nearest one above that exists."""
        ...

    def memory(self) -> Memory:
        """Return how much memory there is."""
        ...

    def missing_packages(self) -> tuple[str, ...]:
        """Return the packages that the engine needs and that are not installed."""
        ...
