"""A recording that is kept, replayed by a clock that stands still: the same screens every time.

`first_picture.jsonl.gz` is of a sandbox: a prompt wakes a service at zero, and a picture is made.
Until 1.9 s it is at zero, then an instance starts, and at 7.6 s all is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from console_scenes import QuietSession, settled, text_of
from in_languages import in_every_language

from console.app import ConsoleApp
from console.config import Config
from console.language import tr
from console.model.images import Run, RunState
from console.model.log.lines import Origin
from console.model.service import ServiceState
from console.recording.clock import ReplayClock
from console.recording.reader import Recording, read
from console.recording.replayer import Replayer
from console.recording.sessions import replayed_session
from console.screens.base import Surroundings
from console.store import Store

KEPT = Path(__file__).parent.parent / "recording" / "first_picture.jsonl.gz"
QUICKLY = 1_000.0
QUIET_SECONDS = 0.4
PATIENCE = 60.0


class StandingClock(ReplayClock):
    """A replay's clock that stands still until it is set."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(
            recording.header.recorded_at, recording.seconds, QUICKLY, lambda: self.set_to / QUICKLY
        )
        self._began = 0.0
        self.set_to = 0.0
        self._moved = asyncio.Event()

    def go_to(self, seconds: float) -> None:
        """Set the clock."""
        self.set_to = seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def until(self, at: float) -> None:
        while self.at < at:
            await self._moved.wait()


@dataclass
class Replayed:
    """A replay at a moment, and what is known then."""

    store: Store
    clock: StandingClock

    async def at(self, seconds: float, reached: Callable[[Store], bool]) -> None:
        """Go to a moment, and wait until all is known then and nothing changes any more."""
        self.clock.go_to(seconds)
        news = asyncio.Event()
        self.store.subscribe(lambda topic: news.set())
        async with asyncio.timeout(PATIENCE):
            while True:
                news.clear()
                try:
                    async with asyncio.timeout(QUIET_SECONDS):
                        await news.wait()
                except TimeoutError:
                    if reached(self.store):
                        return


@asynccontextmanager
async def replayed(config: Config) -> AsyncIterator[Replayed]:
    recording = read(KEPT)
    assert recording.damage is None
    clock, store = StandingClock(recording), Store()
    session = replayed_session(store, config, Replayer(recording, clock))
    running = asyncio.create_task(session.run())
    try:
        yield Replayed(store, clock)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def heard(lines: int) -> Callable[[Store], bool]:
    """Whether so many lines came that the console did not write itself."""
    return lambda store: (
        sum(each.provenance.origin is not Origin.CONSOLE for each in store.logs) >= lines
    )


def ended(run: Run) -> bool:
    return run.state is RunState.DONE


def started(store: Store) -> bool:
    """Whether all is known of the start, and that the recording is over."""
    told = {each.message for each in store.logs}
    over = tr("the recording ends here; nothing changes any more") in told
    return over and any(each.ended for each in store.starts.starts)


MOMENTS: dict[str, tuple[float, Callable[[Store], bool]]] = {
    "at-zero": (1.93, lambda store: store.service.state is ServiceState.AT_ZERO),
    "asked": (1.94, lambda store: bool(store.runs)),
    "starting": (3.5, heard(1)),
    "over": (8.0, lambda store: all((*map(ended, store.runs), heard(10)(store), started(store)))),
}
SCREENS = {"overview": "f1", "coldstarts": "f2", "logs": "f3", "generate": "f5"}


async def shown(replay: Replayed) -> dict[str, str]:
    """Return the text of the screens as they are now."""
    texts = {}
    app = ConsoleApp(
        Surroundings(
            replay.store,
            replay.clock.elapsed,
            restarts=False,
            live=False,
            clock=replay.clock.now,
        ),
        lambda store: QuietSession(store, Config()),
        repaint_interval=0.0,
    )
    async with app.run_test(size=(120, 36)) as pilot:
        for name, key in SCREENS.items():
            await pilot.press(key)
            await settled(app, pilot)
            texts[name] = text_of(app)
        await app.end_session()
    return texts


@in_every_language
async def test_a_recording_that_is_kept_shows_the_same_screens_every_time(
    config: Config, matches_golden: Callable[[str, str], None], language: str
) -> None:
    async with replayed(config) as replay:
        for moment, (seconds, reached) in MOMENTS.items():
            await replay.at(seconds, reached)
            for name, text in (await shown(replay)).items():
                matches_golden(f"replay-{moment}-{name}-120x36", text)
