"""What is spent goes on with the clock, and ends when nothing can run any more."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from cost_examples import NOON, PATIENTLY, PRICES, likely
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.billed_time import Billing
from console.model.cost.compute_cost import Fleet, Shape
from console.model.cost.countdown import spending_later
from console.model.cost.instance_lives import Life
from console.model.cost.prices import Gpu
from console.model.cost.spending import SpendingNow, spending_now

L4 = Shape(region="us-central1", cpu=Decimal(4), memory=Decimal(16), gpu=Gpu.L4)
CPUS = replace(L4, gpu=None, billing=Billing.REQUESTS)
A_SECOND = Decimal("0.0002907")


def started(minutes: float, **known: object) -> Life:
    return replace(Life(NOON - timedelta(minutes=minutes)), **known)  # type: ignore[arg-type]


def now(*lives: Life, shape: Shape = L4) -> SpendingNow:
    known = spending_now(Fleet(shape, lives), NOON, PRICES)
    assert known is not None
    return known


def after(known: SpendingNow, seconds: float) -> SpendingNow:
    later = spending_later(known, timedelta(seconds=seconds))
    assert later is not None
    return later


def test_an_idle_gpu_counts_down_and_costs_on() -> None:
    # 6 minutes are 360 × 0.0002907 = 0.104652, and two more 0.034884
    known = now(started(6))
    assert known.words == "awake 6 min, about $0.10 so far; billed up to 4 min more"

    later = after(known, 120)

    assert later.words == "awake 8 min, about $0.14 so far; billed up to 2 min more"
    assert likely(later.so_far) == 480 * A_SECOND
    assert later.tail is not None
    assert likely(later.tail) == 120 * A_SECOND


def test_at_the_end_of_its_ten_minutes_nothing_runs() -> None:
    known = now(started(6))

    assert after(known, 239.9).words.endswith("billed up to 0 s more")
    assert spending_later(known, timedelta(seconds=240)) is None


def test_an_instance_at_work_costs_on_without_an_end() -> None:
    known = now(started(6, answering_since=NOON - timedelta(seconds=2)))

    assert (
        after(known, 3600).words
        == "awake 66 min, about $1.15 so far; at work for about $1.05 an hour"
    )


def test_one_kept_for_good_costs_on_without_an_end() -> None:
    known = now(started(6), shape=replace(L4, min_instances=1))

    later = after(known, 86_400)

    assert "kept for good" in later.words
    assert likely(later.so_far) == (360 + 86_400) * A_SECOND


def test_idling_that_is_not_billed_costs_nothing_more() -> None:
    known = now(started(6), shape=CPUS)

    later = after(known, 60)

    assert later.so_far == known.so_far
    assert later.words.endswith("idling is not billed")


def test_of_two_idle_instances_neither_costs_beyond_its_end() -> None:
    # one has 4 minutes left and one 9: 13 × 60 × 0.0002907 in all, however late it is asked
    known = now(started(6), started(1))

    later = after(known, 9 * 60 - 1)

    assert likely(later.so_far) - likely(known.so_far) == 13 * 60 * A_SECOND


def test_a_clock_that_goes_back_changes_nothing() -> None:
    known = now(started(6))

    assert after(known, -30) == known


@PATIENTLY
@given(st.lists(st.floats(0.1, 9.9), min_size=1, max_size=4), st.floats(0, 900), st.floats(0, 900))
def test_what_was_spent_never_shrinks(begun: list[float], first: float, more: float) -> None:
    known = now(*map(started, begun))
    one = spending_later(known, timedelta(seconds=first))
    two = spending_later(known, timedelta(seconds=first + more))
    if one is None:
        assert two is None
    elif two is not None:
        assert likely(one.so_far) <= likely(two.so_far)
        assert known.tail is not None
        assert likely(two.so_far) <= likely(known.so_far) + likely(known.tail)
