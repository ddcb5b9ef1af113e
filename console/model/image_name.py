"""Names of container images that are in a repository of Artifact Registry.

Sources: https://cloud.google.com/artifact-registry/docs/docker/names, and for names of the former
Container Registry https://cloud.google.com/artifact-registry/docs/transition/setup-gcr-repo.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

_PROJECT: Final = r"(?P<project>(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,29})"
_PART: Final = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REST: Final = (
    rf"(?P<name>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_IN_REPOSITORY: Final = re.compile(
    rf"(?P<location>[a-z]+(?:-[a-z]*[0-9]+)?)-docker\.pkg\.dev/{_PROJECT}"
    rf"/(?P<repository>[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?)/{_REST}"
)
_FORMER: Final = re.compile(rf"(?P<host>(?:us\.|eu\.|asia\.)?gcr\.io)/{_PROJECT}/{_REST}")
_FORMER_LOCATIONS: Final = {
    "gcr.io": "us",
    "us.gcr.io": "us",
    "eu.gcr.io": "europe",
    "asia.gcr.io": "asia",
}


@dataclass(frozen=True, slots=True, order=True)
class Repository:
    """A repository of images; `location` is a region, or `us`, `europe`, `asia` for many."""

    project: str
    location: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}/{self.location}/{self.name}"

    @property
    def resource(self) -> str:
        """It as Google's interfaces name it."""
        return f"projects/{self.project}/locations/{self.location}/repositories/{self.name}"


@dataclass(frozen=True, slots=True)
class ImageName:
    """A name such as `us-central1-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG@sha256:…`.

    `name` is what the image is called within its repository; tag and digest are empty if the name
    has none.
    """

    repository: Repository
    name: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a name; raises `ValueError` for one that is in no repository of Google's."""
        if found := _IN_REPOSITORY.fullmatch(text):
            repository = Repository(found["project"], found["location"], found["repository"])
        elif found := _FORMER.fullmatch(text):
            host = found["host"]
            repository = Repository(found["project"], _FORMER_LOCATIONS[host], host)
        else:
            raise ValueError(f"{text!r} is no image of Artifact Registry")
        return cls(repository, found["name"], found["tag"] or "", found["digest"] or "")

    @property
    def text(self) -> str:
        """The name as Docker and Cloud Run take it."""
        of = self.repository
        former = of.name in _FORMER_LOCATIONS
        where = of.name if former else f"{of.location}-docker.pkg.dev"
        path = (where, of.project, *(() if former else (of.name,)), self.name)
        tag = f":{self.tag}" if self.tag else ""
        return f"{'/'.join(path)}{tag}{f'@{self.digest}' if self.digest else ''}"
