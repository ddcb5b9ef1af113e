"""The console on the terminal, while it records or on what was recorded."""

from __future__ import annotations

import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from console import paths
from console.config import Config
from console.contexts.recents import Recents, utc_now
from console.contexts.recorded import RecordedPlaces, ReplayPlaces
from console.recording.clock import ReplayClock
from console.recording.reader import read
from console.recording.recorder import Recorder
from console.recording.replayer import Replayer
from console.recording.writer import Writer, open_new
from console.startup.launch import Stage, run


def record(config: Config, path: Path) -> int:
    """Run the console until it is left, and put what it is told on record; its exit code.

    Raises `RecordingError` if the file cannot be made.
    """
    recorder = Recorder(Writer(open_new(path), path.name), utc_now, time.monotonic, _version())
    places = RecordedPlaces(config, Recents(paths.recents_file(), utc_now), recorder)
    try:
        return run(config, Stage(places, places, listen=recorder.listen))
    finally:
        recorder.close()
        if recorder.problem is not None:
            print(f"zimage-console: {recorder.problem}", file=sys.stderr)


def replay(config: Config, path: Path, speed: float) -> int:
    """Run the console on what was recorded, so many times as fast; returns the exit code.

    Raises `RecordingError` for a file that is no recording.
    """
    recording = read(path)
    begins = recording.header.recorded_at
    clock = ReplayClock(begins, recording.seconds, speed, time.monotonic)
    places = ReplayPlaces(config, Replayer(recording, clock))
    return run(config, Stage(places, None, clock.now, clock.elapsed, live=False))


def _version() -> str:
    try:
        return version("zimage-console")
    except PackageNotFoundError:
        return "from source"
