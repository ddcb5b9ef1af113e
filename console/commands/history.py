"""The commands of before, in a file of the user's state directory.

The file is a convenience: one that is missing, damaged or cannot be written is never an error.
Nothing that looks like a secret is written, nor what was asked to be painted.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Final

from console.paths import make_private_directory, write_atomically
from console.recording.masking import masked_text

SCHEMA_VERSION: Final = 1
MOST: Final = 100
LONGEST: Final = 400


class CommandHistory:
    """The last `MOST` commands, oldest first; without a `file` they are kept in memory alone."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._commands: list[str] | None = None

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands, oldest first."""
        return tuple(self._known())

    def add(self, line: str, *, private: bool = False) -> None:
        """Put a command behind all others; one that is `private` is not written to the file."""
        line = " ".join(line.split())
        if not line or len(line) > LONGEST:
            return
        known = self._known()
        if line in known:
            known.remove(line)
        known.append(line)
        del known[:-MOST]
        if not private and masked_text(line) == line:
            self._write(line)

    def _known(self) -> list[str]:
        if self._commands is None:
            self._commands = self._read()
        return self._commands

    def _read(self) -> list[str]:
        if self._file is None:
            return []
        try:
            document = json.loads(self._file.read_text(encoding="utf-8"))
            if document["schema_version"] != SCHEMA_VERSION:
                return []
            found = [each for each in document["commands"] if _is_command(each)]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return []
        return list(dict.fromkeys(found))[-MOST:]

    def _write(self, line: str) -> None:
        """Add a command to what the file has now, which another console may have written."""
        if self._file is None:
            return
        kept = [each for each in self._read() if each != line] + [line]
        document = {"schema_version": SCHEMA_VERSION, "commands": kept[-MOST:]}
        with suppress(OSError):
            make_private_directory(self._file.parent)
            encoded = json.dumps(document, indent=2, ensure_ascii=False)
            write_atomically(self._file, encoded.encode("utf-8", "replace"))


def _is_command(entry: object) -> bool:
    return isinstance(entry, str) and 0 < len(entry) <= LONGEST and entry.isprintable()
