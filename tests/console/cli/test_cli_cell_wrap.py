"""Sentences broken by columns, in scripts with and without spaces."""

from __future__ import annotations

from textwrap import wrap

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from console.verbs.cell_wrap import broken

CHINESE = "服务的启动探测使用 TCP，端口打开后即通过（缺少 roles/run.admin），不等模型可用。"


def test_english_is_broken_as_it_ever_was() -> None:
    text = "its start-up probe is by TCP, and passes  once the port is open"
    assert broken(text, 20) == wrap(text, 20)


def test_chinese_is_broken_anywhere_but_before_what_ends_a_clause() -> None:
    assert broken(CHINESE, 24) == [
        "服务的启动探测使用 TCP，",
        "端口打开后即通过（缺少",
        "roles/run.admin），不等",
        "模型可用。",
    ]
    assert broken(CHINESE, 200) == [CHINESE]
    assert broken("", 20) == []


def test_a_word_that_is_longer_than_a_line_is_broken_itself() -> None:
    assert broken("见 " + "x" * 25 + " 中文", 10) == ["见", "x" * 10, "x" * 10, "xxxxx 中文"]


@given(st.text(st.sampled_from("ab ，。（）中文é\n"), max_size=60), st.integers(4, 30))
def test_nothing_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = broken(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)
