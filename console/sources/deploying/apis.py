"""Interfaces of a project, switched on.

Source: Service Usage v1 (https://cloud.google.com/service-usage/docs/reference/rest/v1/services).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from console.language import tr
from console.sources.deploying.rest_operations import Sleep, waited_for
from console.sources.google_errors import Asked
from console.sources.google_rest import GoogleRest

INTERFACE: Final = "serviceusage.googleapis.com"
MOST_AT_ONCE: Final = 20


class Apis:
    """An `ApiSwitch` over Google's interface in JSON; `sleep` waits between two looks."""

    def __init__(self, rest: GoogleRest, sleep: Sleep = asyncio.sleep) -> None:
        self._rest = rest
        self._sleep = sleep

    async def enable(self, project: str, apis: Iterable[str]) -> None:
        """Switch interfaces on, and wait until they are; raises `SourceError`."""
        wanted = sorted(set(apis))
        for first in range(0, len(wanted), MOST_AT_ONCE):
            some = wanted[first : first + MOST_AT_ONCE]
            asked = Asked(
                tr("switch on {names} in {project}", names=tr(", ").join(some), project=project),
                project,
                INTERFACE,
                "serviceusage.services.enable",
            )
            begun = await self._rest.post(
                asked,
                f"/v1/projects/{project}/services:batchEnable",
                {"serviceIds": some},
                asking_as=project,
            )
            await waited_for(self._rest, asked, begun, self._sleep, asking_as=project)
