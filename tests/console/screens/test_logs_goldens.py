from __future__ import annotations

from collections.abc import Callable

import pytest
from cloud_scenes import NOW
from console_scenes import opened, settled, text_of, write
from in_languages import in_every_language
from log_scenes import LOG_SNAPSHOTS, hostile, log_scene

from console.store import Store

SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
SHOWN = {
    "filtered": ("v", "v", "i"),
    "nothing": ("v", "v", "v", "s"),
    "detail": ("home", *["down"] * 5, "enter"),
    "marked": ("m", "up", "up", "m", "up", "up", "M"),
    "paused": ("up", "up", "t", "t"),
}


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", LOG_SNAPSHOTS)
async def test_the_log_of_a_service_on_google_cloud_in_every_state(
    name: str, size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    await look(log_scene(name), size, (), f"logs-cloud-{name}-{size}", matches_golden)


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SHOWN)
async def test_what_is_made_of_it_by_keys(
    name: str, size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    store = log_scene("following")
    await look(store, size, SHOWN[name], f"logs-cloud-{name}-{size}", matches_golden)


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "keys"), [("hostile", ()), ("hostile-detail", ("enter",))])
async def test_hostile_lines_are_harmless_text(
    name: str,
    keys: tuple[str, ...],
    size: str,
    matches_golden: Callable[[str, str], None],
    language: str,
) -> None:
    await look(hostile(), size, keys, f"logs-cloud-{name}-{size}", matches_golden)


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_a_filter_that_cannot_be_read_says_so_and_changes_nothing(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    async with opened(
        log_scene("following"), SIZES[size], restarts=False, clock=now, on="logs"
    ) as (app, pilot):
        await pilot.press("v", "v", "ampersand")
        write(app, "severity>=WARNING ~(out", "find-text")
        await settled(app, pilot)
        matches_golden(f"logs-cloud-unreadable-{size}", text_of(app))


async def look(
    store: Store,
    size: str,
    keys: tuple[str, ...],
    name: str,
    matches_golden: Callable[[str, str], None],
) -> None:
    async with opened(store, SIZES[size], restarts=False, clock=now, on="logs") as (app, pilot):
        await pilot.press(*keys)
        await settled(app, pilot)
        matches_golden(name, text_of(app))


def now() -> object:
    return NOW
