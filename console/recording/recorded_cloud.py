"""A way to a service on Google Cloud whose answers are put on record."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from console.model.images import Preview
from console.model.service import ServiceFacts
from console.recording.lines import error_line
from console.recording.pictures import GENERATE, picture_line
from console.recording.recorder import Recorder
from console.session.cloud_session import Cloud
from console.session.measuring import TracedMaker
from console.sources.base import IdentitySource, SourceError
from engine.schema import GenerationRequest

if TYPE_CHECKING:
    from console.sources.engine_http import Finished, Progress

OPEN: Final = "way.open"
"""The question whether there is a way to the cloud; it is answered with the service's name."""

LOST: Final = "way.lost"
_Source = TypeVar("_Source")
OpenCloud = Callable[[], AbstractAsyncContextManager[Cloud]]


def recorded_way(open_cloud: OpenCloud, recorder: Recorder) -> OpenCloud:
    """Return the same way, put on record: that it opens or not, what it brings, how it is lost."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Cloud]:
        way = open_cloud()
        cloud = await recorder.asked(OPEN, {}, lambda: _entered(way), lambda one: one.name)
        try:
            yield recorded_cloud(cloud, recorder)
        finally:
            await way.__aexit__(None, None, None)

    return opened


async def _entered(way: AbstractAsyncContextManager[Cloud]) -> Cloud:
    return await way.__aenter__()


def recorded_cloud(cloud: Cloud, recorder: Recorder) -> Cloud:
    """Return the same cloud with each source's answers put on record, but not who we are to it."""

    def each(name: str, source: _Source | None) -> _Source | None:
        return None if source is None else recorder.wrapped(name, source)

    async def lost() -> None:
        try:
            await cloud.lost()
        except SourceError as error:
            recorder.note({"call": LOST, "with": {}, "error": error_line(error)})
            raise

    def caller(
        facts: Callable[[], Awaitable[ServiceFacts]], identity: IdentitySource
    ) -> TracedMaker:
        return RecordedMaker(recorder, cloud.caller(facts, identity))

    return replace(
        cloud,
        services=recorder.wrapped("services", cloud.services),
        logs=recorder.wrapped("logs", cloud.logs),
        lost=lost,
        metrics=each("metrics", cloud.metrics),
        storage=each("storage", cloud.storage),
        prices=each("prices", cloud.prices),
        registry=each("registry", cloud.registry),
        meters=each("meters", cloud.meters),
        caller=caller,
    )


class RecordedMaker:
    """Whoever makes pictures, put on record without them."""

    def __init__(self, recorder: Recorder, maker: TracedMaker) -> None:
        self._recorder = recorder
        self._maker = maker

    def generate(
        self, request: GenerationRequest, trace: str = ""
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        """Yield the progress of one picture; raises `SourceError`."""
        events = self._maker.generate(request, trace)
        asked = {"request": request, "trace": trace}
        return self._recorder.streamed(GENERATE, asked, events, picture_line)
