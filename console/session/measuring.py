"""Measures a cold start on purpose: waits for zero, asks for one small picture, and times that.

The request has a trace of its own, by which its line in the log, and with it the instance that was
started for it, is found again.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from console.language import tr, tr_many
from console.model.images import Preview
from console.model.service import ServiceSnapshot, ServiceState
from console.model.starts.measurement import (
    Measured,
    explained,
    explained_here,
    refused,
    request_of,
)
from console.model.starts.start import ColdStart
from console.sources.base import EngineFailed
from console.store import Store
from console.terminal.sanitise import sanitise
from engine.schema import Encoded, GenerationRequest, Size

if TYPE_CHECKING:
    from console.sources.engine_http import Finished, Progress

PICTURE: Final = GenerationRequest(
    "a red circle on a white background", size=Size(64, 64), steps=1, seed=1
)
"""The smallest picture there is: what is measured is the start."""

TOLD_SECONDS: Final = 60.0
"""How long the log may take to tell of the start; the line of a request comes after its answer."""

Say = Callable[[str], None]
"""Hears what is being done, one line at a time."""


class TracedMaker(Protocol):
    """Whoever makes a picture under a trace, such as `service_caller.ServiceCaller`."""

    def generate(
        self, request: GenerationRequest, trace: str = ""
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        """Yield the progress of one picture and last of all `Finished`; raises `SourceError`."""
        ...


async def measured(
    store: Store,
    maker: TracedMaker,
    say: Say,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    new_trace: Callable[[], str] = lambda: secrets.token_hex(16),
    told_seconds: float = TOLD_SECONDS,
) -> Measured:
    """Wake the service that `store` tells of, and return how long that took on both sides.

    Raises `SourceError` if it cannot be measured, or the picture fails. Cancel it at any time.
    """
    await _until_zero(store, say)
    trace = new_trace()
    say(tr("asking for one small picture; the start is going on"))
    outside = await _timed(maker, trace, say, monotonic)
    say(tr("the picture is here; waiting for the log to tell of the start"))
    start = await _told(store, trace, told_seconds)
    return Measured(outside, start, explained(outside, start, trace))


class Closing(TracedMaker, Protocol):
    """A maker that is closed after use."""

    async def aclose(self) -> None:
        """Close its connections."""
        ...


async def measured_here(
    store: Store,
    restart: Callable[[], Awaitable[None]],
    maker: Callable[[], Awaitable[Closing]],
    say: Say,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    told_seconds: float = TOLD_SECONDS,
) -> Measured:
    """Start the engine on this machine again, and return how long its first picture took.

    `maker` returns a client of the engine that runs at that moment. Raises `SourceError`.
    """
    before, began = store.service.pid, monotonic()
    known = {each.process for each in store.starts.starts}
    say(tr("ending the engine and starting it again"))
    await restart()
    await changed_until(store, lambda: _runs_anew(store.service, before))
    client = await maker()
    try:
        say(tr("asking for one small picture"))
        await _timed(client, "", say, monotonic)
    finally:
        await client.aclose()
    outside = monotonic() - began
    start = await _new(store, known, told_seconds)
    return Measured(outside, start, explained_here(outside, start))


def _runs_anew(service: ServiceSnapshot, before: int | None) -> bool:
    """Say whether another engine than that of the process `before` is ready."""
    if service.pid == before:
        return False
    if service.state is ServiceState.FAILED:
        raise EngineFailed(service.problem or sanitise(tr("the engine did not start")))
    return service.state is ServiceState.READY


async def _new(store: Store, known: set[datetime], seconds: float) -> ColdStart | None:
    """Wait until a start is known that was not before; None if none is in time."""

    def found() -> ColdStart | None:
        return next((each for each in store.starts.starts if each.process not in known), None)

    try:
        async with asyncio.timeout(seconds):
            await changed_until(store, lambda: found() is not None)
    except TimeoutError:
        return None
    return found()


async def _until_zero(store: Store, say: Say) -> None:
    """Wait until no instance is awake, for as long as that takes."""

    def at_zero() -> bool:
        _check(store.service)
        return store.service.state is ServiceState.AT_ZERO

    if not at_zero():
        awake = store.service.instances or 1
        say(
            tr_many(
                "waiting until the instance that is awake has gone",
                "waiting until {count} awake has gone",
                awake,
            )
        )
        await changed_until(store, at_zero)


async def _timed(maker: TracedMaker, trace: str, say: Say, monotonic: Callable[[], float]) -> float:
    began = monotonic()
    async with aclosing(maker.generate(PICTURE, trace)) as events:
        async for event in events:
            if isinstance(event, Encoded):
                say(tr("the engine is awake and at work"))
    return monotonic() - began


async def _told(store: Store, trace: str, seconds: float) -> ColdStart | None:
    """Wait until the log has told of the request with this trace; None if it does not in time."""

    def of_it() -> ColdStart | None:
        return next((each for each in store.starts.starts if request_of(each, trace)), None)

    try:
        async with asyncio.timeout(seconds):
            await changed_until(store, lambda: of_it() is not None)
    except TimeoutError:
        return None
    return of_it()


def _check(service: ServiceSnapshot) -> None:
    why = refused(service)
    if why is not None:
        raise EngineFailed(sanitise(why))


async def changed_until(store: Store, true: Callable[[], bool]) -> None:
    """Wait until what the store knows makes `true` so."""
    changed = asyncio.Event()
    unsubscribe = store.subscribe(lambda _: changed.set())
    try:
        while not true():
            changed.clear()
            await changed.wait()
    finally:
        unsubscribe()
