"""Texts at the right edge of a column."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len

from console.language.cells import to_the_right


def test_a_chinese_character_takes_two_cells() -> None:
    assert to_the_right("1.2 s", 8) == "   1.2 s"
    assert to_the_right("合计", 8) == "    合计"


def test_what_is_longer_is_cut() -> None:
    assert to_the_right("1234567", 4) == "1234"
    assert to_the_right("合计", 3) == "合 "


@given(some.text(some.sampled_from("ab 合计é"), max_size=20), some.integers(0, 20))
def test_it_takes_exactly_its_cells(text: str, width: int) -> None:
    assert cell_len(to_the_right(text, width)) == width
