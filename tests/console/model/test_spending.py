from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from cost_examples import GIB, NOON, PATIENTLY, PRICES, after, close, exact, likely
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.billed_time import Usage
from console.model.cost.compute_cost import Fleet, Shape, charge
from console.model.cost.estimate import FreeTier, Window
from console.model.cost.instance_lives import Life
from console.model.cost.money import Amount, total
from console.model.cost.prices import Gpu, StorageClass
from console.model.cost.spending import (
    billing_day,
    billing_month,
    instance_spending,
    spending_now,
    storage_spending,
)
from console.model.cost.storage_cost import Holding, Operations, operations
from console.model.storage import Kept

IOWA = "us-central1"
CPU = Shape(region=IOWA, cpu=Decimal(4), memory=Decimal(16))
L4 = replace(CPU, gpu=Gpu.L4)
L4_BIG = replace(L4, cpu=Decimal(8), memory=Decimal(32))
CENT = Decimal("0.01")


def said(shape: Shape, life: Life, minutes: float) -> str | None:
    now = spending_now(Fleet(shape, (life,)), after(minutes=minutes), PRICES)
    return None if now is None else now.words


def test_an_idle_gpu_is_said_with_what_it_still_will_cost() -> None:
    # 6 min × 60 s × 0.0002907 = 0.104652; idle since it was ready, kept 10 min at most;
    # 4 min × 60 s × 0.0002907 = 0.069768
    idle = Life(NOON, ready=NOON)

    assert said(L4, idle, 6) == "awake 6 min, about $0.10 so far; billed up to 4 min more"
    now = spending_now(Fleet(L4, (idle,)), after(minutes=6), PRICES)
    assert now is not None
    assert now.more == timedelta(minutes=4)
    assert now.tail is not None
    assert exact(now.tail) == Decimal("0.069768")


def test_a_gpu_at_work_is_said_with_its_price_an_hour() -> None:
    at_work = Life(NOON, ready=NOON, answering_since=after(minutes=1))

    assert said(L4, at_work, 6) == (
        "awake 6 min, about $0.10 so far; at work for about $1.05 an hour"
    )


def test_a_gpu_that_is_kept_is_said_to_be() -> None:
    always = replace(L4, min_instances=1)

    assert said(always, Life(NOON, ready=NOON), 180) == (
        "awake 3 h 00 min, about $3.14 so far; kept for good at about $1.05 an hour"
    )


def test_idle_cpus_that_are_billed_by_requests_are_said_to_cost_nothing() -> None:
    # 30 s to start × 0.000136 = 0.00408
    idle = Life(NOON, ready=after(seconds=30))

    assert said(CPU, idle, 6) == "awake 6 min, < $0.01 so far; idling is not billed"
    assert said(replace(CPU, min_instances=1), idle, 6) == (
        # and (360 − 30) s × 0.00005 = 0.0165; an hour 0.18
        "awake 6 min, about $0.02 so far; kept for good at about $0.18 an hour"
    )


def test_what_must_have_ended_is_not_spending() -> None:
    idle = Life(NOON, ready=NOON)

    assert said(L4, idle, 10) is None
    assert said(L4, replace(idle, end=after(minutes=2)), 3) is None
    assert said(CPU, idle, 14) is not None


def test_an_instance_that_is_yet_to_be_asked_for_is_not_spending() -> None:
    assert said(L4, Life(NOON, ready=NOON), -1) is None
    assert said(L4, Life(NOON, ready=NOON), 0) is not None


def test_several_instances_are_said_together() -> None:
    # 6 min and 3 min: 540 s × 0.0002907 = 0.156978; two of them 2 × 1.04652 an hour;
    # the younger one is kept for 7 min at most, both together for 4 + 7 min
    fleet = Fleet(L4, (Life(NOON, ready=NOON), Life(after(minutes=3), ready=after(minutes=3))))

    now = spending_now(fleet, after(minutes=6), PRICES)

    assert now is not None
    assert now.words == "awake 6 min, about $0.16 so far; billed up to 7 min more"
    assert exact(now.an_hour) == Decimal("2.09304")
    assert now.tail is not None
    assert exact(now.tail) == Decimal("0.191862")


def test_cpus_at_work_cost_by_the_instance_that_works() -> None:
    # one works, 0.000136; of two minimum instances one is idle, 0.00005: × 3,600
    kept = replace(CPU, min_instances=2)
    at_work = Life(NOON, ready=NOON, answering_since=NOON)
    fleet = Fleet(kept, (at_work, Life(NOON, ready=NOON)))

    now = spending_now(fleet, after(minutes=6), PRICES)

    assert now is not None
    assert exact(now.an_hour) == Decimal("0.6696")


def test_a_shape_without_a_price_is_said_to_cost_something_unknown() -> None:
    far = replace(L4, region="mars-north1")

    assert said(far, Life(NOON, ready=NOON), 6) == "awake 6 min, – so far; billed up to 4 min more"


