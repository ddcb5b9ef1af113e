"""`python -m console.sandbox.instances.slowed SLOWNESS -- COMMAND…`: run a command, but slowly.

`SLOWNESS` is a `Slowness` as JSON, `COMMAND` that of an engine, `python … -m engine …`, which is
run in this very process: it was born when the runner was, so that its own clock counts what was
lost before it came to speak. What takes long, takes long in the engine's threads and at the place
where it would in a container: in an import, in reads of a mount, before weights are on the device,
before it is warm, in the first picture. Any other command takes this process's place, later.

Standard library only, and little of it, for all that it imports is time that no container loses.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from importlib import import_module
from typing import Any, Final, NoReturn

MODULE: Final = "console.sandbox.instances.slowed"
ENGINE: Final = "engine"
_HEAVY: Final = "torch"
_MOST: Final = 3_600.0
_USAGE: Final = 2
_NOT_RUN: Final = 127


class BadSlowness(ValueError):
    """Settings that are none; one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowness:
    """What takes longer, in seconds, and how fast files below `mounts` are, in bytes a second.

    `image` is lost before the program begins, `imports` when it imports torch, `conversion` before
    its weights are on the device, `warm_up` before it is warm, `picture` in its first picture.
    """

    image: float = 0.0
    imports: float = 0.0
    conversion: float = 0.0
    warm_up: float = 0.0
    picture: float = 0.0
    rate: float = 0.0
    mounts: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether nothing takes longer."""
        return not any(getattr(self, each.name) for each in fields(self) if each.name != "mounts")

    def to_json(self) -> str:
        """Write it for the command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Slowness:
        """Read it; raises `BadSlowness`."""
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise BadSlowness(f"{text[:60]!r} is no JSON object of what is slow")
        unknown = sorted(said.keys() - {each.name for each in fields(cls)})
        if unknown:
            raise BadSlowness(f"nothing can be slow that is called {unknown[0]!r}")
        mounts = said.pop("mounts", ())
        if not isinstance(mounts, list | tuple) or not all(isinstance(one, str) for one in mounts):
            raise BadSlowness("mounts are no list of directories")
        for name, value in said.items():
            most = float("inf") if name == "rate" else _MOST
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise BadSlowness(f"{name} is no number")
            if not 0 <= value <= most or value == float("inf"):
                raise BadSlowness(f"{name} is not from 0 to {most:g}")
        return cls(**said, mounts=tuple(mounts))


def slowed(command: Sequence[str], slowness: Slowness) -> list[str]:
    """Return the command that runs `command`, Python's own flags included, but slowly."""
    if slowness.is_none:
        return list(command)
    return [sys.executable, "-P", "-m", MODULE, slowness.to_json(), "--", *command]


def main(arguments: list[str]) -> None:
    """Run what the arguments say; ends with its exit code."""
    try:
        text, dashes, *command = arguments
        slowness = Slowness.from_json(text)
    except ValueError as error:
        said = error if isinstance(error, BadSlowness) else "say SLOWNESS -- COMMAND"
        print(f"slowed: {said}", file=sys.stderr)
        sys.exit(_USAGE)
    if dashes != "--" or not command:
        print("slowed: say SLOWNESS -- COMMAND", file=sys.stderr)
        sys.exit(_USAGE)
    if not _waited(slowness.image):
        return
    if ENGINE not in command or command[command.index(ENGINE) - 1] != "-m":
        _replaced_by(command)
    _slow_imports(slowness.imports)
    _slow_mounts(slowness.rate, slowness.mounts)
    _slow_moments(slowness)
    sys.argv = [ENGINE, *command[command.index(ENGINE) + 1 :]]
    runpy.run_module(ENGINE, run_name="__main__", alter_sys=True)


def _replaced_by(command: list[str]) -> NoReturn:
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"slowed: {command[0]} cannot be run: {error.strerror}", file=sys.stderr)
        sys.exit(_NOT_RUN)


def _waited(seconds: float) -> bool:
    """Wait; return whether anybody still cares, which whoever ended standard input does not."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([0], [], [], left)
        if ready and not os.read(0, 65_536):
            return False
    return True


def _slow_imports(seconds: float) -> None:
    """Lose the time where torch is imported for the first time; that is done outside any lock."""
    left = [seconds]

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event == "import" and left and arguments[0] == _HEAVY:
            time.sleep(left.pop())

    if seconds:
        sys.addaudithook(hear)


class _Pace:
    """Lets as many bytes pass in a second as `rate` says, for all threads together."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._free_at = 0.0

    def wait(self, count: int, began: float) -> None:
        """Wait until `count` bytes that were asked for at `began` can have come."""
        with self._lock:
            self._free_at = max(self._free_at, began) + count / self._rate
            until = self._free_at
        time.sleep(max(0.0, until - time.monotonic()))


def _slow_mounts(rate: float, mounts: tuple[str, ...]) -> None:
    """Read as slowly as one stream through a mount, wherever files below `mounts` are read."""
    if not rate or not mounts:
        return
    pace, slow = _Pace(rate), set[int]()
    roots = tuple(os.path.join(os.path.realpath(each), "") for each in mounts)
    opened, read_into = os.open, os.preadv

    def open_file(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        number = opened(path, flags, mode, dir_fd=dir_fd)
        # A number may have been another file's before.
        if dir_fd is None and os.path.realpath(os.fsdecode(path)).startswith(roots):
            slow.add(number)
        else:
            slow.discard(number)
        return number

    def preadv(number: int, buffers: Any, offset: int, flags: int = 0) -> int:
        began = time.monotonic()
        count = read_into(number, buffers, offset, flags)
        if number in slow:
            pace.wait(count, began)
        return count

    os.open, os.preadv = open_file, preadv


def _slow_moments(slowness: Slowness) -> None:
    """Lose time before the engine reaches a moment of its start, and in its first picture.

    The stopwatch of the engine is asked for each moment exactly when it is reached, by the thread
    that reaches it; the pipeline is there once imports are done.
    """
    before = {"on_device": slowness.conversion, "warm": slowness.warm_up}
    if not slowness.picture and not any(before.values()):
        return
    timeline: Any = import_module(f"{ENGINE}.timeline").Timeline
    reached: Callable[..., None] = timeline.reached

    def reached_late(self: object, phase: str, **more: object) -> None:
        time.sleep(before.pop(phase, 0.0))
        if phase == "imports_done" and slowness.picture:
            _slow_picture(slowness.picture)
        reached(self, phase, **more)

    timeline.reached = reached_late


def _slow_picture(seconds: float) -> None:
    """Lose the time in the first picture that somebody asked for: the warm-up makes one as well."""
    pipeline: Any = import_module(f"{ENGINE}.pipeline").Pipeline
    warm_up, generate = pipeline.warm_up, pipeline.generate
    left = [seconds]
    warming: list[object] = []

    def warmed_up(self: object) -> None:
        warming.append(self)
        warm_up(self)
        warming.clear()

    def generated(self: object, *given: Any, **more: Any) -> Iterator[object]:
        for event in generate(self, *given, **more):
            # Its own clock has begun with the first event.
            if left and not warming:
                time.sleep(left.pop())
            yield event

    pipeline.warm_up, pipeline.generate = warmed_up, generated


if __name__ == "__main__":
    main(sys.argv[1:])
