"""The verb `models bucket`: a bucket for a model, made or held to safe settings."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from console.actions import Action, refusal
from console.config import Config
from console.contexts.opening import Buckets, open_buckets, service_of
from console.language import tr, tr_later
from console.model.models.bucket_name import name_problem, usual_bucket
from console.model.models.bucket_plan import BucketPlan
from console.model.models.bucket_settings import SafeSettings
from console.model.service import ServiceName
from console.session.transfer.bucket_setup import BucketSetup, Sought
from console.sources.base import Denied, Missing, ServiceSource, SourceError
from console.sources.prices import packaged_prices
from console.verbs.complaint import complain
from console.verbs.headless import DONE, FAILED, REFUSED, Ended, until_signal
from console.verbs.models_bucket_words import bucket_document, plan_lines, result_lines

USAGE: Final = 2
CHANGE: Final = Action(
    "models.bucket", (), tr_later("bucket"), tr_later("Make or change the bucket"), writes=True
)
_REGION: Final = re.compile(r"[a-z][a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line asks for; an empty name or region was not given."""

    name: str
    region: str
    soft_delete: timedelta | None
    create: bool
    apply: bool
    as_json: bool

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> _Asked:
        """Read the command line; raises `ValueError` with what is wrong with it."""
        name = str(arguments["name"] or "").removeprefix("gs://").rstrip("/")
        region = str(arguments["region"] or "").lower()
        days = arguments["soft_delete"]
        if arguments["name"] is not None and (problem := name_problem(name, new=False)):
            raise ValueError(tr("--name: {problem}", problem=problem))
        if arguments["region"] is not None and not _REGION.fullmatch(region):
            raise ValueError(
                tr(
                    "--region: {region!a} is no region; write one as us-central1",
                    region=region[:60],
                )
            )
        return cls(
            name=name,
            region=region,
            soft_delete=timedelta(days=int(days)) if isinstance(days, str) else None,
            create=arguments["create"] is True,
            apply=arguments["apply"] is True,
            as_json=arguments["json"] is True,
        )


def bucket(config: Config, arguments: Mapping[str, object]) -> int:
    """Say what is to be done to a bucket, or do it; returns 0 if it could be, and was."""
    try:
        asked = _Asked.of(arguments)
    except ValueError as error:
        return complain(str(error), USAGE)
    refused = refusal(CHANGE, read_only=config.read_only and asked.apply)
    if refused is not None:
        return complain(refused, REFUSED)
    service = service_of(config.context)
    if not asked.name and service is None:
        return complain(
            tr("no bucket is named: add --context PROJECT/REGION/SERVICE, or --name NAME"), USAGE
        )
    try:
        return asyncio.run(until_signal(_set_up(config, asked, service)))
    except Ended as ended:
        return complain(
            tr("{ended}; the same command goes on where this ended", ended=ended), ended.code
        )
    except SourceError as error:
        return complain(error.message, FAILED)


async def _set_up(config: Config, asked: _Asked, service: ServiceName | None) -> int:
    async with open_buckets(config.context, services=not asked.name) as buckets:
        setup = await _setup(buckets, asked, service)
        before = await setup.look()
        after = await setup.carry_out(before) if asked.apply and before.to_do else None
    _tell(config.context, before, after, asked)
    left = (after or before).lasting if asked.apply else ()
    for each in left:
        said = tr(
            "{setting} is {observed}, not {wanted}: {caution}",
            setting=each.setting.words,
            observed=each.observed,
            wanted=each.wanted,
            caution=each.caution,
        )
        complain(said, FAILED)
    return FAILED if left else DONE


async def _setup(buckets: Buckets, asked: _Asked, service: ServiceName | None) -> BucketSetup:
    project, reader = (service.project, service.region) if service else ("", "")
    sought = Sought(
        name=asked.name or await _name(buckets.services, service),
        project=project,
        wanted=SafeSettings(asked.region or reader, asked.soft_delete, reader),
        chosen=bool(asked.name),
        create=asked.create,
    )
    return BucketSetup(buckets.uploads.maker(), buckets.storage, sought, packaged_prices())


async def _name(services: ServiceSource | None, service: ServiceName | None) -> str:
    """Return the bucket that a service mounts, or what it is usually called."""
    if service is None:
        return ""
    try:
        volumes = (await services.get(service)).volumes if services else ()
    except (Missing, Denied):
        volumes = ()
    return volumes[0].bucket if volumes else usual_bucket(service.project)


def _tell(context: str, before: BucketPlan, after: BucketPlan | None, asked: _Asked) -> None:
    if asked.as_json:
        print(json.dumps(bucket_document(context, before, after), indent=2))
    else:
        width = shutil.get_terminal_size((100, 24)).columns
        lines = plan_lines(before, width) if not asked.apply else result_lines(before, after)
        print("\n".join(lines))
