"""What is said of a copy, and what was done for it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

import pytest
from textual.app import App

from console.screens.copying import copy_text
from console.terminal.clipboard import LONGEST, clipboard_sequence
from console.terminal.desktop import Desktop


@dataclass
class Programs(Desktop):
    """A desktop whose programs answer as they are told to."""

    copier: str = ""
    tmux: bool = False
    taken: list[str] = field(default_factory=list)

    def copy(self, text: str) -> str:
        self.taken += [text] if self.copier else []
        return self.copier

    def to_tmux(self, text: str, *, onward: bool) -> bool:
        self.taken += [f"{onward} {len(text)}"] if self.tmux else []
        return self.tmux


class _Page(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def on_mount(self) -> None:
        assert self._driver is not None
        self._driver.write = self.written.append  # type: ignore[method-assign]


async def copied(text: str, multiplexer: str, programs: Programs | None) -> tuple[str, str, str]:
    """What is said, what went to the terminal, and what can be pasted in the console."""
    page = _Page()
    async with page.run_test() as pilot:
        await pilot.pause()
        page.written.clear()
        said = copy_text(page, text, "the line", multiplexer, programs)
        return said, "".join(page.written), page.clipboard


ASKED = "the line: given to the terminal to copy (OSC 52); it may refuse"


@pytest.mark.parametrize(
    ("multiplexer", "programs", "said", "to_terminal"),
    [
        ("", Programs(copier="wl-copy"), "the line: copied with wl-copy", False),
        ("tmux", Programs(copier="pbcopy", tmux=True), "the line: copied with pbcopy", False),
        (
            "tmux",
            Programs(tmux=True),
            "the line: in tmux's buffer, and given to the terminal, which may refuse",
            False,
        ),
        ("", Programs(), ASKED, True),
        ("tmux", Programs(), ASKED, True),
        ("screen", Programs(), ASKED, True),
        ("", None, ASKED, True),
    ],
)
async def test_the_surest_way_there_is_is_taken(
    multiplexer: str, programs: Programs | None, said: str, to_terminal: bool
) -> None:
    heard, written, clipboard = await copied("红 line", multiplexer, programs)
    assert heard == said
    assert clipboard == "红 line"
    wrapped = clipboard_sequence("红 line", multiplexer)
    assert wrapped is not None
    assert written.endswith(wrapped) is to_terminal
    assert bool(written) is to_terminal


async def test_tmux_gets_it_in_both_ways_of_which_it_takes_what_it_is_set_up_for() -> None:
    _, written, _ = await copied("x", "tmux", Programs())
    plain = f"\x1b]52;c;{base64.b64encode(b'x').decode()}\a"
    assert written == plain + "\x1bPtmux;\x1b" + plain + "\x1b\\"


@pytest.mark.parametrize("multiplexer", ["", "tmux", "screen"])
async def test_what_is_too_long_for_a_terminal_is_said_and_not_sent(multiplexer: str) -> None:
    said, written, _ = await copied("x" * LONGEST, multiplexer, Programs())
    assert said.startswith("the line is too long to be copied: a terminal takes 56,245 bytes")
    assert written == ""


async def test_what_is_too_long_for_a_terminal_is_in_the_buffer_of_tmux() -> None:
    programs = Programs(tmux=True)
    said, written, _ = await copied("x" * LONGEST, "tmux", programs)
    assert said == "the line: in tmux's buffer alone; it is too long for the terminal"
    assert (written, programs.taken) == ("", [f"False {LONGEST}"])


async def test_a_program_of_the_desktop_takes_what_is_too_long_for_a_terminal() -> None:
    said, _, _ = await copied("x" * LONGEST, "", Programs(copier="xclip"))
    assert said == "the line: copied with xclip"


async def test_nothing_of_a_copy_is_obeyed() -> None:
    programs = Programs(copier="xclip")
    await copied("a\x1b]52;c;eA==\ab\tc\n\x1b[31md", "", programs)
    assert programs.taken == ["a]52;c;eA==b\tc\n[31md"]
