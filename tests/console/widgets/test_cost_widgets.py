"""The widgets of the screen of costs, painted without an application."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from cloud_scenes import NOW
from cost_scenes import SCENES, answering, at_zero, awake, bucket_denied, without_prices
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from console.model.cost.money import Amount, Range, between, unknown, usd
from console.model.cost.picture_cost import BreakEven
from console.model.cost.report import CostReport
from console.model.cost.snapshot import CostSnapshot
from console.model.cost.what_if import Dimension
from console.model.freshness import Freshness, Standing
from console.widgets.costs.amounts import column, percent, shares
from console.widgets.costs.class_table import class_table
from console.widgets.costs.cost_breakdown import breakdown_rows
from console.widgets.costs.cost_head import cost_brief, cost_head, cost_label, counts_down, now_row
from console.widgets.costs.cost_insights import insights
from console.widgets.costs.cost_text import cost_text
from console.widgets.costs.stackbar import stack_bar, stack_key
from console.widgets.costs.what_if_rows import by_saving, dimensions, what_if_detail, what_if_rows

FRESH = Freshness(Standing.FRESH, NOW)
wide = st.integers(1, 140)


def parts(*shares_: str) -> list[Decimal | None]:
    return [Decimal(each) for each in shares_]


def likely(amount: Amount) -> Decimal:
    return amount.known.likely if amount.known is not None else Decimal(10**9)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (usd("0.16"), "$0.16"),
        (between("0.02", "0.1", "0.19"), "$0.02 to $0.19"),
        (between("0", "0.001", "0.004"), "< $0.01"),
        (unknown("GPU"), "–"),
        (usd(1) + unknown("GPU"), "$1.00+"),
        (Amount(Range.exactly(1), unverified=frozenset({"disk"})), "$1.00?"),
        (Amount(Range.exactly(1), frozenset({"GPU"}), frozenset({"disk"})), "$1.00+?"),
        (None, "–"),
    ],
)
def test_amounts_in_columns(amount: Amount | None, said: str) -> None:
    assert column(amount) == said


def test_a_sum_that_lacks_a_whole_part_says_so() -> None:
    assert column(usd("0.16"), partial=True) == "$0.16+"


def test_shares_are_of_what_is_known() -> None:
    assert shares([usd(3), None, usd(1)]) == (Decimal("0.75"), None, Decimal("0.25"))
    assert shares([usd(0), usd(0)]) == (0, 0)
    assert [percent(each) for each in (Decimal("0.004"), Decimal("0.5"), None)] == [
        "< 1 %",
        "50 %",
        "–",
    ]


def test_a_stack_in_colours_ends_in_eighths() -> None:
    # 6.25 cells, 2.5 and 1.25
    bar = stack_bar(parts("0.625", "0.25", "0.125"), 10, colour=True)

    assert bar.plain == "██████▎█▊█"
    assert str(bar.spans[6].style) == "$primary on $secondary"


def test_a_stack_without_colours_has_a_pattern_for_each_part() -> None:
    bar = stack_bar(parts("0.6", "0.3", "0.1"), 10, colour=False)

    assert bar.plain == "██████▒▒▒▓"
    assert [stack_key(place, colour=False).plain for place in range(3)] == ["█", "▒", "▓"]


def test_a_part_too_small_to_see_still_shows() -> None:
    assert "▒" in stack_bar(parts("0.9999", "0.0001"), 10, colour=False).plain
    edge = stack_bar(parts("0.9999", "0.0001"), 10, colour=True)
    assert edge.plain == "█████████▉"


def test_nothing_to_share_is_dotted_and_not_full() -> None:
    assert stack_bar([None, Decimal(0)], 5, colour=True).plain == "·····"
    assert stack_bar([], 5, colour=False).plain == "·····"


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=9), st.integers(1, 150), st.booleans())
def test_a_stack_is_as_wide_as_it_is_told(sizes: list[int], width: int, colour: bool) -> None:
    whole = sum(sizes)
    each = [Decimal(size) / whole if whole else Decimal(0) for size in sizes]
    assert stack_bar(each, width, colour=colour).cell_length == width


def test_the_head_counts_with_the_clock() -> None:
    report = awake()
    assert counts_down(report, NOW)
    assert "billed up to" in now_row(report, NOW).plain

    gone = NOW + timedelta(minutes=11)

    assert not counts_down(report, gone)
    assert now_row(report, gone).plain == "now  ○ nothing runs, nothing is billed but the bucket"


def test_an_instance_at_work_is_said_by_the_hour() -> None:
    assert "at work for about $1.05 an hour" in now_row(answering(), NOW).plain


def test_where_instances_are_not_known_nothing_is_said_to_run_or_not() -> None:
    made = at_zero()
    first, *others = made.parts
    lost = replace(first, spending=None, note="logging.logEntries.list is missing")
    said = now_row(replace(made, parts=(lost, *others), now=None), NOW).plain

    assert said == "now  – logging.logEntries.list is missing"


def test_every_figure_stands_under_the_date_of_its_prices() -> None:
    assert cost_label(awake()) == "Cost   estimate, prices of 2026-10-08"
    assert cost_label(None) == "Cost"


def test_what_is_not_counted_is_named_in_the_head() -> None:
    head = cost_head(CostSnapshot(bucket_denied(), FRESH), NOW, 120).plain

    assert "log lines" in head
    assert "+" in head.split("\n")[1]


def test_a_part_that_is_not_known_has_no_figure_but_a_reason() -> None:
    rows = [
        row.plain for row in breakdown_rows(bucket_denied(), 140, 0, frozenset(), colour=True)[0]
    ]
    said = next(row for row in rows if "log lines" in row)

    assert "$" not in said
    assert "–  permission monitoring.timeSeries.list is missing" in said


def test_an_opened_part_has_its_lines_and_how_they_were_reckoned() -> None:
    report = awake()
    shut, _ = breakdown_rows(report, 120, 0, frozenset(), colour=True)
    rows, taken = breakdown_rows(report, 120, 0, frozenset({report.parts[0].name}), colour=True)

    text = "\n".join(rows[place].plain for place in taken[0])
    assert len(rows) > len(shut)
    assert "GPU nvidia-l4" in text
    assert "4 vCPU × " in text


@given(wide, st.sampled_from(sorted(SCENES)), st.booleans())
def test_a_breakdown_fits_into_every_width(width: int, name: str, opened: bool) -> None:
    report = SCENES[name]()
    names = frozenset(part.name for part in report.parts) if opened else frozenset()
    rows, taken = breakdown_rows(report, width, 0, names, colour=False)
    assert len(taken) == len(report.parts)
    if width >= 60:
        assert max(row.cell_length for row in rows) <= width


def test_the_table_of_classes_says_which_and_why() -> None:
    said = class_table(awake(), 76).plain.split("\n")

    assert said[0].startswith("Standard: $0.15 with 27 cold starts a month, against ")
    assert "Nearline saves $0.07 a month and loses it at the first cold start" in " ".join(said)
    assert next(row for row in said if "Archive" in row).split()[-2:] == ["365", "d"]
    assert next(row for row in said if row.startswith("▸")).startswith("▸ Standard (now)")


def test_a_service_whose_model_is_not_known_has_no_table() -> None:
    said = class_table(replace(awake(), classes=()), 76).plain
    assert said == "– what the service reads is not known"


@pytest.mark.parametrize(
    ("even", "said"),
    [
        (None, "GPU       –"),
        (BreakEven(None, None, None), "never cheaper than processors alone"),
        (BreakEven(290, 290, 290), "cheaper than processors alone from 290 pictures a month"),
        (BreakEven(None, None, None, frozenset({"L4"})), "– not known: the price of L4 is not"),
    ],
)
def test_when_a_gpu_is_cheaper(even: BreakEven | None, said: str) -> None:
    report = awake()
    assert report.pictures is not None
    pictures = replace(report.pictures, on_gpu=even)
    assert said in insights(replace(report, pictures=pictures), 120).plain


@pytest.mark.parametrize("name", SCENES)
def test_facts_never_leave_their_column(name: str) -> None:
    for width in (40, 53, 76, 110):
        for row in insights(SCENES[name](), width).split("\n"):
            assert row.cell_length <= width


def test_changes_are_sorted_by_what_they_save_and_the_unknown_comes_last() -> None:
    report = awake()
    ordered = by_saving(report.what_ifs, None)
    known = [likely(each.difference) for each in ordered]
    assert known == sorted(known)
    assert len(ordered) == len(report.what_ifs)


def test_a_dimension_has_only_its_own_changes() -> None:
    report = awake()
    assert Dimension.STORAGE_CLASS in dimensions(report.what_ifs)
    shown = by_saving(report.what_ifs, Dimension.STORAGE_CLASS)
    assert {each.dimension for each in shown} == {Dimension.STORAGE_CLASS}


def test_a_change_without_a_price_has_neither_figure_nor_colour_of_one() -> None:
    changes = by_saving(without_prices().what_ifs, None)
    assert changes
    _, rows = what_if_rows(changes[-1:], 76)
    assert "–" in rows[0].plain
    assert "not known" in what_if_detail(changes[-1], 76).plain


@given(wide)
def test_changes_fit_into_every_width(width: int) -> None:
    head, rows = what_if_rows(awake().what_ifs, width)
    assert {row.cell_length for row in rows} == {head.cell_length}
    if width >= 40:
        assert head.cell_length == width


@pytest.mark.parametrize("name", SCENES)
def test_the_text_to_copy_has_the_label_every_part_and_no_trailing_blanks(name: str) -> None:
    report: CostReport = SCENES[name]()
    text = cost_text(report, NOW)
    assert text.startswith(f"Cost   {report.label}\n")
    assert all(part.name in text for part in report.parts)
    assert all(line == line.rstrip() for line in text.split("\n"))


def test_widgets_are_painted_from_content_and_never_from_markup() -> None:
    report = replace(awake(), notes=("[red]x[/bad]",))
    assert "[red]x[/bad]" in insights(report, 80).plain
    assert isinstance(insights(report, 80), Content)


def test_what_is_billed_is_said_in_brief_and_what_costs_nothing_is_not() -> None:
    said = cost_brief(awake(), NOW)
    assert said == "estimate 2026-10-08: month $1.11 to $5.05, now $1.05/h"
    assert "now" not in cost_brief(at_zero(), NOW)
    assert cost_brief(SCENES["local"](), NOW) == ""
    assert cost_brief(None, NOW) == ""
