"""What was overlooked on the way in is lost on the way out, not obeyed."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Static

from console.terminal.last_look import PrintedOnly, copied, painted, printed
from console.terminal.painting import PAINTED_ONLY
from console.terminal.sanitise import sanitise

HOSTILE = "a\x1b]0;owned\x07b\x1b[2Jc\x9b1;1Hd\u202ee\x00f\ud800g"


def test_a_painted_line_keeps_its_width_and_obeys_nothing() -> None:
    assert painted(HOSTILE) == "a]0;ownedb[2Jc1;1Hdef?g"
    assert cell_len(painted(HOSTILE)) == cell_len(HOSTILE)


def test_what_verbs_say_of_their_own_is_passed_on() -> None:
    said = "\r\x1b[Kloading …\n\x1b[1;31mwrong\x1b[0m\ta·b\n"
    assert printed(said) == said


def test_what_verbs_never_say_is_not() -> None:
    assert printed(HOSTILE) == "a]0;ownedb[2Jc1;1Hdef?g"
    assert printed("\x1b[?1049h\x1b]52;c;aGk=\x1b\\\x1bc") == "[?1049h]52;c;aGk=\\c"


def test_what_is_copied_does_nothing_where_it_is_pasted() -> None:
    assert copied(HOSTILE) == "a]0;ownedb[2Jc1;1Hdef?g"
    assert copied("two\nlines\tand \x1b[31mno colour\r\n") == "two\nlines\tand [31mno colour\n"


def test_a_stream_is_itself_but_for_what_it_passes_on() -> None:
    behind = StringIO()
    stream = PrintedOnly(behind)
    assert stream.write(HOSTILE) == len(HOSTILE)
    stream.writelines(["one\n", "two\x07\n"])
    print("\x1b]0;owned\x07", file=stream, flush=True)
    assert behind.getvalue() == printed(HOSTILE) + "one\ntwo\n]0;owned\n"
    assert stream.isatty() is False


@given(st.text())
def test_what_was_made_safe_passes_as_it_is(text: str) -> None:
    safe = sanitise(text)
    assert painted(safe) == safe
    assert printed(safe) == safe


@pytest.mark.parametrize("place", ["content", "title"])
async def test_a_widget_that_is_given_what_is_not_safe_paints_it_all_the_same(place: str) -> None:
    class Careless(App[None]):
        def compose(self) -> ComposeResult:
            yield Static(Content(HOSTILE if place == "content" else ""))

        def get_line_filters(self):
            return (*super().get_line_filters(), PAINTED_ONLY)

    app = Careless()
    async with app.run_test() as pilot:
        widget = app.query_one(Static)
        widget.styles.border = ("round", "white")
        if place == "title":
            widget.border_title = HOSTILE.replace("[", "")
        await pilot.pause()
        lines = [
            "".join(each.text for each in strip) for strip in app.screen._compositor.render_strips()
        ]
    assert "owned" in "".join(lines)
    assert all(line.isprintable() for line in lines)
