"""Lines broken where Chinese may be, and nothing else."""

from __future__ import annotations

from textwrap import wrap

from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len

from console.language.lines import breaks, broken, lines_of

SAID = "✗ 未上传：gs://models（us-central1 区域）无法写入，缺少 storage.objects.create。"
CHINESE = "服务的启动探测使用 TCP，端口打开后即通过（缺少 roles/run.admin），不等模型可用。"
TEXT = some.text(alphabet="✗ 未上传：，。（）a1-./", max_size=80)


def test_chinese_is_broken_between_characters_and_latin_between_words() -> None:
    assert lines_of(SAID, 30) == [
        "✗ 未上传：gs://models",
        "（us-central1 区域）无法写入，",
        "缺少 storage.objects.create。",
    ]


def test_a_mark_and_punctuation_are_never_left_alone() -> None:
    assert lines_of("✗ 无法上传", 6) == ["✗ 无法", "上传"]
    assert lines_of("一二三，四", 6) == ["一二", "三，四"]
    assert lines_of("一二（三）", 6) == ["一二", "（三）"]


def test_what_has_no_wide_characters_is_left_to_others() -> None:
    assert breaks("nothing can be pushed", 8) is None


def test_a_word_that_is_wider_than_a_line_is_broken_wherever_it_has_to_be() -> None:
    assert lines_of("见 storage.objects.create", 10) == ["见", "storage.ob", "jects.crea", "te"]


@given(TEXT, some.integers(4, 40))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    found = breaks(text, width)
    if found is None:
        return
    lines = [text[a:b] for a, b in zip([0, *found], [*found, len(text)], strict=True)]
    assert "".join(lines) == text
    assert all(cell_len(line.rstrip()) <= width for line in lines)


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


@given(some.text(some.sampled_from("ab ，。（）中文é\n"), max_size=60), some.integers(4, 30))
def test_nothing_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = broken(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)
