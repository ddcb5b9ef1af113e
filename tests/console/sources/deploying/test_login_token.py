"""The login as a password for a registry; a program called gcloud says what it is told."""

import json
import os
import stat
from pathlib import Path

import pytest

from console.sources.base import Unauthenticated
from console.sources.deploying.login_token import LoginToken


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home without any login, and a PATH that begins with a folder of the test's."""
    path = os.pathsep.join((str(tmp_path), "/usr/bin", "/bin"))
    return {"HOME": str(tmp_path), "PATH": path}


def gcloud_says(folder: Path, script: str) -> None:
    program = folder / "gcloud"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


async def test_a_login_that_has_run_out_is_renewed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    said = {"credential": {"access_token": "fresh", "token_expiry": "2999-01-01T00:00:00Z"}}
    gcloud_says(tmp_path, f"echo '{json.dumps(said)}'")

    assert await LoginToken(environment)() == "fresh"


async def test_nobody_who_is_logged_in_says_how_to(
    environment: dict[str, str], tmp_path: Path
) -> None:
    gcloud_says(tmp_path, "echo 'ERROR: (gcloud) No active account.' >&2; exit 1")

    with pytest.raises(Unauthenticated, match="gcloud auth application-default login"):
        await LoginToken(environment)()
