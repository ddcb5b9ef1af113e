from __future__ import annotations

import sys
import unicodedata

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from console.terminal.sanitise import MAX_BYTES, sanitise

HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "\x1b[]P^_X\\\x07\x9b\x9c\x9d\x90;:0123mHJK?\t\n\r\x18\x1a\x7f\u202e\u200b\u0301\ufe0f\u1161"
        ),
        st.characters(),
        st.characters(categories=["Cs"]),
    ),
    max_size=300,
)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("plain text, 中文, é", "plain text, 中文, é"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("clip\x1b]52;c;aGVsbG8=\x07board", "clipboard"),
        ("clip\x1b]52;c;aGVsbG8=\x1b\\board", "clipboard"),
        ("clip\x9d52;c;aGVsbG8=\x9cboard", "clipboard"),
        ("\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0;2;0\x1b\\sixel", "sixel"),
        ("\x1b_Gf=24;AAAA\x1b\\kitty", "kitty"),
        ("\x1bcreset", "reset"),
        ("\x1b(Bcharset", "charset"),
        ("\x1b]0;a title that never ends", "␛]0;a title that never ends"),
        ("\x1b", "␛"),
        ("\x1b[", "␛["),
        ("a\x00b\x08c\x7f", "a␀b␈c␡"),
        ("a\nb\rc", "a␊b␍c"),
        ("a\u2028b\u2029c\x85d", "a·b·c·d"),
        ("evil\u202etxt.exe", "evil·txt.exe"),
        ("zero\u200bwidth\ufeff", "zero·width·"),
        ("lone \ud800 surrogate", "lone · surrogate"),
        ("\x1bXsos\x1b\\left", "left"),
        ("\x98sos\x9cleft", "left"),
        ("\x1b^pm\x9cleft", "left"),
        ("\x9e\x9cleft", "left"),
        ("\x1b[?1049h\x1b[2J\x1b[Hleft", "left"),
        ("\x1b[38:2::1:2:3mleft\x1b[>4;2m", "left"),
        ("\x1b[1 qleft", "left"),
        ("\x1b7\x1b8\x1b=\x1b>left", "left"),
        ("\x1b#8left", "left"),
        ("\x1b[3\n1mcut", "␛[3␊1mcut"),
        ("\x1b]0;title\x18left", "␛]0;title␘left"),
        ("\x9b", "·"),
        ("tag\U000e0041\U000e007fged", "tag··ged"),
        ("smuggled\U000e0100\ufe00", "smuggled··"),
        ("no\u3164thing\u115f\u034f\u2065", "no·thing···"),
        ("private \ue0b0 \U0010eeee\u0305", "private · ·\u0305"),
        ("nothing at all \ufdd0\uffff", "nothing at all ··"),
        (
            "newer than its table \U0001faf8 \U0002fffd",
            "newer than its table \U0001faf8 \U0002fffd",
        ),
        ("\u2764\ufe0f in either width", "\u2764 in either width"),
        ("thumb \U0001f44d\U0001f3fd", "thumb \U0001f44d"),
        ("\u0301on what is before it", "◌\u0301on what is before it"),
        ("decomposed e\u0301 \u1112\u1161\u11ab", "decomposed e\u0301 \u1112\u1161\u11ab"),
        ("a" + 8 * "\u0301" + "b", "a" + 8 * "\u0301" + "b"),
        ("a" + 500 * "\u0301" + "b", "a" + 8 * "\u0301" + "·b"),
        ("\u1112" + 500 * "\u1161", "\u1112" + 8 * "\u1161" + "·"),
        ("a" + 20 * "\u0301\ufe0f" + "b", "a" + 8 * "\u0301" + "·b"),
        ("a\tb", "a   b"),
        ("1234\tb", "1234    b"),
    ],
)
def test_nothing_but_visible_text_is_left(hostile: str, shown: str) -> None:
    assert sanitise(hostile) == shown


def test_an_escape_that_only_removal_would_complete_stays_harmless() -> None:
    assert sanitise("\x1b\x1b[0m[31mred") == "␛[31mred"


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    assert sanitise(b"ok \xff\xfe") == "ok \ufffd\ufffd"


def test_text_after_a_control_string_without_an_end_is_not_lost() -> None:
    text = "\x90" + "x" * 6_000
    assert sanitise(text) == "·" + "x" * 6_000


def test_a_line_too_long_says_how_much_is_missing() -> None:
    shown = sanitise("x" * 100_000)
    kept, _, missing = shown.partition("… +")
    assert len(shown.encode()) <= MAX_BYTES
    assert len(kept) + int(missing) == 100_000


def test_a_line_of_the_longest_length_is_whole() -> None:
    assert sanitise("x" * MAX_BYTES) == "x" * MAX_BYTES


def test_no_character_of_unicode_gets_through_that_is_not_visible() -> None:
    everything = (chr(code) for code in range(sys.maxunicode + 1))
    hidden = [c for c in everything if unicodedata.category(c) in HIDDEN]
    assert [c for c in hidden if c != "\t" and c in sanitise(f"a{c}b")] == []


def test_no_character_alone_is_less_than_a_cell() -> None:
    everything = map(sanitise, (chr(code) for code in range(sys.maxunicode + 1)))
    assert {c for c in everything if c and not cell_len(c)} == set()


@given(HOSTILE)
def test_whatever_comes_in_is_one_safe_line(text: str) -> None:
    shown = sanitise(text)
    categories = {unicodedata.category(character) for character in shown}
    assert not categories & HIDDEN
    assert len(shown.encode()) <= MAX_BYTES


@given(HOSTILE)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    assert sanitise(sanitise(text)) == sanitise(text)


@given(HOSTILE, st.integers(1, 200))
def test_doing_it_twice_changes_nothing_for_long_lines(text: str, times: int) -> None:
    assert sanitise(sanitise(text * times)) == sanitise(text * times)


@given(HOSTILE, HOSTILE)
def test_what_is_safe_stays_so_behind_something_that_is(one: str, other: str) -> None:
    joined = f"{sanitise(one)} {sanitise(other)}"
    assert sanitise(joined) == joined


@given(st.binary(max_size=2_000))
def test_any_bytes_are_accepted(data: bytes) -> None:
    assert len(sanitise(data).encode()) <= MAX_BYTES


@given(
    st.text(
        alphabet=st.characters(
            categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u115f\u1160\u3164\uffa0"
        ).filter(lambda c: cell_len(c) > 0),
        max_size=200,
    )
)
def test_visible_text_is_left_alone(text: str) -> None:
    assert sanitise(text) == text


@given(HOSTILE)
def test_a_terminal_that_gets_it_does_nothing_but_show_it(text: str) -> None:
    emulated = pyte.Screen(MAX_BYTES, 3)
    before = set(emulated.mode)
    pyte.Stream(emulated).feed(sanitise(text))
    assert (emulated.title, emulated.icon_name, emulated.mode) == ("", "", before)
    assert emulated.cursor.y == 0
    assert emulated.cursor.attrs == pyte.screens.Char(" ")
