"""Pictures on disk: named after what was asked for, never overwriting one another."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console.language import tr
from console.model.contexts import LOCAL
from console.model.images import MadePicture
from console.paths import make_private_directory, write_new
from engine.schema import GenerationRequest

if TYPE_CHECKING:
    from console.sources.engine_http import Finished

_LONGEST_NAME: Final = 48
_NOT_IN_NAMES: Final = re.compile(r"[\W_]+")


class Album:
    """The pictures of a session, written to `directory` as they are finished.

    With `keep` false none is written by itself. `maker` is the context whose engine makes them.
    `clock` gives the time of day; `complain` hears
    in one line about a picture that could not be written.
    """

    def __init__(
        self,
        directory: Path,
        clock: Callable[[], datetime],
        complain: Callable[[str], None],
        *,
        keep: bool = True,
        maker: str = LOCAL,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._complain = complain
        self._keep = keep
        self._maker = maker

    async def add(self, request: GenerationRequest, made: Finished) -> MadePicture:
        """Return what was made of `request` as a picture that remembers how, and where it is."""
        picture = MadePicture(
            prompt=request.prompt,
            size=made.size,
            steps=request.steps,
            seed=made.seed,
            seconds=made.seconds,
            made_at=self._clock(),
            png=made.png,
            maker=self._maker,
        )
        if not self._keep:
            return picture
        try:
            path = await self.save(picture)
        except OSError as error:
            self._complain(
                tr(
                    "the picture was not saved to {directory}: {why}; save it elsewhere",
                    directory=self._directory,
                    why=error.strerror or error,
                )
            )
            return picture
        return replace(picture, path=path)

    async def save(self, picture: MadePicture, path: Path | None = None) -> Path:
        """Write the picture and return where; a name that is taken gets `-2`, `-3` added.

        `path` may be a directory or a file, with or without `.png`; None means the album's
        directory, which is made if need be. Raises `OSError`.
        """
        return await asyncio.to_thread(_write, picture, self._directory, path)


def file_name(picture: MadePicture) -> str:
    """Return a name that tells the prompt and the seed, safe on every file system."""
    words = _NOT_IN_NAMES.sub("-", picture.prompt[:200].lower()).strip("-")
    # File systems count bytes, of which a Chinese character takes three.
    short = words.encode()[:_LONGEST_NAME].decode(errors="ignore").rstrip("-")
    return f"{short or 'picture'}-{picture.seed}.png"


def _write(picture: MadePicture, directory: Path, path: Path | None) -> Path:
    if path is None:
        target = make_private_directory(directory) / file_name(picture)
    else:
        path = path.expanduser()
        target = path / file_name(picture) if path.is_dir() else path
    if target.suffix.lower() != ".png":
        target = target.with_name(target.name + ".png")
    png = picture.png
    if not png and picture.path is not None:
        png = picture.path.read_bytes()
    return write_new(target.absolute(), png)
