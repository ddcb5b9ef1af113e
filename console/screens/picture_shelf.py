"""The pictures there are to look at: those of this session, and those of earlier ones on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from console.model.images import MadePicture
from console.picture_files import earlier_pictures, picture_bytes
from console.store import Store

_MOST_READ: Final = 8
"""So many pictures of earlier sessions are kept in memory, those looked at last."""


class PictureShelf:
    """Knows the pictures in `store` and in `directory`, of which nothing is read before `look`."""

    def __init__(self, store: Store, directory: Path | None) -> None:
        self._store = store
        self._directory = directory
        self._earlier: tuple[MadePicture, ...] = ()
        self._read: dict[MadePicture, bytes] = {}

    async def look(self) -> None:
        """Find out which pictures earlier sessions left."""
        if self._directory is not None:
            self._earlier = await earlier_pictures(self._directory)

    def pictures(self) -> tuple[MadePicture, ...]:
        """Return all pictures, newest first; what this session made comes before the rest."""
        made = self._store.gallery
        own = {picture.path for picture in made}
        return (*made, *(picture for picture in self._earlier if picture.path not in own))

    def whole(self, picture: MadePicture) -> MadePicture:
        """Return a picture with its bytes, if they were read already."""
        return replace(picture, png=self._read[picture]) if picture in self._read else picture

    async def read(self, picture: MadePicture) -> MadePicture:
        """Return a picture with its bytes; raises `OSError`."""
        if picture.png or picture.path is None:
            return picture
        png = self._read.pop(picture, None) or await picture_bytes(picture.path)
        self._read[picture] = png
        while len(self._read) > _MOST_READ:
            del self._read[next(iter(self._read))]
        return replace(picture, png=png)
