"""A revision that serves and one that does not, deployed by Google's own client and watched."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sandbox_console import sandbox_console

from console.config import Config
from console.model.rollout import Rollout
from console.model.service import ServiceState
from console.store import Store

IMAGE = "registry.test/z-image/engine:2"


def stages_seen(store: Store) -> list[str]:
    """Note each stage that goes on, in the order in which it is seen."""
    seen: list[str] = []

    def note(_: object) -> None:
        rolling = store.service.rollout
        if rolling is not None and (not seen or seen[-1] != rolling.present.name):
            seen.append(rolling.present.name)

    store.subscribe(note)
    return seen


def rolling(store: Store) -> Rollout:
    found = store.service.rollout
    assert found is not None
    return found


async def test_a_rollout_is_watched_stage_by_stage_until_it_serves(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(
        config, environment, tmp_path / "state", stage_seconds=0.4
    ) as opened:
        store = opened.store
        await opened.until(lambda: store.service.state is ServiceState.AT_ZERO)
        seen = stages_seen(store)
        assert await opened.deploy(IMAGE) is not None
        await opened.until(lambda: store.service.rollout is not None)
        await opened.until(lambda: not rolling(store).going_on)
        assert rolling(store).cause is None
        assert seen[-1] == "Ready"
        order = [each.name for each in rolling(store).stages]
        assert seen == sorted(set(seen), key=order.index)
        shown = await opened.screen()
        assert "Roll-out of zimage-00002-" in shown
        assert "✓ Start-up probe" in shown
        assert "done in" in shown


async def test_a_rollout_that_fails_says_where_and_why_with_the_log_of_the_instance(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        store = opened.store
        await opened.until(lambda: store.service.state is ServiceState.AT_ZERO)
        await opened.begin("start-fails")
        deploying = asyncio.create_task(opened.deploy(IMAGE))
        await opened.until(
            lambda: store.service.rollout is not None and rolling(store).cause is not None
        )
        assert await deploying is None
        await opened.until(lambda: "Container called exit" in words_of(store))
        failed = rolling(store)
        assert failed.present.name in ("Starting an instance", "Start-up probe")
        assert failed.serving is not None
        shown = await opened.screen()
        assert "✗" in shown
        assert "the container did not open port 7860" in shown
        assert f"{failed.serving} keeps serving" in shown
        assert "the model directory /models is empty" in words_of(store)
        assert store.service.state is ServiceState.AT_ZERO

        await opened.end("start-fails")
        assert await opened.deploy(f"{IMAGE}-mended") is not None
        await opened.until(lambda: store.service.problem is None)
        await opened.until(lambda: rolling(store).cause is None)
        assert "keeps serving" not in await opened.screen()


def words_of(store: Store) -> str:
    return "\n".join(line.message for line in rolling(store).last_words)
