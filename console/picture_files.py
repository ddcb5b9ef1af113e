"""The pictures of earlier sessions, as their files tell of them.

The engine writes into every PNG how it was made, in AUTOMATIC1111's `parameters` form: the prompt,
perhaps a negative one, and a line of `Name: value` pairs.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from console.model.images import MadePicture
from console.widgets.prompt import one_line
from engine.schema import Size

MOST: Final = 200
"""How many are looked for, the newest first."""

LARGEST: Final = 64 * 2**20
"""Bytes of the largest file that is read."""

_PAIRS: Final = re.compile(r"Steps: (?P<steps>\d{1,4}),.*?\bSeed: (?P<seed>\d{1,20})\b")
_LONGEST_PROMPT: Final = 8_000


async def earlier_pictures(directory: Path) -> tuple[MadePicture, ...]:
    """Return what is in a directory of pictures, newest first, without the pictures' bytes.

    Files that do not tell how they were made are left out, and so is what cannot be read.
    """
    return await asyncio.to_thread(lambda: tuple(_pictures(directory)))


async def picture_bytes(path: Path) -> bytes:
    """Return a file as it is; raises `OSError`."""
    return await asyncio.to_thread(_read, path)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(f"{path.name} is larger than {LARGEST // 2**20} MB")
    if not data:
        raise OSError(f"{path.name} is empty")
    return data


def _pictures(directory: Path) -> Iterator[MadePicture]:
    files = sorted(_files(directory), reverse=True)
    for modified, path in files[:MOST]:
        picture = _picture(path, datetime.fromtimestamp(modified, UTC))
        if picture is not None:
            yield picture


def _files(directory: Path) -> Iterator[tuple[float, Path]]:
    try:
        for path in directory.iterdir():
            if path.suffix.lower() == ".png" and path.is_file():
                yield path.stat().st_mtime, path
    except OSError:
        return


def _picture(path: Path, modified: datetime) -> MadePicture | None:
    from PIL import Image

    try:
        # Reads the head alone; what is said about a picture stands before its pixels.
        with Image.open(path) as opened:
            told, (wide, high) = opened.info.get("parameters"), opened.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    found = told_of(told) if isinstance(told, str) else None
    if found is None:
        return None
    prompt, steps, seed = found
    return MadePicture(
        prompt, Size(wide, high), steps, seed, None, modified, b"", path=path, maker=""
    )


def told_of(parameters: str) -> tuple[str, int, int] | None:
    """Return prompt, steps and seed of a picture; None if that is not what is told."""
    *before, pairs = parameters.split("\n")
    found = _PAIRS.match(pairs)
    if found is None:
        return None
    words = [line for line in before if not line.startswith("Negative prompt: ")]
    prompt = one_line("\n".join(words)[:_LONGEST_PROMPT]).strip()
    return prompt, int(found["steps"]), int(found["seed"])
