"""One line on a terminal that is written over itself; now and then a line where there is none."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from typing import Final, TextIO

from rich.cells import cell_len, set_cell_size

_ERASE: Final = "\r\x1b[K"
_NARROWEST: Final = 20
SELDOM_SECONDS: Final = 30.0
"""How often a log, which cannot be written over, is told how far things are."""


class StatusLine:
    """Shows on `stream` what is going on; any thread may tell it.

    `live` says whether the stream is a terminal that can move its cursor. Elsewhere a line is
    written every `seldom` seconds, and none at all without.
    """

    def __init__(
        self,
        stream: TextIO,
        live: bool,
        clock: Callable[[], float] = time.monotonic,
        seldom: float | None = SELDOM_SECONDS,
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._live = live
        self._seldom = seldom
        self._shown = ""
        self._said = clock()

    def show(self, text: str) -> None:
        """Say `text` in the place of what was said before."""
        if self._live:
            self._write(text)
        elif self._seldom is not None and self._clock() - self._said >= self._seldom:
            self._print(text)

    def tell(self, text: str) -> None:
        """Say `text` at once wherever that is, for what somebody would wonder about."""
        if self._live:
            self._write(text)
        elif self._seldom is not None:
            self._print(text)

    def clear(self) -> None:
        """Leave an empty line behind."""
        if self._shown:
            self._shown = ""
            self._stream.write(_ERASE)
            self._stream.flush()

    def _write(self, text: str) -> None:
        room = max(_NARROWEST, shutil.get_terminal_size().columns - 1)
        if cell_len(text) > room:
            text = set_cell_size(text, room)
        if text != self._shown:
            self._shown = text
            self._stream.write(_ERASE + text)
            self._stream.flush()

    def _print(self, text: str) -> None:
        self._said = self._clock()
        print(text, file=self._stream, flush=True)


def can_move_cursor(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Say whether a stream is a terminal on which a line can be written over itself."""
    return stream.isatty() and environment.get("TERM") != "dumb"
