"""Google's own client writes entries into the sandbox; and tails that break."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from google.api_core import exceptions
from google.cloud.logging_v2.types import LogEntry, WriteLogEntriesRequest
from open_logging import NAME, logging_open
from open_sandbox import PROJECT, Clients

from console.model.log.lines import LogQuery
from console.sandbox.faults import Fault
from console.sources.base import Denied, Offline

LONG_AGO = datetime(2020, 11, 24, 12, tzinfo=UTC)


async def test_what_is_written_is_told_and_listed_with_what_it_left_open(cloud: Clients) -> None:
    request = WriteLogEntriesRequest(
        log_name=f"{PROJECT}/logs/mine",
        resource={"type": "global", "labels": {"project_id": "sandbox"}},
        labels={"a": "1"},
        entries=[
            LogEntry(text_payload="first"),
            LogEntry(text_payload="second", insert_id="x", timestamp=LONG_AGO, labels={"a": "2"}),
        ],
    )
    async with cloud.tail('logName:"mine"') as responses:
        await cloud.logging.write_log_entries(request)
        told = await anext(aiter(responses))
    assert sorted(entry.text_payload for entry in told.entries) == ["first", "second"]
    second, first = await cloud.entries('logName:"mine"')
    assert (first.text_payload, first.resource.type, first.labels["a"]) == ("first", "global", "1")
    assert first.insert_id
    assert first.timestamp == first.receive_timestamp
    assert (second.insert_id, second.labels["a"]) == ("x", "2")
    assert second.timestamp == LONG_AGO


async def test_nothing_is_written_into_another_project(cloud: Clients) -> None:
    with pytest.raises(exceptions.PermissionDenied):
        await cloud.logging.write_log_entries(
            log_name="projects/other/logs/mine", entries=[LogEntry(text_payload="x")]
        )


async def test_a_tail_breaks_while_tails_break() -> None:
    async with (
        logging_open(break_seconds=0.05) as logging,
        aclosing(logging.google.logs.tail(NAME, LogQuery())) as lines,
    ):
        logging.faults.begin(Fault.LOGS_BROKEN)
        with pytest.raises(Offline):
            await anext(lines)


async def test_an_open_tail_ends_when_the_permission_goes() -> None:
    async with (
        logging_open(break_seconds=0.05) as logging,
        aclosing(logging.google.logs.tail(NAME, LogQuery())) as lines,
    ):
        logging.faults.begin(Fault.LOGS_DENIED)
        with pytest.raises(Denied):
            await anext(lines)
