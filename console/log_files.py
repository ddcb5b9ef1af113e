"""Log lines saved to files: as text, or as one JSON object on each line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from console.model.log.lines import LogRecord
from console.model.log.text import as_file
from console.paths import make_private_directory, write_new

JSON_SUFFIXES: Final = (".jsonl", ".json", ".ndjson")


async def save_lines(records: Sequence[LogRecord], path: Path) -> Path:
    """Write `records` to `path` and return where; a name that is taken gets `-2`, `-3` added.

    By its ending `path` says whether JSON is meant. Directories that are not there are made,
    readable by the user alone. Raises `OSError`.
    """
    return await asyncio.to_thread(_write, tuple(records), path)


def _write(records: Sequence[LogRecord], path: Path) -> Path:
    target = path.expanduser().absolute()
    make_private_directory(target.parent)
    data = as_file(records, lines_of_json=target.suffix.lower() in JSON_SUFFIXES)
    return write_new(target, data)
