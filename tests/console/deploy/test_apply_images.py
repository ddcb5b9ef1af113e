"""An image built on this machine, by a stand-in for Docker that does what it is told."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from deploy_scene import PLACE, Deployment, all_done, states

from console.model.deploy.progress import StepState
from console.model.deploy.step import Subject
from console.model.deploy.wish import ImageWay, ImageWish
from console.model.text import SafeText
from console.session.deploy.observing import observe
from console.sources.base import EngineFailed, Offline, SourceError
from console.sources.deploying.build_context import BuildContext
from console.sources.google_channel import GoogleCloud


class StandIn:
    """A `LocalBuilder`; what it pushes gets into the repository by way of Cloud Build."""

    def __init__(self, google: GoogleCloud, failures: list[SourceError] | None = None) -> None:
        self.built: list[str] = []
        self.closed = 0
        self._google = google
        self._failures = failures or []
        self._context: ImageWish | None = None

    async def build(self, wish: ImageWish, tag: str) -> AsyncGenerator[SafeText, None]:
        self._context = wish
        self.built.append(tag)
        try:
            yield SafeText("#1 transferring dockerfile")
            if self._failures:
                raise self._failures.pop()
            yield SafeText("#2 DONE")
        finally:
            self.closed += 1

    async def push(self, tag: str) -> AsyncGenerator[SafeText, None]:
        yield SafeText("pushing")
        wish, deploying = self._context, self._google.deploying
        assert wish is not None
        packed = io.BytesIO()
        BuildContext(Path(wish.context), wish.dockerfile).archive(packed)
        await deploying.apis.enable(PLACE.project, ["cloudbuild.googleapis.com"])
        bucket = await deploying.builds.staging(PLACE.project, PLACE.region)
        await deploying.buckets.put(bucket, "pushed.tar.gz", packed.getvalue())
        build = await deploying.builds.submit(
            PLACE.project, PLACE.region, f"gs://{bucket}/pushed.tar.gz", wish, tag
        )
        while await deploying.builds.built(build) is None:
            pass
        yield SafeText("pushed")

    async def architecture(self, tag: str) -> str | None:
        return "amd64" if tag in self.built else None


@pytest.fixture
def docker(at: Deployment) -> StandIn:
    """Have this machine build."""
    return with_docker(at)


def with_docker(at: Deployment, *failures: SourceError) -> StandIn:
    stand_in = StandIn(at.google, list(failures))
    at.here = replace(at.here, docker=stand_in)
    at.wish = replace(at.wish, image=replace(at.wish.image, way=ImageWay.DOCKER))
    return stand_in


async def applied(at: Deployment) -> tuple[dict[str, str], str]:
    """Deploy although there is no Docker here; return how each step ended, and the failure."""
    plan = replace(await at.plan(), refusals=(), blocked=())
    application = await at.apply(plan)
    return states(application), application.failure.reason if application.failure else ""


async def test_it_is_built_and_pushed_once_and_deployed_by_its_digest(
    at: Deployment, docker: StandIn
) -> None:
    ended, failure = await applied(at)

    assert failure == ""
    assert ended["image"] == "done"
    facts = await at.google.services.get(PLACE)
    assert "@sha256:" in (facts.image or "")
    assert {"#2 DONE", "pushed"} <= {each for told in at.told for each in told.lines}
    observed = await observe(at.wish, at.google, at.here)
    assert observed.image.name == facts.image
    assert (await applied(at))[0]["image"] == "skipped"
    assert len(docker.built) == 1


async def test_a_build_that_fails_is_told_by_its_last_lines(at: Deployment) -> None:
    why = SafeText('cannot build: "/bin/sh -c false" did not complete successfully: exit code: 1')
    with_docker(at, EngineFailed(why))

    plan = replace(await at.plan(), refusals=(), blocked=())
    application = await at.apply(plan)

    failure = application.failure
    assert failure is not None
    assert plan.steps[failure.step].subject is Subject.IMAGE
    assert failure.reason == why
    assert failure.lines == ("#1 transferring dockerfile",)
    assert "mend the Dockerfile" in failure.mend


async def test_an_engine_that_is_not_there_yet_is_waited_for(at: Deployment) -> None:
    docker = with_docker(at, Offline(SafeText("Docker's engine does not run here: start it")))

    ended, failure = await applied(at)

    assert (ended["image"], failure) == ("done", "")
    assert len(docker.built) == 2


async def test_a_build_that_is_stopped_is_ended(at: Deployment, docker: StandIn) -> None:
    plan = replace(await at.plan(), refusals=(), blocked=())

    def stop(now: object) -> None:
        if at.told[-1].lines:
            at.stop.set()

    application = await at.apply(plan, stop)

    assert application.stopped
    assert docker.closed == 1
    assert StepState.STOPPED in {each.state for each in application.steps}
    assert not all_done(application)
