from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.events import Key, Paste

from console.widgets.prompt import PromptHistory, PromptInput, one_line


def test_older_and_newer_prompts_around_a_draft() -> None:
    history = PromptHistory()
    history.add("first")
    history.add("second")
    history.typed("a draft")
    assert [history.older(), history.older(), history.older()] == ["second", "first", "first"]
    assert [history.newer(), history.newer(), history.newer()] == ["second", "a draft", "a draft"]


def test_a_prompt_used_again_becomes_the_newest() -> None:
    history = PromptHistory()
    for prompt in ("first", "second", "first"):
        history.add(prompt)
    assert [history.present, history.older(), history.older()] == ["first", "second", "second"]


def test_changing_an_old_prompt_makes_it_the_draft() -> None:
    history = PromptHistory()
    history.add("a cat")
    history.typed("a cat asleep")
    assert history.present == "a cat asleep"
    assert history.older() == "a cat"


@given(st.text())
def test_one_line_has_neither_line_breaks_nor_control_characters(text: str) -> None:
    shown = one_line(text)
    assert shown == "" or shown.isprintable()
    assert one_line(shown) == shown


class _Page(App[None]):
    def compose(self) -> ComposeResult:
        yield PromptInput(PromptHistory(), placeholder="", id="prompt")


async def test_a_paste_of_several_lines_keeps_all_of_them() -> None:
    async with _Page().run_test() as pilot:
        prompt = pilot.app.query_one(PromptInput)
        prompt.post_message(Paste("a red circle\non a white\x1b]52;c;eA==\x07 background"))
        await pilot.pause()
        assert prompt.value == "a red circle on a white ]52;c;eA== background"


async def test_chinese_moves_the_cursor_by_two_cells() -> None:
    async with _Page().run_test() as pilot:
        prompt = pilot.app.query_one(PromptInput)
        columns = []
        for character in "红色的圆":
            await pilot.press(character)
            columns.append(prompt.cursor_screen_offset.x)
        assert prompt.value == "红色的圆"
        assert [after - before for before, after in pairwise(columns)] == [2, 2, 2]


async def test_keys_of_a_burst_count_in_their_order() -> None:
    async with _Page().run_test() as pilot:
        prompt = pilot.app.query_one(PromptInput)
        prompt.show("a ringg")
        for key, character in (("backspace", "\x7f"), ("x", "x"), ("left", None), ("y", "y")):
            pilot.app.post_message(Key(key, character))
        await pilot.pause()
        await pilot.pause()
        assert prompt.value == "a ringyx"


async def test_a_prompt_that_was_sent_is_replaced_by_what_is_typed_next() -> None:
    async with _Page().run_test() as pilot:
        prompt = pilot.app.query_one(PromptInput)
        await pilot.press(*"a ring", "enter")
        assert (prompt.value, prompt.selected_text) == ("a ring", "a ring")
        await pilot.press(*"a star")
        assert prompt.value == "a star"


async def test_ten_thousand_characters_are_kept() -> None:
    async with _Page().run_test() as pilot:
        prompt = pilot.app.query_one(PromptInput)
        prompt.post_message(Paste("x" * 10_000))
        await pilot.pause()
        assert len(prompt.value) == 10_000
