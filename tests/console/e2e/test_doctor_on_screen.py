"""The doctor on screen: of a sandbox in which something is broken, and of this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from doctor_worlds import Machine, Practice
from sandbox_console import Opened, sandbox_console

from console.config import Config
from console.examining import examined_beside
from console.model.doctor.checks import Check
from console.model.doctor.finding import Finding, State
from console.screens.modals.doctor import DoctorScreen
from console.session.doctor.examination import Told
from console.session.engine_session import utc_now

RUN = "/v1/projects/sandbox/services/run.googleapis.com"
MEND = "gcloud services enable run.googleapis.com --project=sandbox"


def doctor_of(opened: Opened, home: Path) -> None:
    """Let the console's doctor examine its sandbox, and a machine on which all is well."""
    home.mkdir()
    practice = Practice(opened.sandbox, opened.http, Machine(home), utc_now)

    async def examine(context: str, told: Told) -> None:
        assert context == "sandbox"
        await practice.examined(told=told)

    opened.app.surroundings.examine = examine


async def call(opened: Opened, path: str) -> None:
    address = f"http://{opened.sandbox.endpoints.http}{path}"
    (await opened.http.post(address)).raise_for_status()


async def test_what_is_broken_is_first_and_its_mend_makes_it_well(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        doctor_of(opened, tmp_path / "home")
        await call(opened, f"{RUN}:disable")
        shown = await opened.screen("D")
        assert "Doctor: 1 wrong, 1 warning, 1 not known, " in shown
        assert "✗ wrong  APIs" in shown
        assert f"$ {MEND}" in shown
        await opened.pilot.press("y")
        assert opened.app.clipboard == MEND

        # As the command does.
        await call(opened, f"{RUN}:enable")
        shown = await opened.screen("r")
        assert "Doctor: 2 warnings, " in shown
        assert "✗" not in shown


async def test_it_is_left_at_once_and_called_again(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with sandbox_console(config, environment, tmp_path / "state") as opened:
        doctor_of(opened, tmp_path / "home")
        await opened.begin("services-unavailable")
        await opened.pilot.press("D", "escape", "D")
        assert isinstance(opened.app.screen, DoctorScreen)
        await opened.pilot.press("escape")
        assert "Z-Image" in await opened.screen()


async def test_of_this_machine_as_the_console_asks_about_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    told: list[Finding] = []
    assert sys.__stderr__ is not None
    report = await examined_beside(
        Config(pictures_directory=tmp_path),
        {**os.environ, **environment, "TERM": "xterm-256color"},
        sys.__stderr__,
        told.append,
    )

    assert {*report.findings} == {*told}
    assert report.finding(Check.MODELS).state is State.OK
    assert report.finding(Check.SERVICE).state is State.NOT_ASKED
