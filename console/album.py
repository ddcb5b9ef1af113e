"""Pictures on disk: named after what was asked for, never overwriting one another."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from console.model.images import MadePicture
from console.paths import make_private_directory, write_new

_LONGEST_NAME: Final = 48
_NOT_IN_NAMES: Final = re.compile(r"[\W_]+")


def file_name(picture: MadePicture) -> str:
    """Return a name that tells the prompt and the seed, safe on every file system."""
    words = _NOT_IN_NAMES.sub("-", picture.prompt[:200].lower()).strip("-")
    # File systems count bytes, of which a Chinese character takes three.
    short = words.encode()[:_LONGEST_NAME].decode(errors="ignore").rstrip("-")
    return f"{short or 'picture'}-{picture.seed}.png"


async def save(picture: MadePicture, directory: Path, path: Path | None = None) -> Path:
    """Write the picture and return where; a name that is taken gets `-2`, `-3` added.

    `path` may be a directory or a file, with or without `.png`; None means `directory`, which is
    made if need be. Raises `OSError`.
    """
    return await asyncio.to_thread(_write, picture, directory, path)


def _write(picture: MadePicture, directory: Path, path: Path | None) -> Path:
    if path is None:
        target = make_private_directory(directory) / file_name(picture)
    else:
        path = path.expanduser()
        target = path / file_name(picture) if path.is_dir() else path
    if target.suffix.lower() != ".png":
        target = target.with_name(target.name + ".png")
    return write_new(target.absolute(), picture.png)
