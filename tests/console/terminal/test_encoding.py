"""What is written where the encoding of a terminal lacks signs."""

from __future__ import annotations

import io

import pytest

from console.terminal.encoding import spell_what_is_lacking

SAID = "✗ wrong · 3–5 s … ≥ 2 × 4 → –"


def written(text: str, encoding: str) -> bytes:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    spell_what_is_lacking(stream)
    print(text, end="", file=stream, flush=True)
    return raw.getvalue()


@pytest.mark.parametrize(
    ("encoding", "seen"),
    [
        ("ascii", "x wrong | 3-5 s ... >= 2 x 4 -> -"),
        ("latin-1", "x wrong · 3-5 s ... >= 2 × 4 -> -"),
        ("utf-8", SAID),
    ],
)
def test_what_an_encoding_lacks_is_spelled_and_all_else_stays(encoding: str, seen: str) -> None:
    assert written(SAID, encoding) == seen.encode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk", "utf-8"])
def test_nothing_ends_the_program(encoding: str) -> None:
    everything = "".join(map(chr, range(0x20, 0x3000))) + "\udc80\ud800\U0001f642"

    assert b"ABC" in written(everything, encoding)
    assert written("\udc80", encoding) == b"?"


def test_what_is_lost_shows_that_it_was() -> None:
    assert written("红圆 a", "ascii") == b"?? a"


def test_a_stream_without_an_encoding_is_left_alone() -> None:
    stream = io.StringIO()
    spell_what_is_lacking(stream)
    print(SAID, end="", file=stream)
    assert stream.getvalue() == SAID
