"""Buckets made and changed by Google's client of Cloud Storage.

Source: https://cloud.google.com/storage/docs/json_api/v1/buckets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from google.api_core import exceptions as google

from console.language import tr
from console.model.deploy.wish import LABEL
from console.model.models.bucket_settings import (
    CLEARING,
    STANDARD,
    BucketSettings,
    SafeSettings,
    Setting,
)
from console.model.text import SafeText
from console.sources.base import Overtaken
from console.sources.bucket_making import NameTaken
from console.sources.google_errors import Asked
from console.sources.storage_facts import bucket_settings, lifecycle_rules
from console.terminal.sanitise import sanitise

_TIMEOUT: Final = (5.0, 15.0)
_INTERFACE: Final = "storage.googleapis.com"
_OURS: Final = "already own"
_BY_POLICY: Final = "constraint"
_Result = TypeVar("_Result")


class Ask(Protocol):
    """Answers a question about buckets in a thread, and tells refusals as `SourceError`."""

    async def __call__(self, asked: Asked, question: Callable[[Any], _Result]) -> _Result:
        """Return what `question` returns, which is given Google's client."""
        ...


class GoogleBucketMaker:
    """A `BucketMaker` that asks by `ask`; a question is given Google's client."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def settings(self, name: str) -> BucketSettings:
        """Return how a bucket is set; raises `SourceError`."""
        words = tr("read gs://{bucket}", bucket=name)
        asked = Asked(words, "", _INTERFACE, "storage.buckets.get")
        return await self._ask(asked, partial(_settings, name))

    async def is_in(self, project: str, name: str) -> bool:
        """Say whether a project has a bucket of that name; raises `SourceError`."""
        words = tr("list the buckets of {project}", project=project)
        asked = Asked(words, project, _INTERFACE, "storage.buckets.list")
        return await self._ask(asked, partial(_is_in, project, name))

    async def create(self, project: str, name: str, wanted: SafeSettings) -> BucketSettings:
        """Make a bucket, and return how it is set; raises `NameTaken` and other `SourceError`."""
        words = tr("make gs://{bucket}", bucket=name)
        asked = Asked(words, project, _INTERFACE, "storage.buckets.create")
        return await self._ask(asked, partial(_create, project, name, wanted))

    async def change(
        self, observed: BucketSettings, wanted: SafeSettings, settings: Collection[Setting]
    ) -> BucketSettings:
        """Make some settings what they should be; raises `Overtaken` and other `SourceError`."""
        words = tr("change gs://{bucket}", bucket=observed.name)
        asked = Asked(words, "", _INTERFACE, "storage.buckets.update")
        return await self._ask(asked, partial(_change, observed, wanted, settings))


def _settings(name: str, client: Any) -> BucketSettings:
    return bucket_settings(_looked_up(name, client)._properties)


def _looked_up(name: str, client: Any) -> Any:
    return client.get_bucket(client.bucket(name), retry=None, timeout=_TIMEOUT)


def _is_in(project: str, name: str, client: Any) -> bool:
    found = client.list_buckets(project=project, prefix=name, retry=None, timeout=_TIMEOUT)
    return any(each.name == name for each in found)


def _create(project: str, name: str, wanted: SafeSettings, client: Any) -> BucketSettings:
    bucket = client.bucket(name)
    for setting in Setting:
        if setting.changeable and setting is not Setting.VERSIONING:
            _set(bucket, setting, wanted)
    bucket.labels = dict([LABEL])
    try:
        made = client.create_bucket(
            bucket, project=project, location=wanted.region, retry=None, timeout=_TIMEOUT
        )
    except google.Conflict as error:
        ours = _OURS in str(error.message)
        raise NameTaken(taken(name, project, ours), ours) from None
    return bucket_settings(made._properties)


def taken(name: str, project: str, ours: bool) -> SafeText:
    """Say in one line that there is such a bucket already, whose it is, and the mend."""
    if ours:
        said = tr(
            "gs://{bucket} is there already, and it is yours; run this again to see it",
            bucket=name,
        )
    else:
        said = tr(
            "gs://{bucket} belongs to somebody else: all of Google Cloud shares the names of "
            "buckets, and {project} has none of this name; choose another by --name",
            bucket=name,
            project=project or tr("your project"),
        )
    return sanitise(said)


def _change(
    observed: BucketSettings, wanted: SafeSettings, settings: Collection[Setting], client: Any
) -> BucketSettings:
    bucket = _looked_up(observed.name, client)
    if bucket.metageneration != observed.version:
        raise Overtaken(_overtaken(observed))
    for setting in settings:
        _set(bucket, setting, wanted)
    try:
        bucket.patch(if_metageneration_match=observed.version, retry=None, timeout=_TIMEOUT)
    except google.PreconditionFailed as error:
        if _BY_POLICY in str(error.message):
            raise
        raise Overtaken(_overtaken(observed)) from None
    return bucket_settings(bucket._properties)


def _overtaken(observed: BucketSettings) -> SafeText:
    return sanitise(
        tr(
            "gs://{bucket} was changed by somebody else meanwhile; look at it once more",
            bucket=observed.name,
        )
    )


def _set(bucket: Any, setting: Setting, wanted: SafeSettings) -> None:
    """Note in Google's object of a bucket what a setting should be."""
    match setting:
        case Setting.PUBLIC_ACCESS:
            bucket.iam_configuration.public_access_prevention = "enforced"
        case Setting.UNIFORM_ACCESS:
            bucket.iam_configuration.uniform_bucket_level_access_enabled = True
        case Setting.STORAGE_CLASS:
            bucket.storage_class = STANDARD
        case Setting.VERSIONING:
            bucket.versioning_enabled = False
        case Setting.SOFT_DELETE:
            seconds = wanted.kept // timedelta(seconds=1)
            bucket.soft_delete_policy.retention_duration_seconds = seconds
        case Setting.UNFINISHED_UPLOADS:
            rules = [*lifecycle_rules(bucket._properties), json.loads(CLEARING.text)]
            bucket.lifecycle_rules = rules
        case _:
            raise ValueError(f"{setting} cannot be changed")
