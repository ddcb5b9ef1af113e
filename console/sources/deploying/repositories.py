"""Repositories of images made and removed, and images in them looked up.

Source: Artifact Registry v1 (https://cloud.google.com/artifact-registry/docs/reference/rest).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from console.language import tr
from console.model.deploy.observed import ImageSeen
from console.model.deploy.wish import LABEL
from console.model.image_name import ImageName, Repository
from console.sources.base import AlreadyThere, Malformed, Missing
from console.sources.deploying.image_platform import platform_of
from console.sources.deploying.rest_operations import Sleep, waited_for
from console.sources.google_errors import Asked
from console.sources.google_rest import GoogleRest, json_text, json_time
from console.sources.registry import INTERFACE, whole_bytes
from console.terminal.sanitise import sanitise

_DESCRIPTION: Final = "Images of the Z-Image engine, made by zimage-console"
_VERB: Final = "artifactregistry"


class Repositories:
    """A `RepositoryMaker` over Google's interface in JSON; `sleep` waits between two looks."""

    def __init__(self, rest: GoogleRest, sleep: Sleep = asyncio.sleep) -> None:
        self._rest = rest
        self._sleep = sleep

    async def has(self, repository: Repository) -> bool:
        """Say whether there is a repository; raises `SourceError`."""
        asked = _asked(
            tr("read repository {repository}", repository=repository),
            repository,
            "repositories.get",
        )
        try:
            await self._rest.get(asked, f"/v1/{repository.resource}", {})
        except Missing:
            return False
        return True

    async def make(self, repository: Repository) -> None:
        """Make a repository of Docker images, unless there is one; raises `SourceError`."""
        asked = _asked(
            tr("make repository {repository}", repository=repository),
            repository,
            "repositories.create",
        )
        parent = f"/v1/projects/{repository.project}/locations/{repository.location}/repositories"
        key, value = LABEL
        body = {"format": "DOCKER", "description": _DESCRIPTION, "labels": {key: value}}
        try:
            begun = await self._rest.post(
                asked, parent, body, parameters={"repositoryId": repository.name}
            )
            await waited_for(self._rest, asked, begun, self._sleep)
        except AlreadyThere:
            return

    async def image(self, name: ImageName) -> ImageSeen | None:
        """Return the image that a name means, None if there is none; raises `SourceError`."""
        digest = await self._digest(name)
        if digest is None:
            return None
        known = replace(name, digest=digest)
        asked = _asked(
            tr("read image {image}", image=_shown(name)), name.repository, "dockerimages.get"
        )
        try:
            said = await self._rest.get(asked, _image_path(known), {})
        except Missing:
            return None
        uri = json_text(said.get("uri"))
        _hold_to_form(asked, uri)
        return ImageSeen(
            name=uri,
            architecture=await platform_of(self._rest, known, uri, said),
            bytes=whole_bytes(said.get("imageSizeBytes")),
            uploaded=json_time(said.get("uploadTime")),
        )

    async def remove_image(self, name: ImageName) -> None:
        """Remove an image with all its tags, unless there is none; raises `SourceError`."""
        digest = await self._digest(name)
        if digest is None:
            return
        asked = _asked(
            tr("remove image {image}", image=_shown(name)), name.repository, "versions.delete"
        )
        path = f"{_package_path(name)}/versions/{digest}"
        try:
            begun = await self._rest.delete(asked, path, {"force": "true"})
            await waited_for(self._rest, asked, begun, self._sleep)
        except Missing:
            return

    async def remove(self, repository: Repository) -> None:
        """Remove a repository with all that is in it, unless there is none.

        Raises `SourceError`.
        """
        asked = _asked(
            tr("remove repository {repository}", repository=repository),
            repository,
            "repositories.delete",
        )
        try:
            begun = await self._rest.delete(asked, f"/v1/{repository.resource}")
            await waited_for(self._rest, asked, begun, self._sleep)
        except Missing:
            return

    async def _digest(self, name: ImageName) -> str | None:
        """Return the digest that a name has or that its tag stands for, None for no such tag."""
        if name.digest:
            return name.digest
        asked = _asked(tr("read image {image}", image=_shown(name)), name.repository, "tags.get")
        path = f"{_package_path(name)}/tags/{quote(name.tag or 'latest', safe='')}"
        try:
            said = await self._rest.get(asked, path, {})
        except Missing:
            return None
        digest = json_text(said.get("version")).rpartition("/versions/")[2]
        if not digest.startswith("sha256:"):
            raise Malformed(
                sanitise(
                    tr(
                        "cannot {what}: its tag stands for {digest!r}",
                        what=asked.words,
                        digest=digest[:80],
                    )
                )
            )
        return digest


def _asked(words: str, repository: Repository, what: str) -> Asked:
    return Asked(words, repository.project, INTERFACE, f"{_VERB}.{what}")


def _shown(name: ImageName) -> str:
    tag = f":{name.tag}" if name.tag else ""
    return f"{name.repository}/{name.name}{tag}"


def _package_path(name: ImageName) -> str:
    return f"/v1/{name.repository.resource}/packages/{quote(name.name, safe='')}"


def _image_path(name: ImageName) -> str:
    image = quote(name.name, safe="")
    return f"/v1/{name.repository.resource}/dockerImages/{image}@{name.digest}"


def _hold_to_form(asked: Asked, uri: str) -> None:
    """Refuse what is no name with a digest: it goes into commands and into services."""
    try:
        good = bool(ImageName.parse(uri).digest)
    except ValueError:
        good = False
    if not good:
        raise Malformed(
            sanitise(
                tr("cannot {what}: it is said to be called {uri!r}", what=asked.words, uri=uri[:80])
            )
        )
