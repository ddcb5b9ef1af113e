"""What is in repositories of container images.

Source: Artifact Registry v1 (https://cloud.google.com/artifact-registry/docs/reference/rest).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

from console.language import tr
from console.model.image_name import Repository
from console.model.registry import RegistryFacts, StoredImage
from console.sources.google_errors import Asked
from console.sources.google_rest import GoogleRest, Json, json_objects, json_text, json_time
from console.terminal.sanitise import sanitise

INTERFACE: Final = "artifactregistry.googleapis.com"
PAGE: Final = "1000"
_MOST_DIGITS: Final = 18
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


class ArtifactRegistry:
    """A `RegistrySource` over Google's interface in JSON; `clock` gives the time of day."""

    def __init__(self, rest: GoogleRest, clock: Callable[[], datetime]) -> None:
        self._rest = rest
        self._clock = clock

    async def images(self, repository: Repository) -> RegistryFacts:
        """Return the images of a repository, and what it takes up; raises `SourceError`."""
        words = tr("read the images in {repository}", repository=repository)
        project = repository.project
        listing = Asked(words, project, INTERFACE, "artifactregistry.dockerimages.list")
        pages = self._rest.pages(
            listing, f"/v1/{repository.resource}/dockerImages", {"pageSize": PAGE}
        )
        images = [
            image
            async for page in pages
            for item in json_objects(page.get("dockerImages"))
            if (image := _image(item)) is not None
        ]
        looking = Asked(words, project, INTERFACE, "artifactregistry.repositories.get")
        whole = await self._rest.get(looking, f"/v1/{repository.resource}", {})
        return RegistryFacts(
            repository=repository,
            images=tuple(sorted(images, key=lambda each: each.uploaded or _EARLIEST, reverse=True)),
            stored_bytes=whole_bytes(whole.get("sizeBytes")),
            fetched_at=self._clock(),
        )


def _image(item: Json) -> StoredImage | None:
    """Read an image from `…/dockerImages/NAME@sha256:…`; None for one of another form."""
    resource = json_text(item.get("name")).rpartition("/dockerImages/")[2]
    name, at, digest = unquote(resource).partition("@")
    if not name or not at:
        return None
    tags = item.get("tags")
    return StoredImage(
        name=sanitise(name),
        digest=sanitise(digest),
        tags=tuple(sanitise(json_text(tag)) for tag in tags) if isinstance(tags, list) else (),
        bytes=whole_bytes(item.get("imageSizeBytes")),
        uploaded=json_time(item.get("uploadTime")),
    )


def whole_bytes(value: object) -> int | None:
    """Return a number of bytes, which Google writes as a text; None for anything else."""
    said = json_text(value)
    good = said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS
    return int(said) if good else None
