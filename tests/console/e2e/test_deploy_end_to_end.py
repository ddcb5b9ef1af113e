"""A whole deployment in a project in which there is nothing: made, used, changed, taken back, gone.

Everything real but the cloud: the engine, the model that is pushed, this repository's own source
and Dockerfile, and Google's clients.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest_asyncio
from deploy_scene import PLACE, Deployment, a_deployment, all_done, changed_in, states
from whole_state import differing, whole_state

from console.model.deploy.destroying import plan_destroy
from console.model.deploy.moving import plan_rollback, plan_scale
from console.model.deploy.step import Effect, Subject
from console.session.deploy.observing import observe
from console.session.service_caller import ServiceCaller
from console.sources.deploying.build_context import find_source
from console.sources.engine_http import Finished
from engine.schema import GenerationRequest, Size

REQUEST = GenerationRequest("a red circle", size=Size(64, 64), steps=2, seed=1)
PNG = b"\x89PNG\r\n\x1a\n"


@pytest_asyncio.fixture
async def at(
    tmp_path: Path, tiny_model_directory: Path, environment: dict[str, str]
) -> AsyncIterator[Deployment]:
    """A deployment of this very repository to a project in which there is nothing."""
    async with a_deployment(tmp_path, tiny_model_directory, environment, "--empty") as deployment:
        source = await asyncio.to_thread(find_source, Path(__file__).parent)
        image = replace(deployment.wish.image, context=str(source))
        deployment.wish = replace(deployment.wish, image=image)
        yield deployment


async def picture(at: Deployment) -> bytes:
    """Ask the deployed service for a picture, as whoever deployed it."""
    caller = ServiceCaller(lambda: at.google.services.get(PLACE), at.google.identity)
    async for event in caller.generate(REQUEST):
        if isinstance(event, Finished):
            return event.png
    raise AssertionError("there is no picture")


async def test_a_deployment_from_nothing_to_nothing(at: Deployment, tmp_path: Path) -> None:
    empty = whole_state(tmp_path / "cloud")

    plan = await at.plan()
    assert plan.hindrances == ()
    made = [each.subject for each in plan.steps if each.effect is Effect.CREATE]
    assert made == [
        *(Subject.BUCKET, Subject.MODELS, Subject.REPOSITORY, Subject.IMAGE, Subject.ACCOUNT),
        *(Subject.READING, Subject.SERVICE),
    ]
    application = await at.apply(plan)
    assert all_done(application), application.failure
    assert application.url == (await at.google.services.get(PLACE)).url
    assert (await picture(at)).startswith(PNG)

    changed = await at.plan(settings=replace(at.wish.settings, timeout=600))
    assert changed_in(changed) == {"service": ["timeout"]}
    assert all_done(await at.apply(changed))
    assert len((await at.google.deploying.services.seen(PLACE)).revisions) == 2
    assert (await at.plan()).acting == ()

    observed = await observe(at.wish, at.google, at.here)
    first = observed.service.revisions[-1].name
    back = plan_rollback(PLACE, observed)
    assert all_done(await at.apply(back))
    assert [each.revision for each in (await at.google.services.get(PLACE)).traffic] == [first]
    assert (await picture(at)).startswith(PNG)

    observed = await observe(at.wish, at.google, at.here)
    held = plan_scale(PLACE, observed, 0, at.here.prices)
    assert states(await at.apply(held)) == {"scale": "done"}
    assert (await at.google.services.get(PLACE)).manual_instances == 0

    observed = await observe(at.wish, at.google, at.here, neighbours=True)
    end = plan_destroy(at.wish, observed, at.here.prices, with_bucket=True)
    assert end.hindrances == ()
    assert all_done(await at.apply(end))
    left = whole_state(tmp_path / "cloud")
    # APIs stay on, and so does the memory of what was built.
    assert all(way.startswith(("/disabled", "/built")) for way in differing(empty, left))
