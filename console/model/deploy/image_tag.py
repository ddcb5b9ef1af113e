"""What a built image is called: by a checksum of all that it is built from."""

from __future__ import annotations

from typing import Final

from console.model.deploy.wish import DeployWish, ImageWay
from console.model.image_name import ImageName, Repository

_DIGITS: Final = 12
_OPEN: Final = "src-CHECKSUM"


def source_tag(checksum: str) -> str:
    """Return the tag of an image that is built from a source of that checksum in hexadecimal."""
    return f"src-{checksum[:_DIGITS]}"


def image_repository(wish: DeployWish) -> Repository:
    """Return the repository that a built image is kept in."""
    return Repository(wish.place.project, wish.place.region, wish.image.repository)


def built_image(wish: DeployWish, checksum: str) -> ImageName:
    """Return the name of an image that is built, with a tag by its source or the wish's own.

    An empty `checksum` means that the source is not known: then the tag is a word in its place.
    """
    tag = wish.image.tag or (source_tag(checksum) if checksum else _OPEN)
    return ImageName(image_repository(wish), wish.image.name, tag)


def image_address(wish: DeployWish, checksum: str) -> str:
    """Return the whole name of an image: that was given, or else of `built_image`."""
    if wish.image.way is ImageWay.GIVEN:
        return wish.image.given
    return built_image(wish, checksum).text
