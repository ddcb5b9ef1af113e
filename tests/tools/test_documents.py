"""The documents: every link leads somewhere, every page is linked, and what they quote is so."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from console.language import use
from console.model.conditions import failure

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "README.zh.md", *sorted(DOCS.glob("*.md")))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
CONDITION = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def prose(page: Path) -> str:
    """The text of a page without what is quoted in it as it is."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).strip().lower()
    kept = (
        each
        for each in text
        if each in "-_ " or unicodedata.category(each)[0] in "LN" or each == "\u3005"
    )
    return "".join(kept).replace(" ", "-")


def links(page: Path) -> list[str]:
    return LINK.findall(CODE.sub("", prose(page)))


def linked_pages(page: Path) -> set[Path]:
    near = (each.partition("#")[0] for each in links(page) if "://" not in each)
    return {(page.parent / each).resolve() for each in near if each}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_and_anchor_leads_somewhere(page: Path) -> None:
    lost = []
    for link in links(page):
        if "://" in link:
            continue
        file, _, wanted = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (
            wanted and wanted not in {anchor(each) for each in HEADING.findall(prose(target))}
        ):
            lost.append(link)

    assert lost == []


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_page_is_linked_from_the_entrance_in_its_language(page: Path) -> None:
    chinese = page.name.endswith(".zh.md")
    entrance = ROOT / ("README.zh.md" if chinese else "README.md")

    assert page.resolve() in linked_pages(entrance)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.zh.md")), ids=lambda page: page.name)
def test_every_chinese_page_has_an_english_one(page: Path) -> None:
    assert (DOCS / page.name.replace(".zh.md", ".md")).exists()


def test_every_picture_is_shown_somewhere() -> None:
    shown = {link for page in PAGES for link in linked_pages(page)}
    pictures = [*DOCS.glob("*.png"), *(DOCS / "images").glob("*.png")]

    assert [each.name for each in pictures if each.resolve() not in shown] == []


@pytest.mark.parametrize(
    ("page", "language"), [("troubleshooting.md", "en"), ("troubleshooting.zh.md", "zh")]
)
def test_the_failures_of_cloud_run_mean_what_the_console_says(page: str, language: str) -> None:
    use(language)
    try:
        rows = CONDITION.findall(prose(DOCS / page))
        told = [
            (said, means, mend)
            for said, means, mend in rows
            if (known := failure(said, said)) and str(known.mend)
        ]
        assert len(told) >= 13
        for said, means, mend in told:
            known = failure("", said) if " " in said else failure(said, "")
            assert (known.says, known.mend) == (means, mend), said
    finally:
        use("en")
