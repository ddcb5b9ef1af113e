"""The doctor on screen: what its keys do, and that nobody has to wait for it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cloud_scenes import NOW
from console_scenes import QuietSession, opened, scene, settled, text_of
from doctor_scenes import CLOUD, LONG, NASTY, ScriptedDoctor, findings
from in_languages import in_every_language
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.config import Config
from console.looks.theme import ANSI
from console.model.doctor.checks import Check
from console.model.doctor.finding import Finding, Mend, State
from console.screens.base import Surroundings
from console.screens.modals.doctor import DoctorScreen
from console.screens.overview import OverviewScreen
from console.widgets.doctor.finding_list import FindingList
from console.widgets.doctor.finding_rows import key_of

WRONG = findings("wrong")[1]


@asynccontextmanager
async def examined(
    doctor: ScriptedDoctor, *keys: str, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    """A console whose doctor was called, which may still be at work."""
    asked = {"context": CLOUD, "examine": doctor, "clock": lambda: NOW}
    async with opened(scene("ready"), size, restarts=False, **asked) as (app, pilot):
        await pilot.press("D", *keys)
        await pilot.pause()
        yield app, pilot


def chosen(app: ConsoleApp) -> str:
    entry = app.screen.query_one(FindingList).chosen
    assert entry is not None
    return key_of(entry)


def lasting(known: Sequence[Finding]) -> ScriptedDoctor:
    """A doctor who goes on until nobody wants to know any more."""
    return ScriptedDoctor(known, asyncio.Event())


async def test_the_command_of_the_chosen_thing_is_given_to_the_terminal() -> None:
    async with examined(ScriptedDoctor(WRONG), "down") as (app, pilot):
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard == LONG
        assert "the command: given to the terminal to copy" in text_of(app)


async def test_one_of_several_commands_is_chosen_by_its_number() -> None:
    async with examined(ScriptedDoctor(WRONG), "j", "j", "j") as (app, pilot):
        await pilot.press("2")
        assert app.clipboard == (
            "docker builder prune --force --filter id=ym69rgx3jodxzj96n5fxtihtg"
        )
        await pilot.press("y")
        assert app.clipboard == "docker image rm 0123456789ab"
        await pilot.press("3")
        await pilot.pause()
        assert "no command 3" in text_of(app)


async def test_where_there_is_no_command_that_is_said() -> None:
    async with examined(ScriptedDoctor(WRONG), "down", "down", "y") as (app, pilot):
        await pilot.pause()
        assert app.clipboard == ""
        assert "there is no command to copy" in text_of(app)


async def test_what_is_copied_is_what_was_shown() -> None:
    evil = Finding(Check.NETWORK, State.WRONG, "x", (Mend(f"gcloud {NASTY}"),))
    async with examined(ScriptedDoctor([evil])) as (app, pilot):
        shown = ""
        while "tab␊newline" not in shown:
            await pilot.pause(0.02)
            shown = " ".join(text_of(app).split("│"))
        # What is said of copying stands over the panel.
        await pilot.press("y")
        assert app.clipboard.isprintable()
        assert app.clipboard in shown


async def test_findings_come_as_they_are_known_and_the_worst_is_chosen() -> None:
    async with examined(lasting(WRONG[:9])) as (app, _):
        assert "Doctor: 2 wrong, 7 ok, 10 under way" in text_of(app)
        assert chosen(app) == "billing"


async def test_the_cursor_stays_with_what_somebody_chose() -> None:
    told: list[Callable[[Finding], None]] = []

    async def examine(_: str, tell: Callable[[Finding], None]) -> None:
        told.append(tell)
        await asyncio.Event().wait()

    async with opened(scene("ready"), context=CLOUD, examine=examine) as (app, pilot):
        await pilot.press("D", "down")
        assert chosen(app) == "clock"
        for each in WRONG:
            told[0](each)
        await pilot.pause()
        assert chosen(app) == "clock"
        assert "✓ ok  clock" in text_of(app)
        await pilot.press("home", "up", "r", "home")
        assert chosen(app) == "network"


async def test_r_examines_again_in_place_of_what_is_under_way() -> None:
    doctor = lasting(WRONG[:3])
    async with examined(doctor, "r") as (app, pilot):
        await pilot.pause()
        assert (len(doctor.contexts), doctor.cancelled) == (2, 1)
        assert "3 ok, 16 under way" in text_of(app)


@pytest.mark.parametrize("key", ["escape", "q", "D"])
async def test_leaving_ends_what_is_under_way(key: str) -> None:
    doctor = lasting(WRONG[:3])
    async with examined(doctor, key) as (app, pilot):
        await settled(app, pilot)
        assert isinstance(app.screen, OverviewScreen)
        assert doctor.cancelled == 1
        await pilot.press("D")
        await pilot.pause()
        assert "16 under way" in text_of(app)


async def test_what_is_told_after_leaving_hurts_nobody() -> None:
    told: list[Callable[[Finding], None]] = []

    async def stubborn(_: str, tell: Callable[[Finding], None]) -> None:
        told.append(tell)
        try:
            await asyncio.Event().wait()
        finally:
            tell(WRONG[0])

    async with opened(scene("ready"), context=CLOUD, examine=stubborn) as (app, pilot):
        await pilot.press("D", "escape")
        await settled(app, pilot)
        told[0](WRONG[1])
        await pilot.press("D", "r")
        await pilot.pause()
        assert "Doctor: 19 under way" in text_of(app)


async def test_the_console_is_left_while_things_are_examined() -> None:
    doctor = lasting(WRONG[:3])
    async with examined(doctor, "ctrl+q") as (app, pilot):
        await pilot.pause()
        assert app.return_value == 0
    assert doctor.cancelled == 1


async def test_a_doctor_that_breaks_down_says_so_and_what_was_found_stays() -> None:
    doctor = ScriptedDoctor(WRONG[:3], error=RuntimeError("[/bad] \x1b[31mfell over"))
    async with examined(doctor) as (app, _):
        assert "✗ the doctor broke down: [/bad] fell over" in text_of(app)
        assert "Doctor: 3 ok" in text_of(app)


async def test_where_nobody_is_to_be_asked_that_is_said() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("D")
        await settled(app, pilot)
        assert "use: zimage-console doctor" in text_of(app)


async def test_it_is_reached_from_every_screen_and_while_typing_it_is_a_letter() -> None:
    asked = {"context": CLOUD, "examine": ScriptedDoctor(WRONG)}
    async with opened(scene("ready"), **asked) as (app, pilot):
        for key in ("f1", "f2", "f3", "f4"):
            await pilot.press(key)
            await pilot.pause()
            await pilot.press("D")
            await pilot.pause()
            assert isinstance(app.screen, DoctorScreen), key
            await pilot.press("escape")
        await pilot.press("f5", "D")
        assert app.screen.query_one("#prompt", Input).value == "D"


async def test_the_palette_leads_to_it() -> None:
    doctor = ScriptedDoctor(WRONG)
    async with opened(scene("ready"), context=CLOUD, examine=doctor) as (app, pilot):
        await pilot.press("colon")
        app.screen.query_one(Input).value = "doctor"
        await settled(app, pilot)
        await pilot.press("enter")
        await settled(app, pilot)
        assert isinstance(app.screen, DoctorScreen)
        assert doctor.contexts == [CLOUD]


async def test_without_colours_the_chosen_row_is_seen() -> None:
    app = ConsoleApp(
        Surroundings(scene("ready"), lambda: 100.0, examine=ScriptedDoctor(WRONG), colour=False),
        lambda one: QuietSession(one, Config()),
        theme=ANSI.name,
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("D", "down")
        await settled(app, pilot)
        rows = app.screen.query_one(FindingList)
        grounds = [
            {segment.style.bgcolor for segment in rows.render_line(y) if segment.style}
            for y in range(3)
        ]
        assert grounds[0] == grounds[2] != grounds[1]
        await app.end_session()


def test_the_screen_imports_nothing_of_google_s() -> None:
    program = (
        "import sys\nimport console.screens.modals.doctor, console.startup.launch\n"
        "print(sorted({each.partition('.')[0] for each in sys.modules} & {'google', 'grpc'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == "[]\n"


async def test_copying_the_whole_report_is_told() -> None:
    async with examined(ScriptedDoctor(WRONG), "Y") as (app, pilot):
        await pilot.pause()
        assert "the whole report: given to the terminal to copy" in text_of(app)


@in_every_language
async def test_the_whole_report_is_copied_as_text(
    language: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with examined(ScriptedDoctor(findings("wrong")[1]), "Y") as (app, pilot):
        await pilot.pause()
        matches_golden("doctor-copied", f"{app.clipboard}\n")


async def test_what_is_copied_of_an_unfinished_report_says_what_is_under_way() -> None:
    async with examined(lasting(WRONG[:9]), "Y") as (app, _):
        first, *_, last = app.clipboard.splitlines()
        assert first == f"{CLOUD}: 2 wrong, 7 ok, 10 under way"
        assert last.startswith("still under way: may store models, quotas, ")


async def test_the_copied_report_has_nothing_in_it_that_a_terminal_would_carry_out() -> None:
    evil = Finding(Check.NETWORK, State.WRONG, NASTY, (Mend(f"gcloud {NASTY}\nrm -rf /", NASTY),))
    async with examined(ScriptedDoctor([evil]), "Y") as (app, _):
        lines = app.clipboard.split("\n")
        assert all(line.isprintable() for line in lines)
        assert not [line for line in lines if line.startswith("rm")]
