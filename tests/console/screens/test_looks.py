"""What every screen looks like in each theme, and in ASCII."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from console_scenes import settled
from every_screen import VIEWS, viewed
from rich.color import ColorType
from rich.segment import Segment
from textual.color import Color
from textual.geometry import Region

from console.app import ConsoleApp
from console.looks.theme import ANSI, DARK, HIGH_CONTRAST, LIGHT, THEMES, after
from console.terminal.painting import ASCII_ONLY

LEAST = {DARK.name: 4.5, LIGHT.name: 4.5, HIGH_CONTRAST.name: 7.0}
"""The contrast that WCAG 2.2 asks of text: 1.4.3, and 1.4.6 where it is to be strong."""

_GRAPHIC = range(0x2500, 0x25A0)
"""Frames, bars and shades, which are no text."""


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in (part / 255 for part in colour.rgb)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_contrast_is_reckoned_as_wcag_does() -> None:
    black, white, grey = Color(0, 0, 0), Color(255, 255, 255), Color(118, 118, 118)
    assert contrast(black, white) == pytest.approx(21.0)
    assert contrast(white, grey) == pytest.approx(4.54, abs=0.01)


def painted(app: ConsoleApp) -> Iterator[tuple[int, int, Segment]]:
    """Go through the segments on screen, each with its column and row."""
    for row, strip in enumerate(app.screen._compositor.render_strips()):
        column = 0
        for segment in strip:
            yield column, row, segment
            column += segment.cell_length


def in_front(app: ConsoleApp) -> list[Region]:
    """The regions of what can be used: under a panel the screen is dimmed on purpose."""
    return [each.region for each in app.screen.children if each.display]


def texts(app: ConsoleApp) -> Iterator[tuple[Segment, Color, Color]]:
    """Go through the texts in front, each with its colour and that of its ground."""
    front = in_front(app)
    for column, row, segment in painted(app):
        style = segment.style
        words = "".join(one for one in segment.text if ord(one) not in _GRAPHIC).strip()
        if style is None or not words or not any((column, row) in region for region in front):
            continue
        assert style.color is not None, segment
        assert style.bgcolor is not None, segment
        colour, ground = (Color.from_rich_color(one) for one in (style.color, style.bgcolor))
        if style.reverse:
            colour, ground = ground, colour
        yield segment, colour.blend(ground, 0.5) if style.dim else colour, ground


@pytest.mark.parametrize("view", VIEWS)
async def test_every_text_can_be_read_in_every_theme(view: str) -> None:
    async with viewed(view) as (app, pilot):
        for theme, least in LEAST.items():
            app.theme = theme
            await settled(app, pilot)
            weak = {
                (segment.text.strip(), colour.hex, ground.hex, round(ratio, 2))
                for segment, colour, ground in texts(app)
                if (ratio := contrast(colour, ground)) < least
            }
            assert not weak, theme


@pytest.mark.parametrize("view", VIEWS)
async def test_the_theme_of_the_terminal_has_no_colours_of_its_own(view: str) -> None:
    looks = {"theme": ANSI.name}
    async with viewed(view, looks=looks, colour=False) as (app, _):
        used = {
            (colour.type, colour.name)
            for *_, segment in painted(app)
            if segment.style is not None
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None
        }
        assert {kind for kind, _ in used} <= {ColorType.DEFAULT, ColorType.STANDARD}, used


@pytest.mark.parametrize("view", VIEWS)
async def test_in_ascii_nothing_of_our_own_is_anything_else(view: str) -> None:
    async with viewed(view, colour=False) as (app, _):
        before = [segment for *_, segment in painted(app)]
    looks = {"filters": (ASCII_ONLY,)}
    async with viewed(view, looks=looks, colour=False) as (app, _):
        after_all = [segment for *_, segment in painted(app)]
    strange = {segment.text for segment in after_all if not segment.text.isascii()}
    assert {text for text in strange if not _DATA & set(text)} == set()
    assert [one.cell_length for one in before] == [one.cell_length for one in after_all]


_DATA = set("一个蓝色的三角形，背景是黄色")
"""The prompt of a picture, which is shown as it was written."""


def test_a_key_goes_through_the_themes_in_full_colour() -> None:
    names = [DARK.name]
    for _ in range(3):
        next_one = after(names[-1])
        assert next_one is not None
        names.append(next_one.name)
    assert names == [DARK.name, LIGHT.name, HIGH_CONTRAST.name, DARK.name]
    assert after(ANSI.name) is None


def test_every_theme_has_a_colour_for_every_purpose() -> None:
    needed = {name for name in DARK.variables if name.startswith(("hue-", "untold"))}
    for theme in THEMES:
        assert needed <= theme.variables.keys(), theme.name
