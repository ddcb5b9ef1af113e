"""The bucket that is meant when none is named: the one that a service mounts, or the usual one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from open_sandbox import Clients, opened


@dataclass(frozen=True)
class Said:
    code: int | None
    output: str
    errors: str


async def bucket(clients: Clients, home: Path, *arguments: str) -> Said:
    """Run `models bucket` in a process of its own, against a sandbox that runs here."""
    state = home / "zimage-console" / "sandbox"
    state.mkdir(parents=True, exist_ok=True)
    at = clients.sandbox.endpoints
    told = {"run": at.run, "logging": at.logging, "http": at.http}
    (state / "address.json").write_text(json.dumps(told))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "console", "models", "bucket", "--context", "sandbox"),
        *arguments,
        env=os.environ | {"XDG_STATE_HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    return Said(process.returncode, output.decode(), errors.decode())


async def test_the_bucket_that_the_service_mounts_is_mended(tmp_path: Path) -> None:
    async with opened(tmp_path / "sandbox") as clients:
        found = await bucket(clients, tmp_path / "home")
        applied = await bucket(clients, tmp_path / "home", "--apply", "--json")
        again = await bucket(clients, tmp_path / "home", "--apply")

    assert found.code == 0, found.errors
    assert "gs://sandbox-z-image-models in local-1 is not as it should be in 1 way" in found.output
    assert "unfinished uploads: stay → given up after 7 days" in found.output
    document = json.loads(applied.output)
    assert (document["bucket"], document["left"]) == ("sandbox-z-image-models", [])
    assert again.output.splitlines()[-1] == "There is nothing to do."


async def test_a_project_without_a_service_has_a_usual_name_for_its_bucket(tmp_path: Path) -> None:
    async with opened(tmp_path / "sandbox") as clients:
        await clients.services.delete_service(
            name="projects/sandbox/locations/local-1/services/zimage"
        )
        found = await bucket(clients, tmp_path / "home", "--create", "--json")

    assert found.code == 0, found.errors
    assert json.loads(found.output)["bucket"] == "sandbox-z-image-models"
