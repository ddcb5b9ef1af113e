"""Names of images in Artifact Registry.

Source: https://cloud.google.com/artifact-registry/docs/docker/names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

_IMAGE: Final = re.compile(
    r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[a-z0-9.:-]+)/(?P<repository>[a-z0-9-]+)"
    r"/(?P<name>[a-z0-9._/-]+?)(?::(?P<tag>[\w.-]{1,128}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@dataclass(frozen=True, slots=True)
class ImageName:
    """A name such as `us-central1-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG`."""

    location: str
    project: str
    repository: str
    name: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read a name; raises `ValueError` for one that is not of Artifact Registry."""
        found = _IMAGE.fullmatch(name)
        if found is None:
            raise ValueError(f"{name!r} is no image of Artifact Registry")
        return cls(*(part or "" for part in found.groups()))

    @property
    def resource(self) -> str:
        """The repository as a resource."""
        return f"projects/{self.project}/locations/{self.location}/repositories/{self.repository}"

    @property
    def path(self) -> str:
        """The name without tag and digest."""
        return f"{self.location}-docker.pkg.dev/{self.project}/{self.repository}/{self.name}"
