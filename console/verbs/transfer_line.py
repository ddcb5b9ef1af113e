"""How far files are: on a terminal one line written over itself, elsewhere a line now and then."""

from __future__ import annotations

import os
import shutil
from typing import Final, TextIO

from console.model.models.push_progress import FileStage, PushedFile, PushProgress
from console.model.models.rate_text import rate_text, span_text
from console.model.storage import size_text

_ERASE: Final = "\r\x1b[K"
_SELDOM_SECONDS: Final = 30.0


class TransferLine:
    """Writes to `stream`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._active = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._shown = ""
        self._said_at = 0.0

    def say(self, what: str) -> None:
        """Say what is done now, to whoever watches."""
        if self._active:
            self._write(what)

    def show(self, progress: PushProgress, elapsed: float) -> None:
        """Say how far it is; `elapsed` is in seconds from the beginning on."""
        if self._active:
            self._write(progress_text(progress))
        elif elapsed - self._said_at >= _SELDOM_SECONDS:
            self._said_at = elapsed
            print(progress_text(progress), file=self._stream, flush=True)

    def clear(self) -> None:
        """Leave an empty line behind."""
        if self._shown:
            self._shown = ""
            self._stream.write(_ERASE)
            self._stream.flush()

    def _write(self, text: str) -> None:
        text = text[: max(20, shutil.get_terminal_size().columns - 1)]
        if text != self._shown:
            self._shown = text
            self._stream.write(_ERASE + text)
            self._stream.flush()


def progress_text(progress: PushProgress) -> str:
    """Return how far all is, how fast, how long still, and the same of the file that is sent."""
    by_stage = {each.stage: each for each in reversed(progress.files)}
    current = by_stage.get(FileStage.SENDING) or by_stage.get(FileStage.FINISHING)
    parts = [f"{_percent(progress.done, progress.size)} of {size_text(progress.size)}"]
    if progress.rate is not None:
        parts.append(rate_text(progress.rate))
    left = progress.seconds_left
    if left is not None and progress.done < progress.size:
        parts.append(f"{span_text(left)} left")
    if current is not None:
        parts.append(_file_text(current, progress.rate))
    return " · ".join(parts)


def _file_text(file: PushedFile, rate: float | None) -> str:
    if file.stage is FileStage.FINISHING:
        return f"{file.name} {file.stage}"
    left = f", {span_text((file.size - file.done) / rate)} left" if rate else ""
    text = f"{file.name} {_percent(file.done, file.size)}{left}"
    return f"{text} · waiting: {file.note}" if file.note else text


def _percent(done: int, size: int) -> str:
    return f"{done * 100 // size if size else 100} %"
