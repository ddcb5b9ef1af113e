"""What the verb `cost` prints in Chinese, and what the price list is called there."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from cost_scenes import NOW, SCENES
from in_languages import HAN, in_chinese
from rich.cells import cell_len

from console.language import CHINESE, use
from console.model.cost.price_names import unit_text
from console.model.cost.prices import Unit
from console.model.cost.snapshot import CostSnapshot
from console.model.freshness import Freshness, Standing
from console.sources.prices import packaged_prices
from console.verbs.cost_document import cost_document
from console.verbs.cost_table import print_cost


def printed(scene: str) -> str:
    stream = io.StringIO()
    print_cost("p/us-central1/z", SCENES[scene](), stream)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


@in_chinese
def test_the_whole_report_is_in_chinese(
    language: str, monkeypatch: pytest.MonkeyPatch, matches_golden: Callable[[str, str], None]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    matches_golden("verb-cost-awake", printed("awake"))


@in_chinese
def test_its_columns_line_up_in_cells(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    rows = printed("awake").split("\n\n")[0].splitlines()[1:]
    ends = [cell_len(re.split(r" {2}\d+ 次启动$", row)[0].rstrip()) for row in rows]

    assert len(set(ends)) == 1


@in_chinese
def test_every_price_and_source_of_the_packaged_list_has_a_chinese_name(language: str) -> None:
    prices = packaged_prices().prices.values()

    assert [each.name for each in prices if not HAN.search(each.name)] == []
    sources = {each.source.what for each in prices if each.source is not None}
    assert [each for each in sources if not HAN.search(each)] == []
    assert [each for each in Unit if each is not Unit.GIB and not HAN.search(unit_text(each))] == []


def test_names_in_the_document_do_not_depend_on_what_was_asked_for_before() -> None:
    known = CostSnapshot(SCENES["awake"](), Freshness(Standing.FRESH, NOW), True)
    before = cost_document("p/us-central1/z", known, "UTC")
    use(CHINESE)
    packaged_prices()
    use("en")
    known = CostSnapshot(SCENES["awake"](), Freshness(Standing.FRESH, NOW), True)

    assert cost_document("p/us-central1/z", known, "UTC") == before
