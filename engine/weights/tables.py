"""JSON tables from files that nobody vouches for."""

from __future__ import annotations

import json

from engine.errors import MalformedFile
from engine.weights.tensors import shown


def parse_table(file: str, data: bytes) -> dict[str, object]:
    """Return the JSON object in `data`; `file` is what messages call its file.

    Raises `MalformedFile` for anything else, and for a name that stands twice.
    """
    try:
        entries = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else shown(str(error))
        raise MalformedFile(
            f"{file} is malformed: its JSON cannot be read ({reason}); download it again"
        ) from None
    if not isinstance(entries, dict):
        raise MalformedFile(f"{file} is malformed: its JSON is no table; download it again")
    return entries


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("a name stands twice")
    return entries
