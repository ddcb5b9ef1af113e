"""The contexts of before, in a file of the user's state directory.

The file is a convenience: one that is missing, damaged or not writable is never an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from console.config import is_context
from console.model.contexts import Recent, with_newest
from console.paths import make_private_directory, write_atomically

SCHEMA_VERSION: Final = 1
MOST: Final = 12


def utc_now() -> datetime:
    """Return the time of day, in UTC."""
    return datetime.now(UTC)


class Recents:
    """What `file` remembers, newest first; `clock` gives the time of day in UTC."""

    def __init__(self, file: Path, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._file = file

    def load(self) -> tuple[Recent, ...]:
        """Return what is remembered; whatever makes no sense is left out."""
        try:
            document = json.loads(self._file.read_text(encoding="utf-8"))
            if document["schema_version"] != SCHEMA_VERSION:
                return ()
            found = [_recent(each) for each in document["contexts"]]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return ()
        return tuple(each for each in found if each is not None)[:MOST]

    def remember(self, context: str) -> None:
        """Put `context` in front."""
        kept = with_newest(self.load(), Recent(context, self.clock()), MOST)
        document = {
            "schema_version": SCHEMA_VERSION,
            "contexts": [
                {"context": each.context, "last_used": each.last_used.isoformat()} for each in kept
            ],
        }
        with suppress(OSError):
            make_private_directory(self._file.parent)
            write_atomically(self._file, json.dumps(document, indent=2).encode())


def _recent(entry: object) -> Recent | None:
    if not isinstance(entry, dict):
        return None
    context, last_used = entry.get("context"), entry.get("last_used")
    if not isinstance(context, str) or not isinstance(last_used, str) or not is_context(context):
        return None
    try:
        moment = datetime.fromisoformat(last_used)
    except ValueError:
        return None
    return Recent(context, moment) if moment.tzinfo is not None else None
