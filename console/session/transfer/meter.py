"""What passes of each file, counted by the threads that send and read by whoever shows it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from console.model.models.push_progress import FileStage, PushedFile, PushProgress
from console.model.models.rate_window import RateWindow
from console.model.text import SafeText


class FileMeter:
    """The progress of one file; `clock` gives seconds."""

    def __init__(self, name: str, size: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._file = PushedFile(name, size)
        self._heard_at = clock()

    @property
    def file(self) -> PushedFile:
        """How far the file is."""
        with self._lock:
            return self._file

    def stage(self, stage: FileStage, problem: SafeText | None = None) -> None:
        """Note what is done now."""
        with self._lock:
            self._heard_at = self._clock()
            self._file = replace(self._file, stage=stage, note=None, problem=problem)

    def already(self, count: int) -> None:
        """Note that so many bytes arrived earlier."""
        with self._lock:
            self._file = replace(self._file, there=count, arrived=count, passing=0)

    def passed(self, count: int) -> None:
        """Note that bytes were handed on."""
        with self._lock:
            file = self._file
            self._file = replace(
                file, passing=file.passing + count, wire=file.wire + count, note=None
            )

    def lost(self, count: int) -> None:
        """Note that bytes that were handed on did not arrive."""
        with self._lock:
            file = self._file
            self._file = replace(file, passing=file.passing - count, again=file.again + count)

    def arrived(self, count: int) -> None:
        """Note that bytes that were handed on have arrived."""
        with self._lock:
            self._heard_at = self._clock()
            file = self._file
            self._file = replace(
                file,
                passing=file.passing - count,
                arrived=file.arrived + count,
                sent=file.sent + count,
                note=None,
            )

    def waiting(self, why: SafeText, seconds: float) -> None:
        """Note that something failed, and is tried again after some seconds."""
        with self._lock:
            self._file = replace(self._file, failures=self._file.failures + 1, note=why)

    def quiet_for(self) -> float:
        """Return for how many seconds nothing of it has arrived."""
        with self._lock:
            return self._clock() - self._heard_at


class PushMeter:
    """The progress of all files."""

    def __init__(self, files: Sequence[FileMeter], clock: Callable[[], float]) -> None:
        self.files = tuple(files)
        self._clock = clock
        self._window = RateWindow()
        self._windows = [RateWindow() for _ in files]

    def progress(self) -> PushProgress:
        """Return how far all files are; for one thread to ask, again and again."""
        now = self._clock()
        files = tuple(
            replace(file, rate=window.passing(now, file.wire) if file.wire else None)
            for file, window in zip((each.file for each in self.files), self._windows, strict=True)
        )
        return PushProgress(files, self._window.passing(now, sum(each.wire for each in files)))
