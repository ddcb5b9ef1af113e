"""The real engine server around a pipeline that needs no torch and obeys its prompt.

Run as a program it takes the flags of `python -m engine serve`. A prompt `stall` waits after its
first step until it is cancelled, `die` ends the process there, `fail` breaks the mathematics; any
other prompt gives a one-colour picture. The first step has a preview if any are asked for.
`--hold FILE` keeps it from becoming ready until FILE is gone; `--leave FILE` opens that pipe for
as long as the process lives.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.cli.arguments import parse
from engine.errors import Cancelled, GenerationFailed
from engine.log import Log
from engine.schema import (
    Decoded,
    Done,
    Encoded,
    GenerationEvent,
    GenerationRequest,
    Phase,
    Picture,
    Size,
    Step,
)
from engine.server.app import create_app
from engine.server.listen import open_port
from engine.server.run import Service, end_with_input
from engine.settings import Settings
from engine.timeline import Timeline
from engine.worker import Worker

EXIT_OF_DEATH = 7
PREVIEW = Picture(2, 2, bytes([0, 0, 200]) * 4)


class ObedientPipeline:
    native_size = Size(64, 64)
    name = "scripted"

    def warm_up(self) -> None:
        pass

    def generate(
        self, request: GenerationRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[GenerationEvent]:
        yield Encoded(tokens=3, seconds=0.0)
        for index in range(request.steps):
            if index == 1:
                obey(request.prompt, cancelled)
            first = index == 0 and request.previews > 0
            yield Step(index + 1, request.steps, 0.0, PREVIEW if first else None)
        yield Decoded(0.0)
        size = request.size or self.native_size
        seed = 1 if request.seed is None else request.seed
        rgb = bytes([seed % 256, 0, 0]) * (size.width * size.height)
        yield Done(Picture(size.width, size.height, rgb), seed, seconds=2.0)


def obey(prompt: str, cancelled: Callable[[], bool]) -> None:
    if prompt == "die":
        print("engine: out of luck", file=sys.stderr, flush=True)
        os._exit(EXIT_OF_DEATH)
    if prompt == "fail":
        raise GenerationFailed("the picture has not-a-number values")
    while prompt == "stall":
        if cancelled():
            raise Cancelled("stopped between two steps")
        time.sleep(0.001)


def main(arguments: list[str]) -> None:
    hold = taken("--hold", arguments)
    leave = taken("--leave", arguments)
    if leave is not None:
        os.open(leave, os.O_WRONLY)
    flags = parse(arguments)
    settings = Settings.from_sources(flags, os.environ)
    log = Log(sys.stdout)
    timeline = Timeline(listener=log.startup)
    listening = open_port(settings.host, settings.port)
    timeline.reached(Phase.PORT_OPEN, port=listening.getsockname()[1])

    def load(timeline: Timeline) -> ObedientPipeline:
        timeline.reached(Phase.IMPORTS_DONE)
        while hold is not None and Path(hold).exists():
            time.sleep(0.001)
        timeline.file_read("scripted.gguf", 1_000_000, 0.01)
        return ObedientPipeline()

    log.take_over_logging()
    worker = Worker(load, timeline, settings.queue)
    service = Service(create_app(worker, timeline, settings, log), worker)
    if flags.get("exit_on_stdin_eof"):
        end_with_input(service)
    service.run(sockets=[listening])


def taken(flag: str, arguments: list[str]) -> str | None:
    """Take a flag and its value out of `arguments`."""
    if flag not in arguments:
        return None
    at = arguments.index(flag)
    value = arguments[at + 1]
    del arguments[at : at + 2]
    return value


if __name__ == "__main__":
    main(sys.argv[1:])
