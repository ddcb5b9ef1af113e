from __future__ import annotations

import asyncio

import pytest

from console.model.text import SafeText
from console.session.polling import Pace, poll
from console.sources.base import Denied, Offline, SourceError, Throttled

LONG = 3_600.0


async def waits(*errors: SourceError, every: float = 5.0) -> list[float]:
    """How long is waited after each of these failures in a row."""
    left, waited, over = list(errors), [], asyncio.Event()
    pace = Pace()

    async def ask() -> None:
        if not left:
            over.set()
            await asyncio.Event().wait()
        raise left.pop(0)

    def failed(_: SourceError, __: int, seconds: float) -> None:
        waited.append(seconds)
        asyncio.get_running_loop().call_soon(pace.hurry)

    polling = asyncio.create_task(
        poll(ask, print, failed, pace=pace, every=lambda: every, jitter=lambda: 0.5)
    )
    await over.wait()
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    return waited


async def test_what_does_not_answer_is_asked_less_and_less_often_but_never_seldom() -> None:
    assert await waits(*[Offline(SafeText("gone"))] * 4) == [5.0, 10.0, 15.0, 15.0]


async def test_who_asked_too_much_waits_as_long_as_is_said() -> None:
    said = Throttled(SafeText("too much"), 90.0)
    assert await waits(said, *[Throttled(SafeText("too much"))] * 4) == [90, 10, 20, 40, 60]


async def test_a_denial_is_asked_about_often_enough_to_see_it_mended() -> None:
    assert await waits(*[Denied(SafeText("no"))] * 3, every=60.0) == [15.0] * 3


async def test_a_rest_is_ended_by_hurry() -> None:
    pace = Pace()
    resting = asyncio.create_task(pace.rest(LONG))
    await asyncio.sleep(0)
    pace.hurry()
    await resting


async def test_a_pause_outlasts_the_rest_and_hurry_ends_it_once() -> None:
    pace = Pace()
    pace.pause()
    resting = asyncio.create_task(pace.rest(0.0))
    done, _ = await asyncio.wait({resting}, timeout=0.01)
    assert not done
    pace.hurry()
    await resting
    assert pace.paused


@pytest.mark.parametrize("paused", [False, True])
async def test_resuming_asks_at_once(paused: bool) -> None:
    pace = Pace()
    if paused:
        pace.pause()
    resting = asyncio.create_task(pace.rest(LONG))
    await asyncio.sleep(0)
    pace.resume()
    await resting
    assert not pace.paused
