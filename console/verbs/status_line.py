"""One line on a terminal that is written over itself; now and then a line where there is none."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Final, TextIO

_ERASE: Final = "\r\x1b[K"
_PLAIN_SECONDS: Final = 60.0
"""How often a log, which cannot be written over, is told how far things are."""


class StatusLine:
    """Shows on `stream` what is going on; any thread may tell it.

    `live` says whether the stream is a terminal that can move its cursor.
    """

    def __init__(
        self, stream: TextIO, live: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._live = live
        self._shown = ""
        self._said = clock()

    def show(self, text: str) -> None:
        """Say `text` in the place of what was said before."""
        if not self._live:
            if self._clock() - self._said >= _PLAIN_SECONDS:
                self._said = self._clock()
                print(text, file=self._stream, flush=True)
            return
        text = text[: shutil.get_terminal_size().columns - 1]
        if text != self._shown:
            self._shown = text
            self._stream.write(_ERASE + text)
            self._stream.flush()

    def clear(self) -> None:
        """Leave an empty line behind."""
        if self._shown:
            self._shown = ""
            self._stream.write(_ERASE)
            self._stream.flush()
