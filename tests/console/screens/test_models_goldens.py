"""What the screen of model files shows at every moment, character by character."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cloud_scenes import NOW
from console_scenes import opened, settled, text_of
from in_languages import in_every_language
from model_file_scenes import SNAPSHOTS, models_scene

DOCS = Path(__file__).parents[3] / "docs"
GOLDENS = Path(__file__).parent.parent / "goldens"
PAGES = {"models.md": GOLDENS, "models.zh.md": GOLDENS / "zh"}
SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
BY_KEYS = {"details": ("enter",), "last": ("end", "enter"), "help": ("question_mark",)}


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SNAPSHOTS)
async def test_models_in_every_state(
    name: str, size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with opened(
        models_scene(name), SIZES[size], restarts=False, clock=lambda: NOW, on="models"
    ) as (app, _):
        matches_golden(f"models-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", BY_KEYS)
async def test_what_keys_make_of_it(
    name: str, size: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with opened(
        models_scene("differs"), SIZES[size], restarts=False, clock=lambda: NOW, on="models"
    ) as (app, pilot):
        await pilot.press(*BY_KEYS[name])
        await settled(app, pilot)
        matches_golden(f"models-{name}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("name", ["whole", "differs", "denied", "pushing"])
async def test_a_small_terminal_keeps_head_and_files(
    name: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with opened(
        models_scene(name), (60, 16), restarts=False, clock=lambda: NOW, on="models"
    ) as (app, _):
        matches_golden(f"models-{name}-60x16", text_of(app))


@in_every_language
async def test_without_colours_the_chosen_file_is_marked(
    matches_golden: Callable[[str, str], None],
) -> None:
    async with opened(
        models_scene("differs"), restarts=False, clock=lambda: NOW, colour=False, on="models"
    ) as (app, pilot):
        await pilot.press("down")
        await settled(app, pilot)
        matches_golden("models-differs-plain-80x24", text_of(app))


@pytest.mark.parametrize("name", ["differs", "fetch-choice"])
@pytest.mark.parametrize(("page", "goldens"), PAGES.items())
def test_the_page_about_models_shows_what_the_screen_shows(
    name: str, page: str, goldens: Path
) -> None:
    shown = (goldens / f"models-{name}-120x36.txt").read_text(encoding="utf-8")
    assert f"```text\n{shown}```" in (DOCS / page).read_text(encoding="utf-8")


def test_the_chinese_page_shows_what_the_verbs_print() -> None:
    page = (DOCS / "models.zh.md").read_text(encoding="utf-8")
    listed = (GOLDENS / "zh" / "verb-models-list.txt").read_text(encoding="utf-8")
    assert f"```text\n{listed}```" in page
    pulled = (GOLDENS / "zh" / "verb-models-pull.txt").read_text(encoding="utf-8")
    plan = "\n\n".join(pulled.split("\n\n")[:3])
    assert f"```text\n{plan}\n```" in page
