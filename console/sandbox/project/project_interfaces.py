"""The interfaces around services: projects, what is on, quotas, images, builds and prices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from starlette.routing import BaseRoute

from console.sandbox.faults import Faults
from console.sandbox.logs.log_book import LogBook
from console.sandbox.moments import Clock
from console.sandbox.project.billing_catalog import SERVICE as BILLING
from console.sandbox.project.billing_catalog import BillingCatalog
from console.sandbox.project.billing_info import BillingInfo
from console.sandbox.project.builds import INSTRUCTION_SECONDS, Builds
from console.sandbox.project.image_contents import MANIFEST, ImageContents
from console.sandbox.project.image_name import ImageName
from console.sandbox.project.platform_state import PlatformState
from console.sandbox.project.project_access import ProjectAccess
from console.sandbox.project.projects import Projects
from console.sandbox.project.quotas import Quotas
from console.sandbox.project.registry import Registry
from console.sandbox.project.service_accounts import ServiceAccounts
from console.sandbox.project.service_usage import ServiceUsage
from console.sandbox.project.switched_off import Guarded

RUNTIME_ACCOUNT: Final = "z-image"
"""The service account as which the first service runs."""

OFF_AT_FIRST: Final = frozenset(
    f"{name}.googleapis.com"
    for name in ("artifactregistry", "cloudbuild", "cloudquotas", "iam", "run")
)
"""Interfaces that a new project has to switch on."""

_UNFIT: Final = (
    "Cloud Run does not support image '{}': Container manifest type "
    f"'{MANIFEST}' must support amd64/linux."
)
_SEEDED_BYTES: Final = 1_100_000_000


class ProjectInterfaces:
    """What `project` has in `regions` besides services and buckets, kept in the file `path`.

    Services can be `elsewhere` too, where quotas are told as well. An `empty` project begins
    without anything, and with the interfaces off that a new project has to switch on.

    `images` are in the registry from the beginning; `source` finds the file of an object in a
    bucket. Opening raises `BadState`.
    """

    def __init__(
        self,
        path: Path,
        project: str,
        regions: Sequence[str],
        *,
        images: Iterable[str],
        book: LogBook,
        faults: Faults,
        clock: Clock,
        new_hex: Callable[[int], str],
        source: Callable[[str, str], Path | None],
        instruction_seconds: float = INSTRUCTION_SECONDS,
        elsewhere: Sequence[str] = (),
        empty: bool = False,
    ) -> None:
        self._project = project
        state = PlatformState(path)
        if state.is_new and empty:
            state.disabled = set(OFF_AT_FIRST)
            state.save()
            state.is_new = False
        usage = ServiceUsage(project, state, new_hex)
        self.require = usage.require
        self.registry = Registry(project, state, clock, new_hex, usage.require)
        self.accounts = accounts = ServiceAccounts(
            project, state, new_hex, usage.require, clock, faults
        )
        if state.is_new:
            self._seed(project, images)
            accounts.make(RUNTIME_ACCOUNT, {"displayName": "Z-Image"})
        self._builds = Builds(
            project,
            state,
            self.registry,
            book,
            clock,
            new_hex,
            usage.require,
            source,
            instruction_seconds,
            faults,
        )
        self._interfaces = (
            Projects(project, regions, faults, state),
            ProjectAccess(project, state, faults),
            usage,
            Quotas(project, (*regions, *elsewhere), state, clock, new_hex, faults),
            accounts,
            self.registry,
            ImageContents(project, state, usage.require),
            self._builds,
            Guarded(BillingCatalog(clock), BILLING, usage.require),
            Guarded(BillingInfo(project, state), BILLING, usage.require),
        )

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        return [route for each in self._interfaces for route in each.routes()]

    def image_problem(self, image: str) -> str:
        """Say why an image cannot be run, empty if it can: one of this project is in its registry.

        Of the images of others nothing is known here, and they are taken to be there.
        """
        try:
            name = ImageName.parse(image)
        except ValueError:
            return ""
        if name.project != self._project:
            return ""
        architecture = self.registry.architecture(name)
        if architecture is None:
            return f"Image '{image}' not found."
        return "" if architecture == "amd64" else _UNFIT.format(image)

    async def close(self) -> None:
        """Break off what is under way."""
        await self._builds.close()

    def _seed(self, project: str, images: Iterable[str]) -> None:
        """Put the images of services into the registry, as far as they are of this project."""
        for image in images:
            try:
                name = ImageName.parse(image)
            except ValueError:
                continue
            if name.project == project and name.digest:
                self.registry.make_repository(name.resource, {})
                self.registry.push(name, name.digest, _SEEDED_BYTES)
