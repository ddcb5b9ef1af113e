"""The flags by which the console records what it is told, or runs on such a recording."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from console.config import Config, ConfigError
from console.language import tr

_FASTEST: Final = 1_000.0
_SLOWEST: Final = 0.01
_FAILED: Final = 1


def add_recording(to: argparse.ArgumentParser) -> None:
    """Add the flags; they are those of the console itself and of no verb."""
    which = to.add_mutually_exclusive_group()
    which.add_argument(
        "--record",
        metavar="FILE",
        help=tr(
            "put on record whatever the console is told, secrets masked; compressed as FILE.gz"
        ),
    )
    which.add_argument(
        "--replay",
        metavar="FILE",
        help=tr("run on such a recording: nothing is asked of anybody"),
    )
    to.add_argument(
        "--speed",
        type=_speed,
        metavar="N",
        help=tr("replay N times as fast as it was recorded (1)"),
    )


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not _SLOWEST <= speed <= _FASTEST:
        raise argparse.ArgumentTypeError(
            tr(
                "{text!r} is no number from {least:g} to {most:g}",
                text=text,
                least=_SLOWEST,
                most=_FASTEST,
            )
        )
    return speed


def check_recording(arguments: Mapping[str, object]) -> None:
    """Raise a `ConfigError` where these flags cannot be meant."""
    why = _contradiction(arguments)
    if why is not None:
        raise ConfigError(why)


def _contradiction(arguments: Mapping[str, object]) -> str | None:
    given = [name for name in ("record", "replay", "speed") if arguments.get(name) is not None]
    if given and arguments.get("verb") is not None:
        return tr(
            "--{flag} is for the console on the screen, not for {verb}",
            flag=given[0],
            verb=arguments["verb"],
        )
    if "speed" in given and "replay" not in given:
        return tr("--speed is how fast a recording goes: name it with --replay FILE")
    if "replay" in given:
        return _settled_by_the_recording(arguments)
    return None


def _settled_by_the_recording(arguments: Mapping[str, object]) -> str | None:
    for name in ("context", "models"):
        if arguments.get(name) is not None:
            return tr(
                "--{flag} is settled by the recording; leave it away with --replay", flag=name
            )
    return None


def run_console(config: Config, arguments: Mapping[str, object]) -> int:
    """Run the console on the screen, as these flags have it; returns the exit code."""
    record, replay, speed = (arguments.get(each) for each in ("record", "replay", "speed"))
    if record is None and replay is None:
        from console.startup.launch import run

        return run(config)
    from console.recording.lines import RecordingError
    from console.startup import on_record

    try:
        if isinstance(replay, str):
            rate = speed if isinstance(speed, float) else 1.0
            return on_record.replay(config, Path(replay).expanduser(), rate)
        return on_record.record(config, Path(str(record)).expanduser())
    except RecordingError as error:
        print(f"zimage-console: {error}", file=sys.stderr)
        return _FAILED
