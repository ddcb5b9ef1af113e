"""Lines broken where Chinese may be, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len

from console.language.lines import breaks, lines_of

SAID = "✗ 未上传：gs://models（us-central1 区域）无法写入，缺少 storage.objects.create。"
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