class Pacific(tzinfo):
    """US Pacific time around the end of daylight saving in 2026, without a time zone database."""

    def utcoffset(self, at: datetime | None) -> timedelta:
        summer = at is not None and at.replace(tzinfo=None) < datetime(2026, 11, 1, 2)
        return timedelta(hours=-7 if summer else -8)

    def dst(self, at: datetime | None) -> timedelta:
        return self.utcoffset(at) + timedelta(hours=8)


def test_a_month_and_a_day_begin_at_midnight_where_the_bill_is_made() -> None:
    month = billing_month(NOON, Pacific())
    first = billing_day(datetime(2026, 11, 1, 20, tzinfo=UTC), Pacific())

    assert month == Window(
        datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC)
    )
    assert month.length == timedelta(days=30, hours=1)
    assert first.length == timedelta(hours=25)


def test_december_is_followed_by_january() -> None:
    month = billing_month(datetime(2026, 12, 31, 23, tzinfo=UTC), UTC)

    assert month.end == datetime(2027, 1, 1, tzinfo=UTC)


def november(day: int, hour: float = 0) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour)


def wake(day: int, hour: float = 9, idle: float = 600) -> Life:
    """One minute to start, no picture, ten minutes idle: 660 s."""
    start = november(day, hour)
    ready = start + timedelta(seconds=60)
    return Life(start, ready=ready, end=ready + timedelta(seconds=idle))


def test_the_end_of_the_month_is_a_range() -> None:
    # A wake is 660 s × 0.0002907 = 0.191862. One a day for ten days, two on the third: 11.
    #   nothing more comes    11 × 0.191862 =  2.110482
    #   as so far       11 + 1.1 × 20 = 33   =  6.331446
    #   as on the third   11 + 2 × 20 = 51   =  9.784962
    lives = (*(wake(day) for day in range(1, 11)), wake(3, 15))

    spending = instance_spending([Fleet(L4, lives)], november(11), UTC, PRICES)

    assert exact(spending.so_far) == Decimal("2.110482")
    assert exact(spending.today) == 0
    end = spending.month_end.total.known
    assert end is not None
    assert [each.quantize(Decimal("1e-6")) for each in end.figures] == [
        Decimal("2.110482"),
        Decimal("6.331446"),
        Decimal("9.784962"),
    ]


def test_minimum_instances_go_on_by_themselves() -> None:
    # Kept from the first: all 30 days × 86,400 s × 0.0002907 = 753.4944 whatever comes
    always = Fleet(replace(L4, min_instances=1), (Life(november(1), ready=november(1)),))

    spending = instance_spending([always], november(11), UTC, PRICES)

    assert spending.month_end.total.text() == "about $753.49"
    # ten of the thirty days
    assert exact(spending.so_far) == Decimal("251.1648")


def test_a_busy_first_hour_does_not_make_a_busy_month() -> None:
    # one wake by 10:00 on the first counts as one a day: 1 + 29.58…
    spending = instance_spending([Fleet(L4, (wake(1),))], november(1, 10), UTC, PRICES)

    month_end = spending.month_end.total.known
    assert month_end is not None
    assert month_end.likely < 31 * Decimal("0.191862")


def picture_day(day: int) -> Life:
    """58.3 s to start, three pictures of 4.25 s in three minutes, then ten minutes idle."""
    start = november(day, 9)

    def at(length: float) -> datetime:
        return start + timedelta(seconds=length)

    asked = (at(0), at(118.3), at(178.3))
    done = (at(62.55), at(122.55), at(182.55))
    requests = tuple(map(Window, asked, done))
    return Life(start, ready=at(58.3), requests=requests, end=at(782.55))


def deploy(day: int) -> Life:
    """The instance that a roll-out tries: 45 s."""
    start = november(day, 8)
    return Life(start, ready=start + timedelta(seconds=40), end=start + timedelta(seconds=45))


OLD = Fleet(L4, (deploy(1), *(picture_day(day) for day in range(1, 11))))
NEW = Fleet(L4_BIG, (deploy(11), *(picture_day(day) for day in range(11, 31))))
LAST = november(30, 23.9)


def cents(amount: Amount) -> Decimal:
    return likely(amount).quantize(CENT)


def test_a_whole_month_is_what_a_spreadsheet_says() -> None:
    """A month with two revisions, 30 wakes, a roll-out of each, and the model uploaded again."""
    # | what           | seconds                    | price           |          |
    # | old, 10 days   | 10 × 782.6 (782.55 up)     |                 |          |
    # | old, roll-out  | 60 (45, but a minute)      |                 |          |
    # | old            | 7,886.0                    | 0.0002907       | 2.292460 |
    # | new, 20 days   | 20 × 782.6                 |                 |          |
    # | new, roll-out  | 60                         |                 |          |
    # | new            | 15,712.0                   | 0.0003947       | 6.201526 |
    old, new = Decimal("7886.0"), Decimal("15712.0")
    compute = old * Decimal("0.0002907") + new * Decimal("0.0003947")
    # | what           | GiB × hours                | price           |
    # | first copy     | 8 × 240, live              |                 |
    # | first copy     | 8 × 168, soft-deleted      |                 |
    # | second copy    | 8 × 479.9, live            |                 |
    # |                | 7,103.2 ÷ 730              | 0.020           | 0.194608 |
    bucket = Decimal("7103.2") / 730 * Decimal("0.020")
    # | operations     | 30 wakes × 512 reads       | 0.0004 ÷ 1,000  | 0.006144 |
    reading = Decimal("0.006144")

    instances = instance_spending([OLD, NEW], LAST, UTC, PRICES)
    storage = storage_spending(model_uploaded_again(), LAST, UTC, IOWA, PRICES)
    asked = operations({StorageClass.STANDARD: Operations(reads=30 * 512)}, IOWA, PRICES)

    assert exact(instances.so_far) == compute
    assert cents(storage.so_far.total) == bucket.quantize(CENT)
    everything = total([(instances + storage).so_far.total, asked.total])
    assert cents(everything) == (compute + bucket + reading).quantize(CENT) == Decimal("8.69")


