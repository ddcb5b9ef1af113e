from decimal import Decimal

import pytest
from cost_examples import PATIENTLY
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.money import (
    ZERO,
    Amount,
    Range,
    between,
    difference,
    difference_text,
    dollars,
    fine_dollars,
    spread,
    total,
    unknown,
    usd,
)

cents = st.integers(min_value=0, max_value=10**9).map(lambda each: Decimal(each) / 100)
ranges = st.tuples(cents, cents, cents).map(lambda each: Amount(Range(*sorted(each))))
unknowns = st.sampled_from([unknown("archive storage"), unknown("builds"), unknown("a", "b")])
amounts = st.one_of(ranges, unknowns, st.builds(Amount.__add__, ranges, unknowns))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0", "$0.00"),
        ("0.0001", "< $0.01"),
        ("0.0099", "< $0.01"),
        ("0.01", "$0.01"),
        ("0.025", "$0.03"),
        ("753.4944", "$753.49"),
        ("999.999", "$1,000.00"),
        ("1000", "$1,000"),
        ("1023.58", "$1,024"),
        ("-0.08", "−$0.08"),
        ("-0.001", "> −$0.01"),
    ],
)
def test_dollars_are_said_to_the_cent_and_no_finer(value: str, said: str) -> None:
    assert dollars(Decimal(value)) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [("0.00174", "$0.0017"), ("0.000099", "$0.000099"), ("0.19", "$0.19"), ("0", "$0.00")],
)
def test_the_price_of_one_picture_keeps_two_digits(value: str, said: str) -> None:
    assert fine_dollars(Decimal(value)) == said


def test_small_amounts_can_be_said_finely() -> None:
    assert usd("0.0011628").fine() == "$0.0012"
    assert between("0.0008721", "0.0011628", "0.0017442").fine() == "$0.00087 to $0.0017"
    assert (usd("0.0011628") + unknown("builds")).fine() == "at least $0.0012"
    assert unknown("builds").fine() == "–"
    assert fine_dollars(Decimal("-0.0017")) == "−$0.0017"


def test_an_amount_in_a_sentence_says_how_sure_it_is() -> None:
    assert usd("0.027").text() == "about $0.03"
    assert usd("0.004").text() == "< $0.01"
    assert ZERO.text() == "$0.00"
    assert between("0.02", "0.03", "0.05").text() == "$0.02 to $0.05"
    assert unknown("the GPU").text() == "–"


def test_an_amount_with_a_part_missing_says_so() -> None:
    partly = usd("0.16") + unknown("Archive storage in asia-south2") + unknown("builds")

    assert partly.text() == "at least $0.16"
    assert partly.short() == "$0.16+"
    assert partly.missing_text() == "without Archive storage in asia-south2 and builds"


def test_nothing_known_of_it_is_not_nothing_to_pay() -> None:
    assert (ZERO + unknown("the GPU")).short() == "–"
    assert total([unknown("the GPU"), ZERO]).known is None


def test_an_unknown_amount_has_to_say_what_is_missing() -> None:
    with pytest.raises(ValueError, match="what is missing"):
        Amount(None)


def test_a_range_has_an_order() -> None:
    with pytest.raises(ValueError, match="not low, likely, high"):
        between(3, 2, 1)


def test_a_difference_takes_the_low_case_of_both_and_the_high_case_of_both() -> None:
    difference = between(1, 2, 5) - between(0, 3, 3)

    assert difference.known == Range(Decimal(-1), Decimal(-1), Decimal(2))


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (usd("-0.08"), "saves $0.08"),
        (usd("0.08"), "costs $0.08 more"),
        (ZERO, "costs the same"),
        (between("-0.02", "0.01", "0.05"), "between $0.02 less and $0.05 more"),
        (unknown("the GPU"), "not known without the GPU"),
        (usd("0.08") + unknown("builds"), "not known without builds"),
    ],
)
def test_differences_are_said_in_words(difference: Amount, said: str) -> None:
    assert difference_text(difference) == said


def test_a_difference_from_what_is_partly_unknown_is_not_known() -> None:
    partly = usd("0.16") + unknown("builds")

    assert difference(usd("0.20"), usd("0.16")) == usd("0.04")
    assert difference(usd("0.20"), partly) == difference(partly, usd("0.20")) == unknown("builds")


def test_three_cases_make_one_range() -> None:
    assert spread(usd(2), usd(1), usd(4)).known == Range(Decimal(1), Decimal(1), Decimal(4))


def test_the_cases_of_a_range_may_be_ranges_themselves() -> None:
    covered = spread(between(1, 2, 3), between(4, 5, 6), between(7, 8, 9)).known

    assert covered == Range(Decimal(1), Decimal(5), Decimal(9))


def test_an_amount_so_many_times_over() -> None:
    assert between(1, 2, 3).times(Range(Decimal(2), Decimal(3), Decimal(4))) == between(2, 6, 12)
    assert between(1, 2, 3) * -1 == between(-3, -2, -1)


def test_a_discount_is_taken_off_every_case() -> None:
    assert between(1, 2, 5).less(usd(2)) == between(0, 0, 3)


def test_json_has_figures_as_text_and_null_for_what_is_not_known() -> None:
    assert between("0.1", "0.16", "1.0000004").to_json() == {
        "low": "0.1",
        "usd": "0.16",
        "high": "1",
        "missing": [],
        "unverified": [],
    }
    assert unknown("builds").to_json()["usd"] is None


@PATIENTLY
@given(
    st.lists(amounts, max_size=6).flatmap(
        lambda some: st.tuples(st.just(some), st.permutations(some))
    )
)
def test_the_order_of_a_sum_does_not_matter(
    both: tuple[list[Amount], list[Amount]],
) -> None:
    some, shuffled = both
    assert total(some) == total(shuffled)


@PATIENTLY
@given(amounts, amounts, amounts)
def test_the_grouping_of_a_sum_does_not_matter(a: Amount, b: Amount, c: Amount) -> None:
    assert (a + b) + c == a + (b + c)


@PATIENTLY
@given(amounts, unknowns, st.integers(min_value=0, max_value=9))
def test_what_is_missing_stays_missing_through_all_arithmetic(
    amount: Amount, lost: Amount, factor: int
) -> None:
    for result in (amount + lost, lost + amount, amount - lost, (lost + amount) * factor):
        assert lost.missing <= result.missing
        assert result.known is None or any(result.known.figures)


@PATIENTLY
@given(amounts, amounts)
def test_a_discount_never_makes_an_amount_negative(amount: Amount, discount: Amount) -> None:
    left = amount.less(discount)

    assert left.missing == amount.missing
    assert left.known is None or left.known.low >= 0


@PATIENTLY
@given(unknowns, ranges)
def test_a_discount_on_what_is_not_known_does_not_make_it_free(
    amount: Amount, discount: Amount
) -> None:
    assert amount.less(discount).known is None
