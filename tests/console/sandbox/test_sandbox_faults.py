"""Faults: each is seen by Google's own clients as the real thing would be."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from google.api_core import exceptions
from google.cloud.logging_v2.types import ListLogEntriesRequest
from open_sandbox import PROJECT, Clients, opened, texts

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


async def test_a_fault_that_ends_is_over_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path, faults=[Fault.SERVICES_THROTTLED]) as cloud:
        with pytest.raises(exceptions.ResourceExhausted, match=r"run\.googleapis\.com"):
            await cloud.services.get_service(name=DEMO.resource, retry=None)
        cloud.sandbox.faults.end(Fault.SERVICES_THROTTLED)
        assert (await cloud.services.get_service(name=DEMO.resource)).name == DEMO.resource


async def test_services_can_be_unavailable_while_logs_are_not(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.SERVICES_UNAVAILABLE)
    with pytest.raises(exceptions.ServiceUnavailable):
        await cloud.services.get_service(name=DEMO.resource, retry=None)
    assert await cloud.entries() == []


async def test_a_login_can_run_out_for_everything(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.TOKEN_EXPIRED)
    with pytest.raises(exceptions.Unauthenticated):
        await cloud.services.get_service(name=DEMO.resource)
    with pytest.raises(exceptions.Unauthenticated):
        await cloud.entries()
    with pytest.raises(exceptions.Unauthenticated):
        async with cloud.tail() as responses:
            await anext(aiter(responses))
    answer = await cloud.http.get(f"http://{cloud.sandbox.endpoints.http}/nothing")
    assert answer.status_code == 401


async def test_a_network_that_goes_down_breaks_what_is_open_and_refuses_what_is_new(
    cloud: Clients,
) -> None:
    async with cloud.tail() as responses:
        cloud.sandbox.faults.begin(Fault.NETWORK_DOWN)
        with pytest.raises((exceptions.GoogleAPICallError, asyncio.CancelledError)):
            await anext(aiter(responses))
    with pytest.raises(exceptions.ServiceUnavailable):
        await cloud.services.get_service(name=DEMO.resource, retry=None)
    for url in (cloud.url, f"http://{cloud.sandbox.endpoints.http}/nothing"):
        with pytest.raises(httpx.TransportError):
            await cloud.http.get(url)


async def test_a_network_that_comes_back_is_there_where_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path, faults=[Fault.NETWORK_DOWN]) as cloud:
        switch = f"http://{cloud.sandbox.endpoints.http}/sandbox/faults/network-down"
        assert (await cloud.http.delete(switch)).json()["active"] == []
        assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 200
        found = await cloud.services.get_service(name=DEMO.resource)
        assert found.name == DEMO.resource
