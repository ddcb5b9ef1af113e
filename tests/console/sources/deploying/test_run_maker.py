"""Services are made and changed through Google's client, against the sandbox."""

from __future__ import annotations

from pathlib import Path

from cloud_of_sandbox import opened, rolled_out

from console.model.deploy.settings import ServiceSettings
from console.model.service import ConditionState, ServiceName
from console.sandbox.cloud import DEMO

MINE = ServiceName(DEMO.project, DEMO.region, "z-image")
IMAGE = "registry.test/z-image/engine@sha256:" + "1" * 64
SETTINGS = ServiceSettings(image=IMAGE, cpu="4", memory="16Gi", max_instances=1)


async def test_a_service_that_is_made_is_there_as_it_was_wanted(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        services = cloud.deploying.services
        assert await services.seen(MINE) is None

        operation = await services.deploy(MINE, SETTINGS)
        problem = await rolled_out(cloud, operation)
        seen = await services.seen(MINE)

    assert problem == ""
    assert seen is not None
    assert (seen.settings.image, seen.settings.cpu) == (IMAGE, "4")
    assert seen.facts.ready is not None
    assert seen.facts.ready.state is ConditionState.SUCCEEDED
    assert len(seen.revisions) == 1
