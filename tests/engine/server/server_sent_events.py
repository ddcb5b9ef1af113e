"""Just enough of a reader of server-sent events to check a stream.

Whoever lets go of the reader closes the connection: keep it as long as the stream is to live.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

Event = tuple[str, Any]


def read_events(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the name and the data of each event; `[DONE]` comes as itself, without a name."""
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, value if value == "[DONE]" else json.loads(value)
        elif not line:
            name = ""


def wait_for_step(events: Iterator[Event]) -> None:
    """Read until the first step is done."""
    next(data for _, data in events if data["event"] == "step")
