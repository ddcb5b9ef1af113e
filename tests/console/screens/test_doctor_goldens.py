"""What the doctor shows at every moment, character by character."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from cloud_scenes import NOW
from console_places import ScriptedPlaces
from console_scenes import opened, scene, text_of
from doctor_scenes import EXAMINATIONS, ScriptedDoctor, findings
from in_languages import in_every_language
from rich.cells import split_text
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.config import Config
from console.screens.base import Surroundings
from console.screens.modals.doctor import DoctorScreen
from console.store import Store
from console.widgets.laid_text import Laid

DOCS = Path(__file__).parents[3] / "docs"
GOLDENS = Path(__file__).parent.parent / "goldens"
PAGES = {"doctor.md": GOLDENS, "doctor.zh.md": GOLDENS / "zh"}
SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
SMALL = (60, 16)


async def painted(pilot: Pilot[int]) -> None:
    for _ in range(4):
        await pilot.pause()
    # How much room the text of a finding takes is known a moment after it is.
    for _ in range(100):
        found = pilot.app.screen.query("#finding").results(Laid)
        if all(each.size.height == len(each._rows) for each in found):
            return
        await pilot.pause(0.02)


def panel_of(app: ConsoleApp) -> str:
    """The characters of the panel alone, without the screen under it."""
    region = app.screen.query_one(".panel").region
    rows = text_of(app).splitlines()[region.y : region.bottom]
    cut = (split_text(split_text(row, region.right)[0], region.x)[1] for row in rows)
    return "\n".join(row.rstrip() for row in cut) + "\n"


async def shown(name: str, size: tuple[int, int], *keys: str, known: int | None = None) -> str:
    """Return the panel once `known` findings have arrived (all unless given) and keys pressed."""
    context, found = findings(name)
    doctor = (
        ScriptedDoctor(found, None)
        if known is None
        else ScriptedDoctor(found[:known], asyncio.Event())
    )
    surroundings = {"context": context, "examine": doctor, "clock": lambda: NOW}
    async with opened(scene("ready"), size, restarts=False, **surroundings) as (app, pilot):
        await pilot.press("D", *keys)
        await painted(pilot)
        assert isinstance(app.screen, DoctorScreen)
        return panel_of(app)


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", EXAMINATIONS)
async def test_what_was_found(
    name: str, size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    matches_golden(f"doctor-{name}-{size}", await shown(name, SIZES[size]))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("moment", "known"), [("asked", 0), ("examining", 9)])
async def test_while_things_are_examined(
    moment: str, known: int, size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    panel = await shown("wrong", SIZES[size], known=known)
    matches_golden(f"doctor-{moment}-{size}", panel)


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_several_mends_have_numbers(
    size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    matches_golden(f"doctor-mends-{size}", await shown("wrong", SIZES[size], "down", "j", "down"))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_what_does_not_matter_here_is_one_row(
    size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    matches_golden(f"doctor-left-out-{size}", await shown("local", SIZES[size], "end"))


@in_every_language
@pytest.mark.parametrize("name", ["wrong", "local"])
async def test_a_small_terminal_is_filled(
    name: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    matches_golden(f"doctor-{name}-60x16", await shown(name, SMALL))


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (1, 1)])
async def test_the_smallest_terminals_show_what_fits(size: tuple[int, int]) -> None:
    await shown("wrong", size, "down", "r")


async def test_the_first_run_leads_to_it(
    config: Config, matches_golden: Callable[[str, str], None]
) -> None:
    doctor = ScriptedDoctor(findings("local")[1])
    app = ConsoleApp(
        Surroundings(Store(), lambda: 100.0, context="", examine=doctor, clock=lambda: NOW),
        places=ScriptedPlaces(config),
        repaint_interval=0.0,
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("D")
        await painted(pilot)
        assert doctor.contexts == ["local"]
        assert panel_of(app) == await shown("local", (80, 24))
        await pilot.press("escape", "down", "enter")
        await painted(pilot)
        assert app.surroundings.context == "sandbox"
        await app.end_session()


@pytest.mark.parametrize(("page", "goldens"), PAGES.items())
def test_the_page_about_the_doctor_shows_what_the_screen_shows(page: str, goldens: Path) -> None:
    shown = (goldens / "doctor-wrong-80x24.txt").read_text(encoding="utf-8")
    assert f"```text\n{shown}```" in (DOCS / page).read_text(encoding="utf-8")
