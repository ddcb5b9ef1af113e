from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from cost_examples import NOON, PATIENTLY, PRICES, after, exact, likely
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.billed_time import Billing, Timesheet, Usage
from console.model.cost.compute_cost import Fleet, Shape, Usages, charge, spent
from console.model.cost.estimate import FreeTier, Window
from console.model.cost.instance_lives import Life, Settled, settle
from console.model.cost.prices import Gpu

RULES = PRICES.rules
DAY = Window(NOON, after(days=1))
CPU = Shape(region="us-central1", cpu=Decimal(4), memory=Decimal(16))
L4 = replace(CPU, gpu=Gpu.L4)
IDLE = timedelta(minutes=10)


def request(start: float, end: float) -> Window:
    return Window(after(seconds=start), after(seconds=end))


def settled(start: float, ready: float, end: float, *requests: Window) -> Settled:
    return Settled(after(seconds=start), after(seconds=ready), after(seconds=end), requests)


def usage(
    lives: Sequence[Settled], window: Window, billing: Billing, min_instances: int = 0
) -> Usage:
    return Timesheet(lives, billing, RULES, min_instances).within(window)


def by_requests(*lives: Settled, window: Window = DAY, min_instances: int = 0) -> Usage:
    return usage(lives, window, Billing.REQUESTS, min_instances)


def by_instances(*lives: Settled, window: Window = DAY) -> Usage:
    return usage(lives, window, Billing.INSTANCES)


def test_billed_by_requests_an_instance_costs_while_it_starts_and_answers() -> None:
    # start 20 s, then 30 s and 50 s of answers; idle in between and for ten minutes after
    life = settled(0, 20, 800, request(40, 70), request(100, 150))

    assert by_requests(life) == Usage(busy=Decimal(100), requests=Decimal(2))


def test_requests_at_the_same_time_are_billed_once() -> None:
    # 0 to 20 and, overlapping, 20 to 60
    life = settled(0, 20, 60, request(20, 50), request(30, 60))

    assert by_requests(life).busy == 60


def test_a_request_that_waited_for_the_instance_is_billed_from_its_start() -> None:
    life = settled(0, 20, 60, request(-5, 50))

    assert by_requests(life).busy == 50


def test_billed_by_instances_a_life_costs_from_start_to_end() -> None:
    life = settled(0, 20, 800, request(40, 70))

    assert by_instances(life) == Usage(whole=Decimal(800), requests=Decimal(1))


def test_a_life_of_seconds_is_billed_for_a_minute() -> None:
    assert by_instances(settled(0, 1, 7)).whole == 60


def test_time_is_rounded_up_to_a_tenth_of_a_second() -> None:
    assert by_instances(settled(0, 1, 60.01)).whole == Decimal("60.1")
    assert by_requests(settled(0, 1, 60, request(10, 10.001))).busy == Decimal("1.1")


def test_a_minimum_instance_has_idle_time() -> None:
    # an hour of life: 20 s to start, 40 s of answers
    life = settled(0, 20, 3600, request(100, 140))

    assert by_requests(life, min_instances=1) == Usage(
        busy=Decimal(60), idle=Decimal(3540), requests=Decimal(1)
    )


def test_an_instance_beyond_the_minimum_idles_for_nothing() -> None:
    lives = settled(0, 20, 3600), settled(0, 20, 3600)

    assert by_requests(*lives, min_instances=1).idle == 3580


def test_while_one_instance_answers_the_minimum_is_there() -> None:
    # one answers from 20 to 3,600; the other is not needed to have one at hand
    lives = settled(0, 20, 3600, request(20, 3600)), settled(0, 20, 3600)

    assert by_requests(*lives, min_instances=1).idle == 0
    assert by_requests(*lives, min_instances=2).idle == 3580


def test_who_was_not_seen_to_end_may_have_ended_or_idles_still() -> None:
    life = Life(NOON, ready=after(seconds=20), requests=(request(20, 60),))

    at = settle([life], after(minutes=5), IDLE)
    later = settle([life], after(hours=5), IDLE)

    assert (at.short[0].end, at.long[0].end) == (after(seconds=60), after(minutes=5))
    assert (later.short[0].end, later.long[0].end) == (after(seconds=60), after(seconds=660))


def test_who_answers_is_there() -> None:
    life = Life(NOON, ready=after(seconds=20), answering_since=after(seconds=20))

    at = settle([life], after(hours=1), IDLE)

    assert at.short == at.long
    assert at.long[0] == settled(0, 20, 3600, request(20, 3600))


def test_minimum_instances_are_kept_for_good() -> None:
    old, new = (Life(after(hours=each), ready=after(hours=each, seconds=20)) for each in (0, 1))

    at = settle([old, new], after(hours=9), IDLE, min_instances=1)

    assert [each.end for each in at.long] == [after(hours=9), after(seconds=620)]


def test_a_start_of_unknown_length_is_a_range_for_who_pays_by_requests() -> None:
    # asked for at 0, first answer from 30 to 50; the start took 0 to 30 s
    life = Life(NOON, requests=(request(30, 50),), end=after(seconds=60))

    usages = Usages(Fleet(CPU, (life,)), after(hours=1), PRICES)

    assert (usages.least(DAY).busy, usages.likely(DAY).busy) == (20, 50)


def test_a_start_of_unknown_length_ends_with_the_first_request_at_the_latest() -> None:
    # 30 s at most to start, and two answers of 5 s
    life = Life(NOON, requests=(request(30, 35), request(90, 95)), end=after(seconds=99))

    usages = Usages(Fleet(CPU, (life,)), after(hours=1), PRICES)

    assert (usages.least(DAY).busy, usages.likely(DAY).busy) == (10, 40)


