"""What a build writes, as Cloud Logging keeps it.

Source: https://cloud.google.com/build/docs/securing-builds/store-manage-build-logs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient
from google.cloud.logging_v2.types import ListLogEntriesRequest, LogEntry

from console.language import tr
from console.model.text import SafeText
from console.sources.base import Throttled
from console.sources.google_errors import Asked, refusals
from console.terminal.sanitise import sanitise

ANSWER_SECONDS: Final = 30.0
_PAGE: Final = 1_000


class BuildLines:
    """Reads lines over Google's client, whose own retries are off."""

    def __init__(self, client: LoggingServiceV2AsyncClient) -> None:
        self._client = client

    def follow(self, project: str, build: str) -> Following:
        """Return what reads the lines of a build as they come; `build` is its identifier."""
        return Following(self._client, project, build)


class Following:
    """The lines of one build, from the first."""

    def __init__(self, client: LoggingServiceV2AsyncClient, project: str, build: str) -> None:
        self._client = client
        self._project = project
        self._filter = f'resource.type="build" AND resource.labels.build_id="{build}"'
        self._since = ""
        self._told: set[str] = set()

    async def more(self) -> list[SafeText]:
        """Return the lines that were not returned before; raises `SourceError`.

        None are returned while the quota of Cloud Logging is used up: they are there later.
        """
        asked = Asked(
            tr("read what the build writes"),
            self._project,
            "logging.googleapis.com",
            "logging.logEntries.list",
        )
        since = f' AND timestamp>="{self._since}"' if self._since else ""
        request = ListLogEntriesRequest(
            resource_names=[f"projects/{self._project}"],
            filter=self._filter + since,
            order_by="timestamp asc",
            page_size=_PAGE,
        )
        found: list[SafeText] = []
        try:
            with refusals(asked):
                pages = await self._client.list_log_entries(
                    request, retry=None, timeout=ANSWER_SECONDS
                )
                async for entry in pages:
                    found += self._new(LogEntry.pb(entry))
        except Throttled:
            pass
        return found

    def _new(self, entry: Any) -> list[SafeText]:
        """Return the line of an entry in a list, none if it was told before."""
        moment = entry.timestamp.ToDatetime(tzinfo=UTC)
        written = _written(moment)
        if written > self._since:
            self._since = written
        if entry.insert_id in self._told:
            return []
        self._told.add(entry.insert_id)
        return [sanitise(entry.text_payload)]


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
