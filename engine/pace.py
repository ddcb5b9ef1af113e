"""How long pictures take here: a moving average that tells a client when to come back.

Pictures differ in size and steps, so what is averaged is not seconds per picture but seconds per
effort: pixels times passes of the transformer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.schema import GenerationRequest, Size

FIRST_GUESS: Final = 10.0
_WEIGHT_OF_LATEST: Final = 0.3
# Reading the prompt and decoding cost about as much as this many passes.
_PASSES_AROUND: Final = 2


def effort(request: GenerationRequest, native: Size) -> float:
    """Return what a picture costs, in millions of pixels times passes of the transformer.

    With guidance every step has two passes. `native` is the size when the request names none.
    """
    size = request.size or native
    passes = request.steps * (2 if request.guidance > 0 else 1) + _PASSES_AROUND
    return size.width * size.height * passes / 1e6


class Pace:
    """Seconds per effort, learned from every finished picture; not to be shared among threads."""

    def __init__(self) -> None:
        self._seconds_per_effort: float | None = None

    def learn(self, request: GenerationRequest, native: Size, seconds: float) -> None:
        """Take note that the picture of `request` took `seconds`."""
        latest = seconds / effort(request, native)
        if self._seconds_per_effort is None:
            self._seconds_per_effort = latest
        self._seconds_per_effort += _WEIGHT_OF_LATEST * (latest - self._seconds_per_effort)

    def expect(self, requests: Iterable[GenerationRequest], native: Size | None) -> float:
        """Return how many seconds `requests` will take, one after another.

        Before the first picture is finished, or without a model, that is a guess per picture.
        """
        if self._seconds_per_effort is None or native is None:
            return sum(FIRST_GUESS for _ in requests)
        return self._seconds_per_effort * sum(effort(request, native) for request in requests)
