"""Identity tokens of a cloud on loopback, as the console gets them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from running_session import PATIENCE, SCRIPTED

from console.sandbox.cloud import Sandbox
from console.sandbox.faults import Fault
from console.sandbox.run.demo_service import DEMO
from console.session.engine_session import utc_now
from console.sources.base import Malformed, Offline
from console.sources.google_channel import Endpoints, connect
from console.sources.loopback_identity import loopback_fetcher


async def test_the_console_is_let_into_a_private_service(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key[:7] != "ZIMAGE_"}
    sandbox = Sandbox(tmp_path, environment=environment, engine_command=SCRIPTED)
    async with asyncio.timeout(PATIENCE), sandbox:
        where = sandbox.endpoints
        cloud = await connect(
            Endpoints.on_loopback(where.run, where.logging, where.http), {}, utc_now
        )
        url = sandbox.service_url(DEMO.service)
        token = await cloud.identity.token(url)
        assert token is not None
        assert sandbox.identities.holder(token, [url])
        sandbox.faults.begin(Fault.NETWORK_DOWN)
        assert await cloud.identity.token(url) == token
        with pytest.raises(Offline, match="out of reach"):
            await cloud.identity.token("http://127.0.0.1:1")
        await cloud.aclose()


async def test_a_server_that_gives_no_token_says_so() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Malformed, match="answered 404"):
            await asyncio.to_thread(loopback_fetcher(f"127.0.0.1:{port}"), "http://a")
