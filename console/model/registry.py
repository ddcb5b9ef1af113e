"""What is in a repository of Artifact Registry: images, and the bytes that are paid for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.model.image_name import ImageName, Repository
from console.model.text import SafeText


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image: `name` within its repository, `digest` such as `sha256:…`, and its tags.

    `bytes` is its size with all its layers, None where that is not said.
    """

    name: SafeText
    digest: SafeText
    tags: tuple[SafeText, ...]
    bytes: int | None
    uploaded: datetime | None

    def is_meant_by(self, wanted: ImageName) -> bool:
        """Whether a name of an image in the same repository means this one."""
        if wanted.name != self.name:
            return False
        if wanted.digest:
            return wanted.digest == self.digest
        return (wanted.tag or "latest") in self.tags


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """The images of one repository, newest first.

    `stored_bytes` is what Google says that the repository takes up, which is what is paid for; None
    where it does not say.
    """

    repository: Repository
    images: tuple[StoredImage, ...]
    stored_bytes: int | None
    fetched_at: datetime

    @property
    def region(self) -> str:
        """Where the images are: a region, or `us`, `europe`, `asia`."""
        return self.repository.location

    @property
    def total_bytes(self) -> int | None:
        """What is paid for; None where it is not known.

        Where Google does not say how much the repository takes up, this is the sum of the images,
        which counts a layer that two of them share twice.
        """
        return _sum(self.images) if self.stored_bytes is None else self.stored_bytes

    def used(self, images: Iterable[str]) -> tuple[StoredImage, ...]:
        """Return the images of this repository that are among `images`, those of revisions."""
        wanted = [each for each in map(_parsed, images) if each is not None]
        here = [each for each in wanted if each.repository == self.repository]
        return tuple(one for one in self.images if any(map(one.is_meant_by, here)))

    def used_bytes(self, images: Iterable[str]) -> int | None:
        """Return the size of the images that are among `images`; None where one is not known."""
        return _sum(self.used(images))


def _sum(images: Iterable[StoredImage]) -> int | None:
    total = 0
    for each in images:
        if each.bytes is None:
            return None
        total += each.bytes
    return total


def _parsed(image: str) -> ImageName | None:
    try:
        return ImageName.parse(image)
    except ValueError:
        return None
