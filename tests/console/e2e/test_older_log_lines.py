"""The console reads a log further back, by Google's own client, as somebody goes up in it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import grpc.aio
from console_scenes import settled, write
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient
from google.cloud.logging_v2.types import LogEntry, WriteLogEntriesRequest
from running_session import SCRIPTED
from sandbox_console import Opened, sandbox_console

from console.config import Config
from console.sandbox.cloud import Sandbox
from console.sandbox.run.demo_service import DEMO
from console.screens.logs import LogsScreen
from console.session.engine_session import utc_now

LINES = 1_200


async def write_old_lines(state: Path, environment: dict[str, str]) -> None:
    """Have a sandbox remember lines of three hours ago, every hundredth of them an error."""
    first = utc_now() - timedelta(hours=3)
    entries = [
        LogEntry(
            timestamp=first + timedelta(seconds=number),
            severity=200 if number % 100 else 500,
            text_payload=f"old {number}",
            insert_id=f"old-{number}",
        )
        for number in range(LINES)
    ]
    async with (
        Sandbox(state, environment=environment, engine_command=SCRIPTED) as sandbox,
        grpc.aio.insecure_channel(sandbox.endpoints.logging) as channel,
    ):
        transport = LoggingServiceV2AsyncClient.get_transport_class("grpc_asyncio")
        await LoggingServiceV2AsyncClient(transport=transport(channel=channel)).write_log_entries(
            WriteLogEntriesRequest(
                log_name=f"projects/{DEMO.project}/logs/run.googleapis.com%2Fstdout",
                resource={
                    "type": "cloud_run_revision",
                    "labels": {"location": DEMO.region, "service_name": DEMO.service},
                },
                entries=entries,
            )
        )


async def log_screen(console: Opened) -> LogsScreen:
    """Go to the log once the console knows it."""
    await console.until(lambda: console.store.service.fresh.log.at is not None)
    await console.screen("f3")
    assert isinstance(console.app.screen, LogsScreen)
    return console.app.screen


async def test_lines_of_before_are_read_page_by_page_and_for_a_filter_alone(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    await write_old_lines(tmp_path / "state", environment)
    async with sandbox_console(config, environment, tmp_path / "state") as console:
        log = await log_screen(console)
        before = log.lines.rows

        await console.pilot.press("ampersand")
        write(console.app, "severity>=ERROR since=6h old", "find-text")
        await console.pilot.press("enter")
        await settled(console.app, console.pilot)
        assert [each.message for each in log.lines.entries()] == [
            f"old {number}" for number in range(0, LINES, 100)
        ]

        await console.pilot.press("escape", "escape", "escape")
        assert log.lines.rows == before, "of that time, only errors are known"
        said = await console.screen("home")
        assert log.lines.rows == before + 1_000
        assert "home reads on" in said
        said = await console.screen("home")
        assert log.lines.rows == before + LINES
        assert "nothing older since" in said
