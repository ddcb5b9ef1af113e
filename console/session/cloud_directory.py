"""Which services there are on Google Cloud, for somebody who looks for one to look after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from console.model.projects import GcloudSettings, Project, Region, ServiceList
from console.sources.base import ProjectSource
from console.sources.gcloud_settings import gcloud_settings
from console.sources.google_channel import GoogleCloud


class CloudDirectory:
    """Connects by `connect` when it is first asked something, and not before.

    `environment` says where `gcloud` keeps what it is set to. A connection that could not be made
    is tried again by the next question.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[GoogleCloud]], environment: Mapping[str, str]
    ) -> None:
        self._connect = connect
        self._environment = environment
        self._google: GoogleCloud | None = None
        self._one_at_a_time = asyncio.Lock()

    async def settings(self) -> GcloudSettings:
        """Return what `gcloud` is set to; where it is not installed that is nothing."""
        return await asyncio.to_thread(gcloud_settings, self._environment)

    async def projects(self) -> tuple[Project, ...]:
        """Return the projects that whoever asks may see; raises `SourceError`."""
        return await (await self._source()).projects()

    async def regions(self, project: str) -> tuple[Region, ...]:
        """Return the regions that offer Cloud Run to a project; raises `SourceError`."""
        return await (await self._source()).regions(project)

    async def services(self, project: str) -> ServiceList:
        """Return the services of a project in all regions; raises `SourceError`."""
        return await (await self._source()).services(project)

    async def aclose(self) -> None:
        """Close the connection, if there ever was one."""
        google, self._google = self._google, None
        if google is not None:
            await google.aclose()

    async def _source(self) -> ProjectSource:
        async with self._one_at_a_time:
            if self._google is None:
                self._google = await self._connect()
            return self._google.projects
