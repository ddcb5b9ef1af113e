"""Images built by Cloud Build, from an archive in a bucket.

Sources: https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.builds, and
for what a build writes https://cloud.google.com/build/docs/securing-builds/store-manage-build-logs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final

from console.language import tr
from console.model.deploy.wish import ImageWish
from console.model.text import SafeText
from console.sources.base import Malformed, Missing, SourceError
from console.sources.deploying.base import Built
from console.sources.deploying.build_lines import BuildLines
from console.sources.deploying.build_request import build_of, build_tag, built_of, is_under_way
from console.sources.deploying.build_staging import BuildStaging
from console.sources.deploying.rest_operations import Sleep
from console.sources.google_errors import Asked
from console.sources.google_rest import GoogleRest, json_object, json_objects, json_text
from console.terminal.sanitise import sanitise

INTERFACE: Final = "cloudbuild.googleapis.com"
LOOK_SECONDS: Final = 2.0
"""How long it is waited between two looks at what a build has written."""

_LATE_LOOKS: Final = 4
"""How often it is looked for lines once a build has ended."""

_LAST_WORDS: Final = ("DONE", "ERROR: ", "TIMEOUT", "CANCELLED")
"""What Cloud Build itself writes at the end."""


class CloudBuild:
    """A `CloudBuilder` over Google's interface in JSON; `sleep` waits between two looks."""

    def __init__(
        self,
        rest: GoogleRest,
        staging: BuildStaging,
        lines: BuildLines,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._rest = rest
        self._staging = staging
        self._lines = lines
        self._sleep = sleep

    async def staging(self, project: str, region: str) -> str:
        """Return the bucket that archives are put into, made if there is none."""
        return await self._staging.bucket(project, region)

    async def submit(
        self, project: str, region: str, archive: str, wish: ImageWish, tag: str
    ) -> str:
        """Begin to build, unless that is under way; return the build's name."""
        # Whoever may not list builds may still begin one.
        with suppress(SourceError):
            if under_way := await self.under_way(project, region, tag):
                return under_way
        place = _place(project, region)
        bucket, _, name = archive.removeprefix("gs://").partition("/")
        asked = _asked(tr("build {what}", what=tag), project, "create")
        said = await self._rest.post(asked, place, build_of(bucket, name, wish, tag))
        build = json_object(json_object(said.get("metadata")).get("build"))
        return _name(asked, place, json_text(build.get("id")))

    async def under_way(self, project: str, region: str, tag: str) -> str | None:
        """Return the build that is making an image, None if there is none."""
        place = _place(project, region)
        asked = _asked(tr("look for builds of {tag}", tag=tag), project, "list")
        query = {"filter": f'tags="{build_tag(tag)}"', "pageSize": "50"}
        said = await self._rest.get(asked, place, query)
        for each in json_objects(said.get("builds")):
            if is_under_way(each, tag):
                return _name(asked, place, json_text(each.get("id")))
        return None

    async def built(self, build: str) -> Built | None:
        """Return how a build ended, None while it goes on; raises `SourceError`."""
        asked = _asked(tr("look after the build"), _project(build), "get")
        return built_of(await self._rest.get(asked, f"/v1/{build}", {}))

    async def cancel(self, build: str) -> None:
        """Break a build off, unless it has ended; raises `SourceError`."""
        asked = _asked(tr("cancel the build"), _project(build), "update")
        try:
            await self._rest.post(asked, f"/v1/{build}:cancel", {})
        except Missing:
            return
        except SourceError:
            if await self.built(build) is None:
                raise

    async def lines(self, build: str) -> AsyncGenerator[SafeText, None]:
        """Yield what a build writes, until it ends; raises `SourceError`."""
        following = self._lines.follow(_project(build), build.rpartition("/")[2])
        last, looks_left = "", _LATE_LOOKS
        while looks_left:
            for line in await following.more():
                last = line
                yield line
            if looks_left < _LATE_LOOKS or await self.built(build) is not None:
                if last.startswith(_LAST_WORDS):
                    return
                # What it wrote last may be there a while later than that it has ended.
                looks_left -= 1
            await self._sleep(LOOK_SECONDS)


def _place(project: str, region: str) -> str:
    return f"/v1/projects/{project}/locations/{region}/builds"


def _asked(words: str, project: str, what: str) -> Asked:
    return Asked(words, project, INTERFACE, f"cloudbuild.builds.{what}")


def _name(asked: Asked, place: str, identifier: str) -> str:
    if not identifier or not identifier.replace("-", "").isalnum():
        raise Malformed(
            sanitise(
                tr(
                    "cannot {what}: a build is called {name!r}",
                    what=asked.words,
                    name=identifier[:80],
                )
            )
        )
    return f"{place.removeprefix('/v1/')}/{identifier}"


def _project(build: str) -> str:
    return build.removeprefix("projects/").partition("/")[0]
