from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from textual.app import App
from textual.pilot import Pilot

from console.model.starts.measurement import Measured, MeasurePlan
from console.screens.modals.measure import MeasureScreen
from console.sources.base import Offline
from console.terminal.sanitise import sanitise

PLAN = MeasurePlan(
    "waits until no instance is awake, then asks for one small picture",
    None,
    "about $0.03, an estimate",
    31.4,
    at_zero=True,
)
SEEN = Measured(
    32.1, None, ("32.1 s from sending the request", "31.6 s of them by Cloud Run's clock")
)


@dataclass
class Measurer:
    """Measures when the test lets it."""

    plan: MeasurePlan = PLAN
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    cancelled: bool = False
    fails: bool = False

    def measure_plan(self) -> MeasurePlan:
        return self.plan

    async def measure_start(self, say: Callable[[str], None]) -> Measured:
        self.begun += 1
        say("asking for one small picture \x1b[31m[/bad]")
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.fails:
            raise Offline(sanitise("there is no way to the cloud; look at the network"))
        return SEEN


async def opened(pilot: Pilot[None], measurer: Measurer) -> list[Measured | None]:
    results: list[Measured | None] = []
    pilot.app.push_screen(MeasureScreen(measurer, lambda: 5.0), results.append)
    await pilot.pause()
    return results


def said(pilot: Pilot[None]) -> str:
    screen = pilot.app.screen
    assert isinstance(screen, MeasureScreen)
    return str(screen.text.content)


async def settled(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_price_and_extent_are_said_before_anything_is_done() -> None:
    measurer = Measurer()
    async with App[None]().run_test() as pilot:
        results = await opened(pilot, measurer)
        assert "about $0.03, an estimate" in said(pilot)
        assert "about 31 s" in said(pilot)
        assert "at zero, so it begins at once" in said(pilot)
        await pilot.press("enter")
        assert (measurer.begun, results) == (0, [None])


async def test_yes_measures_once_and_tells_the_outside_and_the_inside() -> None:
    measurer = Measurer()
    async with App[None]().run_test() as pilot:
        results = await opened(pilot, measurer)
        await pilot.press("y", "y")
        assert "asking for one small picture" in said(pilot)
        assert "\x1b" not in said(pilot)
        measurer.go_on.set()
        await settled(pilot)
        assert "✓ 32.1 s from sending the request\n  31.6 s of them" in said(pilot)
        await pilot.press("y", "escape")
        assert (measurer.begun, results) == (1, [SEEN])


async def test_leaving_stops_what_goes_on() -> None:
    measurer = Measurer()
    async with App[None]().run_test() as pilot:
        results = await opened(pilot, measurer)
        await pilot.press("y", "escape")
        await settled(pilot)
        assert (measurer.cancelled, results) == (True, [None])


async def test_what_went_wrong_is_said_and_can_be_left() -> None:
    measurer = Measurer(fails=True)
    async with App[None]().run_test() as pilot:
        results = await opened(pilot, measurer)
        measurer.go_on.set()
        await pilot.press("y")
        await settled(pilot)
        assert "✗ not measured: there is no way to the cloud" in said(pilot)
        await pilot.press("escape")
        assert results == [None]


@pytest.mark.parametrize("key", ["y", "enter"])
async def test_what_cannot_be_measured_is_refused_with_the_reason(key: str) -> None:
    measurer = Measurer(replace(PLAN, refused="it keeps 1 awake (minimum instances)"))
    async with App[None]().run_test() as pilot:
        await opened(pilot, measurer)
        assert "✗ cannot be measured: it keeps 1 awake (minimum instances)" in said(pilot)
        await pilot.press(key)
        assert measurer.begun == 0


@pytest.mark.parametrize(
    ("at_zero", "words"), [(False, "has to go to zero first"), (None, "nobody knows")]
)
async def test_it_says_what_has_to_happen_first(at_zero: bool | None, words: str) -> None:
    async with App[None]().run_test() as pilot:
        await opened(pilot, Measurer(replace(PLAN, at_zero=at_zero, expected_seconds=None)))
        assert words in said(pilot)
        assert "not known yet" in said(pilot)
