"""A pipeline whose every step waits for the test to allow it, so that no test depends on time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from engine.errors import Cancelled, GenerationFailed
from engine.schema import (
    Decoded,
    Done,
    Encoded,
    GenerationEvent,
    GenerationRequest,
    Picture,
    Size,
    Step,
)

PATIENCE = 10.0


class ScriptedPipeline:
    """Makes one-colour pictures. `allow(n)` lets n steps happen; `free()` lets all happen.

    A prompt `fail` ends in GenerationFailed, a prompt `crash` in an unexpected error, and a prompt
    `MEMORY: WORDS` in a RuntimeError that says WORDS.
    """

    native_size = Size(64, 64)
    name = "scripted"

    def __init__(self) -> None:
        self.warm = False
        self.served: list[str] = []
        self.steps_done = 0
        self.times_freed = 0
        self._allowed = threading.Semaphore(0)

    def allow(self, steps: int) -> None:
        self._allowed.release(steps)

    def free(self) -> None:
        self.allow(1_000)

    def warm_up(self) -> None:
        self.warm = True

    def free_memory(self) -> None:
        self.times_freed += 1

    def generate(
        self, request: GenerationRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[GenerationEvent]:
        self.served.append(request.prompt)
        yield Encoded(tokens=3, seconds=0.0)
        for index in range(request.steps):
            assert self._allowed.acquire(timeout=PATIENCE), "the test never allowed this step"
            if cancelled():
                raise Cancelled("stopped between two steps")
            if request.prompt == "fail":
                raise GenerationFailed("the picture has not-a-number values")
            if request.prompt == "crash":
                raise ZeroDivisionError("division by zero")
            if request.prompt.startswith("MEMORY: "):
                raise RuntimeError(request.prompt.removeprefix("MEMORY: "))
            self.steps_done += 1
            yield Step(index + 1, request.steps, 0.0)
        yield Decoded(0.0)
        size = request.size or self.native_size
        seed = 1 if request.seed is None else request.seed
        rgb = bytes([seed % 256, 0, 0]) * (size.width * size.height)
        yield Done(Picture(size.width, size.height, rgb), seed, seconds=2.0)
