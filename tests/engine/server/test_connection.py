"""Connections that a client holds on to without reading, in the test's own event loop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from raw_client import PATIENCE
from scripted_pipeline import ScriptedPipeline
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.server.connection import Limits
from engine.server.listen import open_port
from engine.server.run import Service
from engine.timeline import Timeline
from engine.worker import Worker

GET = b"GET / HTTP/1.1\r\nhost: engine\r\n\r\n"


@asynccontextmanager
async def serving(app: ASGIApp, limits: Limits) -> AsyncIterator[socket.socket]:
    """Yield a connection to a server of `app`."""
    listening = open_port("127.0.0.1", 0)
    service = Service(app, Worker(lambda timeline: ScriptedPipeline(), Timeline()), limits)
    running = asyncio.create_task(service.serve(sockets=[listening]))
    client = socket.socket()
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, listening.getsockname())
    try:
        yield client
    finally:
        client.close()
        service.end(signal.SIGTERM)
        await running


async def whole_answer(host: str, port: int) -> bytes:
    """Connect once more and read until the server closes."""
    reader, writer = await asyncio.open_connection(host, port)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_an_answer_that_nobody_reads_is_given_up() -> None:
    given_up = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending() -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})

        writer = asyncio.create_task(sending())
        while (await receive())["type"] != "http.disconnect":
            pass
        writer.cancel()
        given_up.set()

    limits = Limits(PATIENCE, connections=10, unread_seconds=0.05)
    async with serving(endless, limits) as client:
        await asyncio.get_running_loop().sock_sendall(client, GET)

        await asyncio.wait_for(given_up.wait(), PATIENCE)


async def test_where_all_connections_are_at_work_another_is_refused() -> None:
    refused: list[str] = []
    at_work, may_end = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        at_work.set()
        await may_end.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async with serving(slow, Limits(PATIENCE, 1, refused.append)) as client:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, GET)
        await at_work.wait()
        other = await whole_answer(*client.getpeername())
        may_end.set()
        answer = await loop.sock_recv(client, 1_000)

    assert refused == ["too_many_connections"]
    assert other.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 10" in other
    assert answer.startswith(b"HTTP/1.1 204")
