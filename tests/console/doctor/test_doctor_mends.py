"""The mends that the doctor tells of, carried out by the real gcloud: afterwards all is well."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from pathlib import Path

import pytest
from doctor_troubles import TROUBLES
from doctor_worlds import Practice, practice
from real_gcloud import Gcloud, needs_gcloud

from console.model.doctor.checks import Check
from console.model.doctor.finding import Finding, State
from console.sandbox.project.platform_state import PAYER

pytestmark = [needs_gcloud]
LONG = 120.0


async def mended(practice: Practice, folder: Path, check: Check) -> tuple[Finding, Finding]:
    """Carry out the last command for `check`; return what was found before and after."""
    gcloud = Gcloud(practice.sandbox.endpoints.http, folder)
    before = (await practice.examined()).finding(check)
    program, *words = shlex.split(before.mends[-1].command.replace("ACCOUNT_ID", PAYER))
    assert program == "gcloud"
    done = await gcloud(*words)
    assert done.code == 0, done.errors
    return before, (await practice.examined()).finding(check)


@pytest.mark.parametrize(
    ("trouble", "check"),
    [
        ("an API is off", Check.INTERFACES),
        ("nobody pays", Check.BILLING),
        ("the project is deleted", Check.PROJECT),
        ("the bucket is gone", Check.BUCKET),
    ],
)
async def test_a_mend_mends(trouble: str, check: Check, tmp_path: Path) -> None:
    async with asyncio.timeout(LONG), practice(tmp_path) as opened:
        await TROUBLES[trouble].breaking(opened)
        before, after = await mended(opened, tmp_path, check)

    assert before.state is State.WRONG
    assert after.state is State.OK


async def test_the_probe_that_is_told_of_is_taken(tmp_path: Path) -> None:
    async with asyncio.timeout(LONG), practice(tmp_path) as opened:
        before, after = await mended(opened, tmp_path, Check.SERVICE)

    assert before.state is State.WARNING
    assert after.found == "zimage is ready, asked by HTTP"


async def test_the_wish_for_more_quota_is_taken(tmp_path: Path) -> None:
    async with asyncio.timeout(LONG), practice(tmp_path) as opened:
        await opened.call("PUT", "/sandbox/faults/quota-refused")
        gcloud = Gcloud(opened.sandbox.endpoints.http, tmp_path)
        quotas = (await opened.examined()).finding(Check.QUOTAS)
        _, *words = shlex.split(quotas.mends[0].command.replace("YOUR_ACCOUNT", "me@test.test"))
        wished = await gcloud(*words, "--format=json")

    assert wished.json["quotaConfig"]["preferredValue"] == "4000"


async def test_the_console_s_own_mend_makes_the_bucket(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async with asyncio.timeout(LONG), practice(tmp_path) as opened:
        await TROUBLES["the bucket is gone"].breaking(opened)
        before = (await opened.examined()).finding(Check.BUCKET)
        state = tmp_path / "xdg" / "zimage-console" / "sandbox"
        state.mkdir(parents=True)
        at = opened.sandbox.endpoints
        told = {"run": at.run, "logging": at.logging, "http": at.http}
        (state / "address.json").write_text(json.dumps(told))
        program, *words = shlex.split(before.mends[0].command)
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "console", *words),
            env={**environment, "XDG_STATE_HOME": str(tmp_path / "xdg")},
            stdout=asyncio.subprocess.DEVNULL,
        )
        code = await done.wait()
        after = (await opened.examined()).finding(Check.BUCKET)

    assert (before.state, program, code) == (State.WRONG, "zimage-console", 0)
    assert after.state is State.OK
