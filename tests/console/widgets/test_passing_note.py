"""Lines that go by themselves, and what is made of one that has run out meanwhile."""

from __future__ import annotations

import subprocess
import sys
from time import time

import pytest

from console.widgets.passing_note import PassingNote

SHOWS_ONE_THAT_HAS_RUN_OUT = """
import asyncio
from time import time
from textual.app import App
from textual.widgets._toast import Toast
from console.widgets.passing_note import PassingNote

app = App()

async def main():
    async with app.run_test() as pilot:
        await app.mount(Toast(PassingNote("gone", timeout=5, raised_at=time() - 5.0001)))
        while app.query(Toast):
            await pilot.pause(0.01)
        print("went by itself")

asyncio.run(main())
"""


@pytest.mark.parametrize(("age", "over"), [(0.0, False), (4.0, False), (5.1, True), (9e9, True)])
def test_there_is_always_a_moment_left_and_it_ends_in_time(age: float, over: bool) -> None:
    note = PassingNote("a line", timeout=5, raised_at=time() - age)
    assert note.has_expired is over
    assert 0 < note.time_left <= 5


def test_one_that_runs_out_while_it_is_put_up_goes_and_nothing_stands_still(
    environment: dict[str, str],
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOWS_ONE_THAT_HAS_RUN_OUT],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert done.stdout == "went by itself\n", done.stderr