def model_uploaded_again() -> list[Holding]:
    october, again = datetime(2026, 10, 5, tzinfo=UTC), november(11)
    first = Holding(
        bytes=8 * GIB, storage_class=StorageClass.STANDARD, created=october, until=again
    )
    return [
        first,
        replace(first, kept=Kept.SOFT_DELETED, since=again, until=november(18), gone=True),
        replace(first, created=again, until=None),
    ]


def test_the_same_month_with_the_free_tier() -> None:
    # CPU    4 × 7,886 + 8 × 15,712 = 157,240 vCPU-s of 240,000: nothing
    # memory 16 × 7,886 + 32 × 15,712 = 628,960 − 450,000 = 178,960 × 0.000002 = 0.35792
    # GPU    23,598 × 0.0001867 = 4.4057466
    month = instance_spending([OLD, NEW], LAST, UTC, PRICES, FreeTier.ALONE)

    assert exact(month.so_far) == Decimal("4.7636666")


def test_today_is_the_part_of_the_month_since_midnight() -> None:
    # the wake of the 30th: 782.6 s × 0.0003947
    month = instance_spending([OLD, NEW], LAST, UTC, PRICES)

    assert exact(month.today) == Decimal("0.30889222")


def test_what_a_free_tier_has_left_is_free_today() -> None:
    # on the first day nothing of it has been used: GPU alone, (60 + 782.6) × 0.0001867
    first = instance_spending([OLD], november(1, 23), UTC, PRICES, FreeTier.ALONE)

    assert exact(first.today) == Decimal("0.15731342")


def test_a_bucket_goes_on_to_the_end_of_the_month() -> None:
    # 8 GiB × 720 h ÷ 730 h × 0.020 for a bucket that stays; ten days of it so far
    held = Holding(
        bytes=8 * GIB, storage_class=StorageClass.STANDARD, created=datetime(2026, 1, 1, tzinfo=UTC)
    )

    storage = storage_spending([held], november(11), UTC, IOWA, PRICES)

    assert cents(storage.month_end.total) == Decimal("0.16")
    assert cents(storage.so_far.total) == Decimal("0.05")


def test_a_buckets_day_is_its_hours_since_midnight() -> None:
    # 8 GiB × 6 h ÷ 730 h × 0.020
    held = Holding(
        bytes=8 * GIB, storage_class=StorageClass.STANDARD, created=datetime(2026, 1, 1, tzinfo=UTC)
    )

    storage = storage_spending([held], november(11, 6), UTC, IOWA, PRICES)

    assert close(exact(storage.today), Decimal("0.16") * 6 / 730)


def test_two_price_lists_are_as_old_as_the_older_one() -> None:
    older = replace(PRICES, date=PRICES.date - timedelta(days=400))
    usage = Usage(whole=Decimal(1))

    both = charge(usage, L4, PRICES) + charge(usage, L4, older)

    assert both.prices_of == older.date


days = st.integers(min_value=1, max_value=30)
lives = st.lists(
    st.builds(wake, days, st.floats(min_value=0, max_value=23), st.floats(0, 5000)), max_size=6
)


@PATIENTLY
@given(lives, days, st.floats(min_value=0, max_value=23.9), st.sampled_from(FreeTier))
def test_today_is_part_of_the_month_and_the_month_of_its_end(
    some: list[Life], day: int, hour: float, free: FreeTier
) -> None:
    spending = instance_spending([Fleet(L4, tuple(some))], november(day, hour), UTC, PRICES, free)

    today, month, end = (
        each.known for each in (spending.today, spending.so_far.total, spending.month_end.total)
    )
    assert today is not None
    assert month is not None
    assert end is not None
    assert 0 <= today.low <= today.likely <= month.likely <= end.likely <= end.high
    assert month.low <= end.low


@PATIENTLY
@given(lives, lives)
def test_the_order_of_revisions_does_not_matter(one: list[Life], other: list[Life]) -> None:
    fleets = [Fleet(L4, tuple(one)), Fleet(L4_BIG, tuple(other))]

    there, back = (
        instance_spending(each, LAST, UTC, PRICES, FreeTier.ALONE).so_far.total
        for each in (fleets, fleets[::-1])
    )

    assert likely(there) == likely(back)
