from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.terminal.sanitise import MAX_BYTES, sanitise

HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "\x1b[]P^_X\\\x07\x9b\x9c\x9d\x90;:0123mHJK?\t\n\r\x18\x1a\x7f\u202e\u200b"
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
    hidden = [c for c in everything if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert [c for c in hidden if c != "\t" and c in sanitise(f"a{c}b")] == []


@given(HOSTILE)
def test_whatever_comes_in_is_one_safe_line(text: str) -> None:
    shown = sanitise(text)
    categories = {unicodedata.category(character) for character in shown}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(shown.encode()) <= MAX_BYTES


@given(HOSTILE)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    assert sanitise(sanitise(text)) == sanitise(text)


@given(HOSTILE, st.integers(1, 200))
def test_doing_it_twice_changes_nothing_for_long_lines(text: str, times: int) -> None:
    assert sanitise(sanitise(text * times)) == sanitise(text * times)


@given(st.binary(max_size=2_000))
def test_any_bytes_are_accepted(data: bytes) -> None:
    assert len(sanitise(data).encode()) <= MAX_BYTES


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=200))
def test_visible_text_is_left_alone(text: str) -> None:
    assert sanitise(text) == text
