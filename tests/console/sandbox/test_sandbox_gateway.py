"""The sandbox's HTTP port: switches for faults, and requests as a proxy gets them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from open_sandbox import opened
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from console.sandbox.gateway import Gateway, break_off


async def test_a_fault_comes_and_goes(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud, httpx.AsyncClient() as client:
        switches = f"http://{cloud.sandbox.endpoints.http}/sandbox/faults"
        assert (await client.get(switches)).json()["active"] == []
        begun = await client.put(f"{switches}/services-denied")
        assert begun.json()["active"] == ["services-denied"]
        ended = await client.delete(f"{switches}/services-denied")
        assert ended.json()["active"] == []


async def test_an_unknown_fault_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud, httpx.AsyncClient() as client:
        answer = await client.put(f"http://{cloud.sandbox.endpoints.http}/sandbox/faults/mood")
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert error["status"] == "NOT_FOUND"
    assert "'mood' is no fault; name one of services-denied" in error["message"]


async def test_a_target_may_name_its_host_in_full(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        proxy = f"http://{cloud.sandbox.endpoints.http}"
        async with httpx.AsyncClient(proxy=proxy) as client:
            answer = await client.get("http://run.test/sandbox/faults")
    assert answer.status_code == 200
    assert answer.json()["active"] == []


async def test_garbage_is_answered_and_the_port_stays_open(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud, httpx.AsyncClient() as client:
        host, port = cloud.sandbox.endpoints.http.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"\x00\x01 nothing of the kind\r\n\r\n")
        assert b" 400 " in await reader.readline()
        writer.close()
        assert (await client.get(f"http://{host}:{port}/sandbox/faults")).status_code == 200


async def test_an_answer_can_be_broken_off_midway() -> None:
    async def half(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            yield b"half"
            await break_off(request)

        return StreamingResponse(body(), headers={"Content-Length": "8"})

    gateway = Gateway([Route("/half", half)])
    address = await gateway.open()
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(2):
                with pytest.raises(httpx.TransportError):
                    await client.get(f"http://{address}/half")
    finally:
        await gateway.close()
