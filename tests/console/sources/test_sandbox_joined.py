"""A sandbox that runs already is joined; one that does not is started."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.sources import sandbox_process
from console.sources.base import EngineFailed, SourceError
from console.sources.sandbox_process import RunningSandbox, open_sandbox, sandbox_runs

PATIENCE = 60.0


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[asyncio.Server, str]]:
    async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(leave, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield server, f"{host}:{port}"
    finally:
        server.close()


def announce(state: Path, address: object) -> None:
    said = {"run": "127.0.0.1:1", "logging": "127.0.0.1:1", "http": address}
    (state / "address.json").write_text(json.dumps(said))


async def test_a_sandbox_that_answers_is_joined_and_its_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_process, "_LOOK_SECONDS", 0.01)
    async with listening() as (server, address), asyncio.timeout(PATIENCE):
        announce(tmp_path, address)
        joined = await open_sandbox(tmp_path, {})
        assert isinstance(joined, RunningSandbox)
        assert joined.endpoints.http == address
        server.close()
        with pytest.raises(EngineFailed, match="ended by whoever started it"):
            await joined.lost()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "example.com:80", "127.0.0.1:x", 7, ""])
async def test_an_address_at_which_nobody_answers_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: object
) -> None:
    monkeypatch.setattr(sandbox_process, "sandbox_command", lambda _: ["/nowhere/sandbox"])
    announce(tmp_path, address)
    with pytest.raises(SourceError, match="cannot be started"):
        await open_sandbox(tmp_path, {})


async def test_one_that_somebody_else_starts_is_waited_for(tmp_path: Path) -> None:
    async with listening() as (_, address), asyncio.timeout(PATIENCE):
        waiting = asyncio.create_task(sandbox_runs(tmp_path, PATIENCE))
        await asyncio.sleep(0)
        assert not waiting.done()
        announce(tmp_path, address)
        assert await waiting


async def test_one_that_never_comes_is_not_waited_for_forever(tmp_path: Path) -> None:
    announce(tmp_path, "127.0.0.1:1")
    assert not await sandbox_runs(tmp_path, 0.01)
