"""What it takes to deploy from this machine, as the configuration has it.

Nothing heavy is imported here: what a deployment needs is imported when one is looked at.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from console import paths
from console.contexts.opening import open_google, service_of
from console.model.contexts import in_sandbox
from console.model.deploy.choices import Choices
from console.model.deploy.wish import ImageWay
from console.model.doctor.facts import DockerEngine
from console.session.clock import utc_now
from console.session.deploy.journal import Journal
from console.session.deploy.world import Here
from console.session.deploy_desk import DeployDesk
from console.session.deploy_work import DeployWork
from console.session.transfer.upload_records import UploadRecords
from console.sources.base import SourceError
from console.sources.deploying.build_context import find_source
from console.sources.deploying.docker_build import DockerBuilder, no_token
from console.sources.deploying.login_token import LoginToken
from console.sources.docker import DockerProgram
from console.sources.google_channel import GoogleCloud
from console.sources.prices import packaged_prices
from console.sources.sandbox_process import sandbox_runs
from console.sources.tools import BUNDLED, Tools
from console.store import Store

_SANDBOX_SECONDS: Final = 15.0
_DOCKER_SECONDS: Final = 5.0


def here(context: str, environment: Mapping[str, str] = os.environ) -> Here:
    """Return this machine, as it deploys to a context; the sandbox asks for no login."""
    token = no_token if in_sandbox(context) else LoginToken(environment)
    return Here(
        docker=DockerBuilder(environment, token),
        tools=Tools(environment),
        records=UploadRecords(paths.uploads_directory()),
        journal=Journal(paths.deployments_directory()),
        prices=packaged_prices(),
        clock=utc_now,
        environment=environment,
    )


def deploy_work(
    store: Store, context: str, environment: Mapping[str, str] = os.environ
) -> DeployWork:
    """Return what plans and applies in a context, on a way of its own to the cloud."""
    return DeployWork(store, partial(open_google, context, environment), here(context, environment))


def deploy_work_beside(
    store: Store, context: str, environment: Mapping[str, str] = os.environ
) -> DeployWork:
    """Return the same for a console whose session starts the sandbox if there has to be one."""
    return DeployWork(store, partial(_beside, context, environment), here(context, environment))


async def usual_way(context: str, environment: Mapping[str, str]) -> ImageWay:
    """Return where images are built if nobody says: here if Docker runs, else in Cloud Build.

    The sandbox has no registry that Docker could push to.
    """
    if in_sandbox(context):
        return ImageWay.CLOUD_BUILD
    try:
        docker = await DockerProgram(environment, seconds=_DOCKER_SECONDS).look()
    except SourceError:
        return ImageWay.CLOUD_BUILD
    runs = isinstance(docker.engine, DockerEngine)
    return ImageWay.DOCKER if runs else ImageWay.CLOUD_BUILD


def deploy_desk(
    store: Store, context: str, models: str | None, environment: Mapping[str, str] = os.environ
) -> DeployDesk | None:
    """Return what takes the wishes of a screen; None where nothing can be deployed to.

    `models` is the directory that the model is sent from unless somebody names another.
    """
    place = service_of(context)
    if place is None:
        return None
    work = deploy_work_beside(store, context, environment)
    return DeployDesk(work, place, partial(_usual_choices, context, models, environment))


async def _usual_choices(
    context: str, models: str | None, environment: Mapping[str, str]
) -> Choices:
    """Return what is chosen where nobody says anything; the sandbox gets the bundled model."""
    usual = Choices(
        models=str(BUNDLED) if models is None and in_sandbox(context) else models,
        way=await usual_way(context, environment),
    )
    try:
        return replace(usual, source=str(await asyncio.to_thread(find_source, Path.cwd())))
    except SourceError:
        return replace(usual, source="")


@asynccontextmanager
async def _beside(context: str, environment: Mapping[str, str]) -> AsyncIterator[GoogleCloud]:
    if in_sandbox(context):
        await sandbox_runs(paths.sandbox_directory(), _SANDBOX_SECONDS)
    async with open_google(context, environment) as google:
        yield google
