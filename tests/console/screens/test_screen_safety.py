from __future__ import annotations

import re
from dataclasses import replace

import pytest
from console_scenes import made, opened, scene, settled, text_of, write

from console.model.images import Run, RunState
from console.model.log.lines import Severity
from console.model.service import ServiceState
from console.store import Store
from console.terminal.sanitise import sanitise
from engine.schema import GenerationRequest

NASTY = "\x1b]52;c;aGk=\x07\x9b31m[/bad][@click=app.quit]\u202egpj.exe[link='a\x00\x7f\ttab"
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def poisoned() -> Store:
    """A store in which every text from outside is hostile, as the boundary lets it through."""
    store = scene("done")
    text = sanitise(NASTY)
    store.set_service(
        replace(store.service, state=ServiceState.FAILED, model=text, problem=text, url=text)
    )
    store.add_log(made().made_at, Severity.ERROR, text, text, {NASTY: [NASTY]})
    store.add_picture(made(prompt=NASTY))
    store.put_run(Run(9, GenerationRequest(NASTY), RunState.FAILED, problem=text))
    return store


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 16), (40, 8)])
async def test_no_screen_lets_a_control_character_or_markup_through(size: tuple[int, int]) -> None:
    async with opened(poisoned(), size) as (app, pilot):
        for keys in (("f1",), ("f5",), ("f3",), ("f3", "up", "enter")):
            await pilot.press(*keys)
            await settled(app, pilot)
            assert not CONTROL.search(text_of(app))
        assert app.is_running


async def test_what_flashes_is_not_markup_either() -> None:
    async with opened(scene("ready")) as (app, pilot):
        app.flash(NASTY)
        await settled(app, pilot)
        assert "[/bad]" in text_of(app)
        assert not CONTROL.search(text_of(app))


async def test_square_brackets_in_a_prompt_are_text() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("5")
        write(app, "[red]cat")
        await pilot.press("enter")
        await settled(app, pilot)
        assert "[red]cat" in text_of(app)
