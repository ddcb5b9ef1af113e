"""What an operator wants to be deployed, before anything was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.model.deploy.settings import ServiceSettings
from console.model.service import ServiceName

LABEL: Final = ("managed-by", "zimage-console")
"""What everything that the console makes is labelled with."""


class Variant(StrEnum):
    """What pictures are made on."""

    CPU = "cpu"
    GPU = "gpu"


class ImageWay(StrEnum):
    """Where the image comes from."""

    DOCKER = "docker"
    CLOUD_BUILD = "cloud-build"
    GIVEN = "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageWish:
    """How an image is had: built from `context` by `dockerfile`, or `given` by its name.

    `repository` and `name` say where it is kept. A built image is known by its source: it is
    tagged with a checksum of all that it is built from, so that nothing is built twice, unless
    there is a `tag` to give it.
    `machine`, `disk` (GB) and `timeout` (seconds) are those of Cloud Build.
    """

    way: ImageWay
    repository: str
    name: str
    dockerfile: str = ""
    context: str = ""
    given: str = ""
    machine: str = "E2_HIGHCPU_8"
    disk: int = 100
    timeout: int = 3_600
    tag: str = ""


class Visibility(StrEnum):
    """Who may call the service."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployWish:
    """All of a deployment.

    `settings.image` is empty as long as the image is not known by its digest. `models` is the
    directory that the model is sent from; None if what the bucket holds has to do. `account` is
    the short name of the service account that the service runs as; empty means the default one of
    Compute Engine.
    `as_in_guide` means the guide's own settings instead of the safe ones.
    """

    place: ServiceName
    variant: Variant
    settings: ServiceSettings
    image: ImageWish
    bucket: str
    models: str | None = None
    account: str = "zimage-runtime"
    visibility: Visibility = Visibility.PRIVATE
    callers: tuple[str, ...] = ()
    as_in_guide: bool = False

    @property
    def account_email(self) -> str:
        """The address of the service account; empty if it is the default one."""
        if not self.account:
            return ""
        # A project that belongs to a domain is `DOMAIN:ID`, and its accounts are of `ID.DOMAIN`.
        domain, _, project = self.place.project.rpartition(":")
        of = f"{project}.{domain}" if domain else project
        return f"{self.account}@{of}.iam.gserviceaccount.com"
