"""Server-sent events from bytes, as the HTML standard reads them (section 9.2.6).

Lines end with CR, LF or both and nothing else: the line splitting of Python's `str` would also
break at characters that may stand inside of a JSON text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from console.language import tr

MAX_EVENT_BYTES: Final = 64 * 1024 * 1024
_LINE_END: Final = re.compile(rb"\r\n|\n|\r(?=[\s\S])")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: its name (`message` when none was given) and its data."""

    name: str
    data: str


class EventStreamReader:
    """Collects bytes and gives back the events that they complete."""

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self._limit = limit
        self._rest: list[bytes] = []
        self._name = ""
        self._data: list[str] = []
        self._held = 0

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Return the events complete by now; raises `ValueError` when one grows past the limit."""
        self._held += len(chunk)
        if self._held > self._limit:
            raise ValueError(tr("an event of more than {most:,} bytes", most=self._limit))
        if b"\n" not in chunk and b"\r" not in chunk and not self._ends_in_return():
            self._rest.append(chunk)
            return []
        *lines, rest = _LINE_END.split(b"".join([*self._rest, chunk]))
        self._rest = [rest]
        return [event for line in lines if (event := self._line(line)) is not None]

    def _ends_in_return(self) -> bool:
        return bool(self._rest) and self._rest[-1].endswith(b"\r")

    def _line(self, line: bytes) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", errors="replace").partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        name, data = self._name or "message", self._data
        self._name, self._data = "", []
        self._held = sum(map(len, self._rest))
        return ServerSentEvent(name, "\n".join(data)) if data else None
