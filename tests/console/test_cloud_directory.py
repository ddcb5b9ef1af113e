from __future__ import annotations

from pathlib import Path

import pytest
from console_scenes import NOON

from console.sandbox.gateway import Gateway
from console.sandbox.project.projects import Projects
from console.session.cloud_directory import CloudDirectory
from console.sources.base import Offline, Unauthenticated
from console.sources.google_channel import Endpoints, GoogleCloud, connect
from console.terminal.sanitise import sanitise

NOBODY = "127.0.0.1:1"


class Door:
    """A way to a cloud whose HTTP is at `address`; counts how often it was taken."""

    def __init__(self, address: str, refusals: int = 0) -> None:
        self.taken = 0
        self._refusals = refusals
        self._endpoints = Endpoints.on_loopback(NOBODY, NOBODY, address)

    async def connect(self) -> GoogleCloud:
        self.taken += 1
        if self.taken <= self._refusals:
            raise Unauthenticated(sanitise("nobody is logged in"))
        return await connect(self._endpoints, {}, lambda: NOON)


async def test_it_connects_once_and_only_when_it_is_asked() -> None:
    gateway = Gateway(Projects("sandbox", ["local-1"]).routes())
    door = Door(await gateway.open())
    directory = CloudDirectory(door.connect, {})
    assert door.taken == 0
    try:
        assert [each.id for each in await directory.projects()] == ["sandbox"]
        assert [each.id for each in await directory.regions("sandbox")] == ["local-1"]
        assert door.taken == 1
    finally:
        await directory.aclose()
        await gateway.close()


async def test_a_login_that_was_missing_is_looked_for_again() -> None:
    door = Door(NOBODY, refusals=1)
    directory = CloudDirectory(door.connect, {})
    with pytest.raises(Unauthenticated):
        await directory.projects()
    with pytest.raises(Offline):
        await directory.projects()
    await directory.aclose()


async def test_what_gcloud_is_set_to_is_known_without_a_connection(tmp_path: Path) -> None:
    (tmp_path / "configurations").mkdir()
    saved = tmp_path / "configurations" / "config_default"
    saved.write_text("[core]\nproject = my-project\n[run]\nregion = us-central1\n")
    door = Door(NOBODY)
    settings = await CloudDirectory(door.connect, {"CLOUDSDK_CONFIG": str(tmp_path)}).settings()
    assert (settings.project, settings.region) == ("my-project", "us-central1")
    assert door.taken == 0
