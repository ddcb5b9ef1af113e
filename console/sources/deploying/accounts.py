"""Service accounts made and removed, by IAM v1; what they may read is in `bucket_access`.

Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from console.language import tr
from console.model.deploy.wish import LABEL
from console.sources.base import AlreadyThere, Missing
from console.sources.bucket_maker import Ask
from console.sources.deploying.bucket_access import BucketAccess
from console.sources.deploying.rest_operations import Sleep
from console.sources.google_errors import Asked
from console.sources.google_rest import GoogleRest, json_text

INTERFACE: Final = "iam.googleapis.com"
DESCRIPTION: Final = "=".join(LABEL)
"""By what an account is known that the console made: accounts have no labels."""


class Accounts:
    """An `AccountMaker` over Google's interface in JSON and, by `ask`, its client of storage."""

    def __init__(self, rest: GoogleRest, ask: Ask, sleep: Sleep = asyncio.sleep) -> None:
        self._rest = rest
        self._buckets = BucketAccess(ask, sleep)

    async def account(self, project: str, name: str) -> str | None:
        """Return the address of an account, None if there is none; raises `SourceError`."""
        address = _address(project, name)
        try:
            asked = _asked(tr("read service account {address}", address=address), project, "get")
            said = await self._rest.get(asked, _path(project, address), {}, asking_as=project)
        except Missing:
            return None
        return address if json_text(said.get("email")) == address else None

    async def make(self, project: str, name: str, title: str) -> str:
        """Make an account, unless there is one, and return its address; raises `SourceError`."""
        address = _address(project, name)
        body = {
            "accountId": name,
            "serviceAccount": {"displayName": title, "description": DESCRIPTION},
        }
        with contextlib.suppress(AlreadyThere):
            asked = _asked(tr("make service account {address}", address=address), project, "create")
            await self._rest.post(asked, _path(project), body, asking_as=project)
        return address

    async def remove(self, project: str, name: str) -> None:
        """Remove an account, unless there is none; raises `SourceError`."""
        address = _address(project, name)
        with contextlib.suppress(Missing):
            asked = _asked(
                tr("remove service account {address}", address=address), project, "delete"
            )
            await self._rest.delete(asked, _path(project, address), asking_as=project)

    async def readers(self, bucket: str) -> frozenset[str]:
        """Return the members that a bucket's own policy lets read its objects."""
        return await self._buckets.readers(bucket)

    async def let_read(self, bucket: str, member: str) -> None:
        """Let a member read the objects of a bucket, and nothing else; raises `SourceError`."""
        await self._buckets.let_read(bucket, member)

    async def forbid(self, bucket: str, member: str) -> None:
        """Take that back; raises `SourceError`."""
        await self._buckets.forbid(bucket, member)


def _address(project: str, name: str) -> str:
    # A project that belongs to a domain, `example.com:project`, is turned round in addresses.
    domain, colon, short = project.partition(":")
    place = f"{short}.{domain}" if colon else project
    return f"{name}@{place}.iam.gserviceaccount.com"


def _asked(words: str, project: str, what: str) -> Asked:
    return Asked(words, project, INTERFACE, f"iam.serviceAccounts.{what}")


def _path(project: str, address: str = "") -> str:
    return f"/v1/projects/{project}/serviceAccounts" + (f"/{address}" if address else "")
