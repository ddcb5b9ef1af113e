"""A service of the sandbox that asks who calls, and the console that calls it."""

from __future__ import annotations

from pathlib import Path

from google.cloud import run_v2
from running_session import run_ended
from sandbox_console import Opened, sandbox_console

from console.config import Config
from console.model.access import Openness
from console.model.images import RunState
from console.model.service import ServiceState
from console.sandbox.run.demo_service import DEMO


async def make_private(opened: Opened) -> None:
    service = run_v2.Service(name=DEMO.resource, invoker_iam_disabled=False)
    request = run_v2.UpdateServiceRequest(
        service=service, update_mask={"paths": ["invoker_iam_disabled"]}
    )
    await (await opened.services.update_service(request)).result()
    await opened.until(
        lambda: (
            opened.store.service.access is not None
            and opened.store.service.access.openness is Openness.PRIVATE
        )
    )


async def ask(opened: Opened, prompt: str) -> str:
    """Write a prompt on the Generate screen, and read the screen when its run is over."""
    await opened.pilot.press("f5", "ctrl+u", *prompt, "enter")
    await run_ended(opened.store, len(opened.store.runs))
    return await opened.screen("f5")


async def test_a_private_service_makes_pictures_for_who_shows_a_login(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        await opened.until(lambda: opened.store.service.state is ServiceState.AT_ZERO)
        await make_private(opened)
        await opened.begin("token-expired")
        refused = await ask(opened, "fox")
        assert opened.store.runs[0].state is RunState.FAILED
        assert "cannot get an identity token: the login has run out; log in again" in refused

        await opened.end("token-expired")
        made = await ask(opened, "cat")
        run = opened.store.runs[1]
        assert run.state is RunState.DONE, run.problem
        assert "▀▀▀▀" in made
        assert "(engine 2.00 s)" in made
