"""The bucket that a service has its model from: what the Overview says of it, come what may."""

from __future__ import annotations

from pathlib import Path

import pytest
from sandbox_console import Opened, sandbox_console

from console.config import Config
from console.model.freshness import Standing
from console.model.service import ServiceState

OBJECTS = "/storage/v1/b/sandbox-z-image-models/o"
WHOLE = "models   4 objects, 7.4 MB · gs://sandbox-z"


async def standing(opened: Opened, wanted: Standing) -> None:
    await opened.until(
        lambda: (
            opened.store.service.fresh.weights.standing is wanted
            and opened.store.service.state is ServiceState.AT_ZERO
        )
    )


async def call(opened: Opened, method: str, path: str) -> None:
    address = f"http://{opened.sandbox.endpoints.http}{path}"
    (await opened.http.request(method, address)).raise_for_status()


async def test_the_overview_says_what_is_in_the_bucket_of_the_service(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await standing(opened, Standing.FRESH)
        assert WHOLE in await opened.screen()
        await call(opened, "DELETE", f"{OBJECTS}/MODEL_CARD.md")
        before = opened.store.service.weights
        await opened.pilot.press("r")
        await opened.until(lambda: opened.store.service.weights != before)
        assert "3 objects, 7.4 MB · gs://sandbox-z" in await opened.screen()


@pytest.mark.parametrize(
    ("fault", "how", "words"),
    [
        ("storage-denied", Standing.DENIED, "needs storage.objects.list"),
        ("storage-unavailable", Standing.ERROR, "no new answer"),
    ],
)
async def test_storage_that_fails_is_said_to_and_takes_nothing_else_away(
    fault: str,
    how: Standing,
    words: str,
    config: Config,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await standing(opened, Standing.FRESH)
        await opened.begin(fault)
        await opened.pilot.press("r")
        await standing(opened, how)
        shown = await opened.screen()
        assert f"{words} · 4 objects" in shown
        assert "◎ AT ZERO" in shown
        await opened.end(fault)
        await standing(opened, Standing.FRESH)
        assert words not in await opened.screen()
