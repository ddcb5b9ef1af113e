"""Writes a recording in a thread of its own, so that nobody waits for a disk.

What cannot be written ends the recording, in one line, and nothing else.
"""

from __future__ import annotations

import gzip
import json
import os
import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, cast

from console.language import tr
from console.model.text import SafeText
from console.recording.lines import LARGEST_BYTES, Header, RecordingError
from console.recording.masking import masked, may_need_masking
from console.session.json_facts import to_json
from console.terminal.sanitise import sanitise

WAITING: Final = 50_000
"""How many lines may wait for the disk."""

CLOSE_SECONDS: Final = 5.0
"""How long the end of the console waits for the disk."""

_FLUSH_SECONDS: Final = 0.5
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY
_COMPRESSION: Final = 6

Line = Header | Mapping[str, object]


def open_new(path: Path) -> BinaryIO:
    """Make the file of a recording, private to the user; raises `RecordingError`.

    Nothing is overwritten. It is compressed if its name ends in `.gz`.
    """
    try:
        file = os.fdopen(os.open(path, _NEW, 0o600), "wb")
    except FileExistsError:
        raise RecordingError(
            tr(
                "cannot record to {path}: it is there already; remove it, or name another file",
                path=path,
            )
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise RecordingError(
            tr("cannot record to {path}: {why}; name another file", path=path, why=why)
        ) from None
    if path.suffix.lower() != ".gz":
        return file
    return cast(BinaryIO, _Compressed(file))


class _Compressed(gzip.GzipFile):
    """A compressed file that closes the one beneath it."""

    def __init__(self, beneath: BinaryIO) -> None:
        super().__init__("", "wb", _COMPRESSION, beneath)
        self._beneath = beneath

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._beneath.close()


def _dumped(facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


class Writer:
    """Writes lines to `file`, which it closes; `name` is what the file is called.

    `problem` says why nothing is written any more, None as long as all is.
    """

    def __init__(
        self, file: BinaryIO, name: str, *, largest: int = LARGEST_BYTES, waiting: int = WAITING
    ) -> None:
        self.problem: SafeText | None = None
        self._file = file
        self._name = name
        self._left = largest
        self._closed = False
        self._lines: queue.Queue[Line | None] = queue.Queue(waiting)
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def put(self, line: Line) -> None:
        """Take a line of frozen facts to be written; returns at once, whatever the disk does."""
        if self._closed or self.problem is not None:
            return
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._give_up(tr("the disk does not keep up"))

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Write what waits, and wait for that; a disk that hangs is left to itself."""
        self._closed = True
        if self._thread.is_alive():
            with suppress(queue.Full):
                self._lines.put(None, timeout=seconds)
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._give_up(tr("the disk does not answer"))

    def _run(self) -> None:
        try:
            try:
                self._write_all()
            finally:
                self._file.close()
        except OSError as error:
            self._give_up(error.strerror or str(error))
        except (TypeError, ValueError, RecursionError) as error:
            self._give_up(tr("what came has no form in JSON: {why}", why=error))

    def _write_all(self) -> None:
        unflushed = False
        while True:
            try:
                line = self._lines.get(timeout=_FLUSH_SECONDS if unflushed else None)
            except queue.Empty:
                self._file.flush()
                unflushed = False
                continue
            if line is None:
                return
            self._write(line)
            unflushed = True

    def _write(self, line: Line) -> None:
        facts = to_json(line)
        said = _dumped(facts)
        if may_need_masking(said):
            said = _dumped(masked(facts))
        data = said.encode("utf-8", "replace") + b"\n"
        self._left -= len(data)
        if self._left < 0:
            raise OSError(0, tr("it has become as large as a recording may be"))
        self._file.write(data)

    def _give_up(self, why: str) -> None:
        if self.problem is None:
            self.problem = sanitise(
                tr("the recording {name} ended: {why}", name=self._name, why=why)
            )
