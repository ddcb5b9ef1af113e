"""Faults: each is seen by Google's own clients as the real thing would be."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.api_core import exceptions
from google.cloud.logging_v2.types import ListLogEntriesRequest
from open_sandbox import PROJECT, opened, texts

from console.sandbox.cloud import DEMO
from console.sandbox.faults import Fault


async def test_services_can_be_denied_while_logs_are_not(tmp_path: Path) -> None:
    async with opened(tmp_path, faults=frozenset({Fault.SERVICES_DENIED})) as cloud:
        with pytest.raises(exceptions.PermissionDenied, match=r"run\.services\.get"):
            await cloud.services.get_service(name=DEMO.resource)
        assert await cloud.entries() == []


async def test_logs_can_be_denied_while_services_are_not(tmp_path: Path) -> None:
    async with opened(tmp_path, faults=frozenset({Fault.LOGS_DENIED})) as cloud:
        with pytest.raises(exceptions.PermissionDenied, match=r"logging\.logEntries\.list"):
            await cloud.entries()
        with pytest.raises(exceptions.PermissionDenied, match=r"logging\.logEntries\.list"):
            async with cloud.tail() as responses:
                await anext(aiter(responses))
        assert (await cloud.services.get_service(name=DEMO.resource)).name == DEMO.resource


async def test_listing_logs_can_be_throttled(tmp_path: Path) -> None:
    async with opened(tmp_path, faults=frozenset({Fault.LOGS_THROTTLED})) as cloud:
        with pytest.raises(exceptions.ResourceExhausted):
            await cloud.logging.list_log_entries(
                ListLogEntriesRequest(resource_names=[PROJECT]), retry=None
            )


async def test_a_start_can_fail(tmp_path: Path) -> None:
    async with opened(tmp_path, faults=frozenset({Fault.START_FAILS})) as cloud:
        answer = await cloud.http.get(cloud.url + "/healthz")
        assert answer.status_code == 503
        said = texts(await cloud.entries('log_id("run.googleapis.com/stderr")'))
        assert said == ["engine: the model directory /models is empty"]
