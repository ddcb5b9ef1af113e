"""The pages on deploying: their table of differences is that of the program, in each language."""

from pathlib import Path

import pytest

from console.language import CHINESE, tr
from console.model.deploy.guide_differences import DIFFERENCES
from console.model.deploy.plan_words import COMPARED, SUBJECTS
from console.model.deploy.step import Subject

DOCS = Path(__file__).parents[4] / "docs"
PAGE = DOCS / "deploying.md"
CHINESE_PAGE = DOCS / "deploying.zh.md"
GOLDENS = Path(__file__).parents[2] / "goldens" / "zh"
in_chinese = pytest.mark.parametrize("language", [CHINESE], indirect=True)


def table() -> str:
    rows = [f"| {each.guide} | {each.console} | {each.why} |" for each in DIFFERENCES]
    head = f"| {' | '.join(tr(COMPARED).split('|'))} |"
    return "\n".join((head, "|---|---|---|", *rows))


def test_the_page_has_every_difference_from_the_guide() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), f"put this into {PAGE.name}:\n{table()}"


@in_chinese
def test_the_chinese_page_has_every_difference_from_the_guide(language: str) -> None:
    page = CHINESE_PAGE.read_text(encoding="utf-8")
    assert table() in page, f"put this into {CHINESE_PAGE.name}:\n{table()}"


def test_the_page_has_every_subject_of_a_deployment() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [each for each in Subject if f"| {each} | " not in page and each is not Subject.SCALE]
    assert not missing


@in_chinese
def test_the_chinese_page_has_every_subject_of_a_deployment(language: str) -> None:
    page = CHINESE_PAGE.read_text(encoding="utf-8")
    for subject, word in SUBJECTS.items():
        assert f"| {tr(word)} | " in page or subject is Subject.SCALE


@pytest.mark.parametrize("name", ["verb-deploy-plan", "deploy-fresh-120x36"])
def test_the_chinese_page_shows_what_verb_and_screen_show(name: str) -> None:
    shown = (GOLDENS / f"{name}.txt").read_text(encoding="utf-8")
    assert f"```text\n{shown}```" in CHINESE_PAGE.read_text(encoding="utf-8")