def test_time_at_a_full_price_is_what_cloud_monitoring_counts() -> None:
    used = Usage(busy=Decimal(5), idle=Decimal(70), whole=Decimal(300))

    assert used.billable == 305


def test_what_a_wake_of_a_gpu_cost_is_a_range_until_its_end_is_known() -> None:
    # 60 s to start, a picture of 4 s, nothing after:
    #   at least 64 s × 0.0002907 = 0.0186048, at most 664 s × 0.0002907 = 0.1930248
    life = Life(NOON, ready=after(seconds=60), requests=(request(60, 64),))

    cost = spent([Fleet(L4, (life,))], DAY, after(hours=1), PRICES).total

    assert cost.text() == "$0.02 to $0.19"
    ended = replace(life, end=after(seconds=664))
    assert exact(spent([Fleet(L4, (ended,))], DAY, after(hours=1), PRICES)) == Decimal("0.1930248")


@pytest.mark.parametrize("billing", Billing)
def test_nobody_there_costs_nothing(billing: Billing) -> None:
    assert usage([], DAY, billing, 3) == Usage()


moments = st.integers(min_value=0, max_value=7_200_000).map(lambda each: NOON + each * MILLISECOND)
MILLISECOND = timedelta(milliseconds=1)
spans = st.tuples(moments, moments).map(lambda each: Window(*sorted(each)))


@st.composite
def whole_lives(draw: st.DrawFn) -> Settled:
    span = draw(spans)
    ready = draw(st.integers(0, 100)) * span.length / 100 + span.start
    asked = draw(st.lists(spans, max_size=4))
    within = [
        Window(max(each.start, span.start), min(each.end, span.end))
        for each in asked
        if max(each.start, span.start) <= min(each.end, span.end)
    ]
    return Settled(span.start, ready, span.end, tuple(within))


@st.composite
def open_lives(draw: st.DrawFn) -> Life:
    life = draw(whole_lives())
    return Life(
        start=life.start,
        ready=draw(st.sampled_from([life.ready, None])),
        requests=life.requests,
        end=draw(st.sampled_from([life.end, None])),
        seen=draw(st.sampled_from([life.ready, None])),
    )


fleets = st.lists(whole_lives(), max_size=5)
billings = st.sampled_from(Billing)
minimums = st.integers(min_value=0, max_value=3)


@PATIENTLY
@given(fleets, billings, minimums, moments)
def test_splitting_the_time_never_changes_the_sum(
    fleet: list[Settled], billing: Billing, minimum: int, middle: datetime
) -> None:
    def used(window: Window) -> Usage:
        return usage(fleet, window, billing, minimum)

    assert used(Window(NOON, middle)) + used(Window(middle, DAY.end)) == used(DAY)


@PATIENTLY
@given(fleets.flatmap(lambda each: st.tuples(st.just(each), st.permutations(each))), minimums)
def test_the_order_of_instances_does_not_matter(
    both: tuple[list[Settled], list[Settled]], minimum: int
) -> None:
    there, back = (usage(each, DAY, Billing.REQUESTS, minimum) for each in both)

    assert there == back


@PATIENTLY
@given(fleets, minimums)
def test_billed_by_requests_nobody_pays_for_longer_than_the_instances_lived(
    fleet: list[Settled], minimum: int
) -> None:
    used = usage(fleet, DAY, Billing.REQUESTS, minimum)
    lived = sum((each.end - each.start for each in fleet), timedelta())
    rounding = RULES.rounding * sum(1 + len(each.requests) for each in fleet)

    assert used.busy + used.idle <= Decimal((lived + rounding) / timedelta(seconds=1)) + 1


@PATIENTLY
@given(fleets, billings, moments, moments)
def test_more_time_is_never_cheaper(
    fleet: list[Settled], billing: Billing, one: datetime, other: datetime
) -> None:
    early, late = sorted((one, other))

    def cost(end: datetime) -> Decimal:
        used = usage(fleet, Window(NOON, end), billing, 1)
        return likely(charge(used, CPU, PRICES, FreeTier.ALONE))

    assert cost(early) <= cost(late)


@PATIENTLY
@given(st.lists(open_lives(), max_size=4), moments, minimums, st.sampled_from([CPU, L4]))
def test_a_life_that_is_open_costs_no_less_when_it_is_looked_at_later(
    lives: list[Life], now: datetime, minimum: int, shape: Shape
) -> None:
    shape = replace(shape, min_instances=minimum)

    def cost(at: datetime) -> Decimal:
        known = spent([Fleet(shape, tuple(lives))], DAY, at, PRICES).total.known
        assert known is not None
        assert known.low <= known.likely <= known.high
        return known.high

    assert cost(now) <= cost(now + timedelta(hours=1))


@PATIENTLY
@given(st.lists(open_lives(), min_size=1, max_size=4), st.sampled_from(FreeTier))
def test_the_free_tier_never_pays_out(lives: list[Life], free: FreeTier) -> None:
    known = spent([Fleet(CPU, tuple(lives))], DAY, DAY.end, PRICES, free).total.known

    assert known is not None
    assert known.low >= 0


@PATIENTLY
@given(st.lists(open_lives(), min_size=1, max_size=4), st.sampled_from(FreeTier))
def test_instances_of_unknown_size_are_not_free(lives: list[Life], free: FreeTier) -> None:
    unsized = replace(L4, cpu=None, region="mars-north1")

    assert spent([Fleet(unsized, tuple(lives))], DAY, DAY.end, PRICES, free).total.known is None
