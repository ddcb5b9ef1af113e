"""Google's own client of Cloud Logging, against the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.api_core import exceptions
from google.cloud.logging_v2.types import ListLogEntriesRequest
from open_sandbox import PROJECT, Clients, opened, texts

STARTED = 'textPayload:"Starting new instance"'


async def test_entries_come_in_pages_without_loss_or_double(cloud: Clients) -> None:
    await cloud.http.get(cloud.url + "/v1/models")
    newest_first = await cloud.entries(order="timestamp desc")
    request = ListLogEntriesRequest(
        resource_names=[PROJECT], order_by="timestamp desc", page_size=2
    )
    pages = [page async for page in (await cloud.logging.list_log_entries(request)).pages]
    assert all(len(page.entries) <= 2 for page in pages)
    paged = [entry.insert_id for page in pages for entry in page.entries]
    assert paged == [entry.insert_id for entry in newest_first]
    assert len(set(paged)) == len(paged) > 2


async def test_both_orders_are_of_time(cloud: Clients) -> None:
    await cloud.http.get(cloud.url + "/healthz")
    oldest_first = [entry.timestamp for entry in await cloud.entries()]
    assert oldest_first == sorted(oldest_first)
    newest_first = [entry.timestamp for entry in await cloud.entries(order="timestamp desc")]
    assert newest_first == oldest_first[::-1]


async def test_a_tail_tells_what_is_written_from_then_on(cloud: Clients) -> None:
    async with cloud.tail(STARTED) as responses:
        await cloud.http.get(cloud.url + "/healthz")
        told = await anext(aiter(responses))
    assert told.entries[0].text_payload.startswith("Starting new instance")
    assert told.entries[0].insert_id == (await cloud.entries(STARTED))[0].insert_id


async def test_a_filter_that_cannot_be_read_is_refused_by_list_and_tail(cloud: Clients) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="Unparseable filter"):
        await cloud.entries("severity>=")
    with pytest.raises(exceptions.InvalidArgument, match="Unparseable filter"):
        async with cloud.tail("severity>=") as responses:
            await anext(aiter(responses))


async def test_another_projects_log_is_denied(cloud: Clients) -> None:
    request = ListLogEntriesRequest(resource_names=["projects/other"])
    with pytest.raises(exceptions.PermissionDenied, match=r"logging\.logEntries\.list"):
        await cloud.logging.list_log_entries(request)


async def test_the_sixty_first_list_within_a_minute_exceeds_the_quota(cloud: Clients) -> None:
    for _ in range(60):
        await cloud.entries()
    with pytest.raises(exceptions.ResourceExhausted, match="Read requests per minute"):
        await cloud.logging.list_log_entries(
            ListLogEntriesRequest(resource_names=[PROJECT]), retry=None
        )


async def test_entries_and_the_service_are_kept_when_the_sandbox_ends(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        await cloud.http.get(cloud.url + "/healthz")
        before = texts(await cloud.entries(STARTED))
        (service,) = [one async for one in await cloud.services.list_services(parent=REGION)]
    async with opened(tmp_path) as cloud:
        assert texts(await cloud.entries(STARTED)) == before
        (again,) = [one async for one in await cloud.services.list_services(parent=REGION)]
        assert again.latest_ready_revision == service.latest_ready_revision
        assert again.uri == cloud.url


REGION = f"{PROJECT}/locations/local-1"
