"""The bucket that archives wait in for Cloud Build, and from which they go after a day.

Source: https://cloud.google.com/storage/docs/json_api/v1/buckets.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from google.api_core import exceptions as google

from console.language import tr
from console.model.deploy.wish import LABEL
from console.sources.bucket_maker import Ask, GoogleBucketMaker, taken
from console.sources.bucket_making import NameTaken
from console.sources.google_errors import Asked

KEPT_DAYS: Final = 1
_INTERFACE: Final = "storage.googleapis.com"
_TIMEOUT: Final = (5.0, 15.0)


def staging_bucket(project: str) -> str:
    """Return what the bucket is called: names are shared by everybody on Google Cloud."""
    return f"{re.sub('[.:]', '-', project)}-z-image-builds"


class BuildStaging:
    """Makes the bucket by `ask`; a question is given Google's client of Cloud Storage."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._maker = GoogleBucketMaker(ask)

    async def bucket(self, project: str, region: str) -> str:
        """Return the bucket, which is made if there is none.

        One of another project is no place to send anything to. Raises `NameTaken` for it, and
        other `SourceError`.
        """
        name = staging_bucket(project)
        if await self._maker.is_in(project, name):
            return name
        asked = Asked(
            tr("make gs://{bucket}", bucket=name), project, _INTERFACE, "storage.buckets.create"
        )
        if await self._ask(asked, partial(_make, project, region, name)):
            return name
        if await self._maker.is_in(project, name):
            return name
        raise NameTaken(taken(name, project, ours=False), ours=False)


def _make(project: str, region: str, name: str, client: Any) -> bool:
    """Make the bucket; say whether its name was free."""
    bucket = client.bucket(name)
    bucket.iam_configuration.public_access_prevention = "enforced"
    bucket.iam_configuration.uniform_bucket_level_access_enabled = True
    bucket.soft_delete_policy.retention_duration_seconds = 0
    bucket.add_lifecycle_delete_rule(age=KEPT_DAYS)
    bucket.labels = dict([LABEL])
    try:
        client.create_bucket(bucket, project=project, location=region, retry=None, timeout=_TIMEOUT)
    except google.Conflict:
        return False
    return True
