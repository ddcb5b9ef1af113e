"""The page on deploying: its table of differences is that of the program."""

from pathlib import Path

from console.model.deploy.guide_differences import DIFFERENCES
from console.model.deploy.step import Subject

PAGE = Path(__file__).parents[4] / "docs" / "deploying.md"


def table() -> str:
    rows = [f"| {each.guide} | {each.console} | {each.why} |" for each in DIFFERENCES]
    return "\n".join(("| the guide | here | because |", "|---|---|---|", *rows))


def test_the_page_has_every_difference_from_the_guide() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), f"put this into {PAGE.name}:\n{table()}"


def test_the_page_has_every_subject_of_a_deployment() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = [each for each in Subject if f"| {each} | " not in page and each is not Subject.SCALE]
    assert not missing
