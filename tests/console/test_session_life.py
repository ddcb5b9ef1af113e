from __future__ import annotations

import asyncio

from console_scenes import QuietSession

from console.config import Config
from console.contexts.session_life import SessionLife
from console.store import Store


class Slow(QuietSession):
    """A session that ends when it is let."""

    def __init__(self, broken: Exception | None = None) -> None:
        super().__init__(Store(), Config())
        self.let_end = asyncio.Event()
        self.closed = 0
        self._broken = broken

    async def run(self) -> None:
        if self._broken is not None:
            raise self._broken
        try:
            await super().run()
        finally:
            await self.let_end.wait()

    async def close(self) -> None:
        self.closed += 1


def life(heard: list[BaseException] | None = None) -> SessionLife:
    return SessionLife([].append if heard is None else heard.append)


async def test_two_who_end_a_session_at_once_both_wait_for_its_end() -> None:
    session, present = Slow(), life()
    present.begin(session)
    await asyncio.sleep(0)
    both = asyncio.gather(present.end(), present.end())
    await asyncio.sleep(0)
    assert not both.done()
    session.let_end.set()
    await both
    assert session.closed == 1
    assert present.session is None


async def test_a_session_ends_although_whoever_ended_it_went_away() -> None:
    session, present = Slow(), life()
    present.begin(session)
    await asyncio.sleep(0)
    impatient = asyncio.create_task(present.end())
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    session.let_end.set()
    await present.end()
    assert session.closed == 1


async def test_after_one_session_has_ended_another_can_begin() -> None:
    first, second, present = Slow(), Slow(), life()
    for session in (first, second):
        present.begin(session)
        assert present.session is session
        session.let_end.set()
        await present.end()
    assert (first.closed, second.closed) == (1, 1)


async def test_a_session_that_breaks_down_is_heard_of() -> None:
    heard: list[BaseException] = []
    broken = RuntimeError("out of luck")
    present = life(heard)
    present.begin(Slow(broken))
    for _ in range(3):
        await asyncio.sleep(0)
    assert heard == [broken]
    await present.end()


async def test_ending_nothing_is_nothing() -> None:
    await life().end()
