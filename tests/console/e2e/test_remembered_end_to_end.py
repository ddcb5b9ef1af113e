"""What one session knew is what the next one begins with, also where the cloud is out of reach."""

from __future__ import annotations

from pathlib import Path

from sandbox_console import sandbox_console

from console.config import Config
from console.model.freshness import Standing
from console.model.service import ServiceState
from console.sandbox.faults import Fault


async def test_a_console_without_a_network_shows_what_was_known_last_and_catches_up(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    state, snapshots = tmp_path / "state", tmp_path / "snapshots"
    async with sandbox_console(config, environment, state, snapshots=snapshots) as opened:
        store = opened.store
        await opened.until(lambda: store.service.state is ServiceState.AT_ZERO)
        assert await opened.deploy("registry.test/z-image/engine:2") is not None
        await opened.until(lambda: any("Starting new instance" in e.message for e in store.logs))
        await opened.until(lambda: "00002" in str(store.service.facts))
    told = len(store.logs)  # Lines came until the console was closed.

    down = [Fault.NETWORK_DOWN]
    async with sandbox_console(
        config, environment, state, faults=down, snapshots=snapshots
    ) as opened:
        store = opened.store
        assert store.service.fresh.service.standing is Standing.STALE
        assert len(store.logs) == told
        await opened.until(lambda: store.service.state is ServiceState.UNREACHABLE)
        shown = await opened.screen()
        assert "zimage-00002-" in shown
        assert "as of" in shown
        await opened.end("network-down")
        await opened.until(lambda: store.service.fresh.service.standing is Standing.FRESH)
        await opened.until(lambda: store.service.fresh.log.standing is Standing.FRESH)
        lines = [(each.time, each.provenance.insert_id) for each in store.logs]
        assert len(lines) == len(set(lines))
        assert "as of" not in await opened.screen()
