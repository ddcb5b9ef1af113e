"""Buckets and objects removed, and small objects stored, by Google's client of Cloud Storage.

Source: https://cloud.google.com/storage/docs/json_api/v1.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from google.api_core import exceptions as google

from console.language import tr
from console.sources.base import Missing
from console.sources.bucket_maker import Ask
from console.sources.google_errors import Asked

_INTERFACE: Final = "storage.googleapis.com"
_TIMEOUT: Final = (5.0, 15.0)
_SENDING: Final = (5.0, 120.0)


class GoogleBucketRemover:
    """A `BucketRemover` that asks by `ask`; a question is given Google's client."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def remove(self, bucket: str) -> None:
        """Remove a bucket with all its objects, unless there is none; raises `SourceError`."""
        asked = Asked(
            tr("remove gs://{bucket}", bucket=bucket), "", _INTERFACE, "storage.buckets.delete"
        )
        try:
            await self._ask(asked, partial(_remove, bucket))
        except Missing:
            return

    async def remove_object(self, bucket: str, name: str) -> None:
        """Remove the live object of that name, unless there is none; raises `SourceError`."""
        asked = Asked(
            tr("remove gs://{bucket}/{name}", bucket=bucket, name=name),
            "",
            _INTERFACE,
            "storage.objects.delete",
        )
        try:
            await self._ask(asked, partial(_remove_object, bucket, name))
        except Missing:
            return

    async def put(self, bucket: str, name: str, data: bytes) -> None:
        """Store a small object, in the place of one of the same name; raises `SourceError`."""
        asked = Asked(
            tr("write gs://{bucket}/{name}", bucket=bucket, name=name),
            "",
            _INTERFACE,
            "storage.objects.create",
        )
        await self._ask(asked, partial(_put, bucket, name, data))


def _remove(bucket: str, client: Any) -> None:
    """Remove all generations first; parts of unfinished uploads go with the bucket itself."""
    found = client.list_blobs(bucket, versions=True, retry=None, timeout=_TIMEOUT)
    for each in found:
        _delete(each, generation=each.generation)
    client.bucket(bucket).delete(retry=None, timeout=_TIMEOUT)


def _remove_object(bucket: str, name: str, client: Any) -> None:
    client.bucket(bucket).blob(name).delete(retry=None, timeout=_TIMEOUT)


def _delete(blob: Any, generation: int) -> None:
    try:
        blob.bucket.delete_blob(blob.name, generation=generation, retry=None, timeout=_TIMEOUT)
    except google.NotFound:
        # Somebody else, or an attempt before this one, was quicker.
        return


def _put(bucket: str, name: str, data: bytes, client: Any) -> None:
    client.bucket(bucket).blob(name).upload_from_string(
        data, content_type="application/octet-stream", retry=None, timeout=_SENDING
    )
