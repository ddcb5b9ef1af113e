"""What it takes to make and to change a bucket, and what can go wrong besides `SourceError`.

SourceError
└── NameTaken   there is such a bucket; `ours` says whether it is the project's own
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from console.model.models.bucket_settings import BucketSettings, SafeSettings, Setting
from console.model.text import SafeText
from console.sources.base import SourceError


class NameTaken(SourceError):
    """A bucket has that name already; `ours` says whether it is the project's own."""

    def __init__(self, message: SafeText, ours: bool) -> None:
        super().__init__(message)
        self.ours = ours


class BucketMaker(Protocol):
    """Makes buckets and changes their settings; every method raises `SourceError`."""

    async def settings(self, name: str) -> BucketSettings:
        """Return how a bucket is set."""
        ...

    async def is_in(self, project: str, name: str) -> bool:
        """Say whether a project has a bucket of that name."""
        ...

    async def create(self, project: str, name: str, wanted: SafeSettings) -> BucketSettings:
        """Make a bucket, and return how it is set; raises `NameTaken`."""
        ...

    async def change(
        self, observed: BucketSettings, wanted: SafeSettings, settings: Collection[Setting]
    ) -> BucketSettings:
        """Make some settings of a bucket what they should be, and return how it is set.

        Nothing else is changed. Raises `Overtaken` if the bucket is not as `observed` any more.
        """
        ...
