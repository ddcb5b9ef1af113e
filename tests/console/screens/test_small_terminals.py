from __future__ import annotations

from collections.abc import Callable

import pytest
from console_scenes import opened, scene, settled, text_of
from in_languages import in_every_language


@in_every_language
async def test_sixty_by_sixteen_keeps_state_log_and_prompt(
    language: str,
    matches_golden: Callable[[str, str], None],
) -> None:
    async with opened(scene("starting"), (60, 16)) as (app, pilot):
        for key, name in (("f1", "overview"), ("f3", "logs"), ("f5", "generate")):
            await pilot.press(key)
            await settled(app, pilot)
            matches_golden(f"{name}-starting-60x16", text_of(app))


@pytest.mark.parametrize("size", [(59, 24), (80, 15), (20, 5), (1, 1)])
async def test_below_that_there_is_one_plain_line(size: tuple[int, int]) -> None:
    async with opened(scene("ready"), size) as (app, pilot):
        await settled(app, pilot)
        first, *rest = text_of(app).splitlines()
        line = "● READY  enlarge the terminal, or use: zimage-console status"
        assert line.startswith(first)
        assert not any(rest)


async def test_growing_again_brings_everything_back() -> None:
    async with opened(scene("ready"), (40, 10)) as (app, pilot):
        await pilot.resize_terminal(80, 24)
        await settled(app, pilot)
        assert "╭─ Service" in text_of(app)


async def test_a_storm_of_sizes_ends_well() -> None:
    async with opened(scene("done"), (80, 24), on="generate") as (app, pilot):
        for step in range(10):
            await pilot.resize_terminal(10 + 20 * step, 3 + 6 * step)
        await pilot.resize_terminal(80, 24)
        await settled(app, pilot)
        assert "seed 42" in text_of(app)
