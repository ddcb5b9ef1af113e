from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from cost_examples import GIB, NOON, PATIENTLY, PRICES, after, close, exact, likely
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.estimate import FreeTier, Window
from console.model.cost.prices import StorageClass
from console.model.cost.storage_cost import (
    Holding,
    Kept,
    ModelFiles,
    Operations,
    early_deletion,
    keeping,
    keeping_a_month,
    operations,
    reading_once,
    retrieval,
    storage,
)

STANDARD, NEARLINE, COLDLINE, ARCHIVE = StorageClass
IOWA = "us-central1"
GUIDE = ModelFiles(bytes=8 * GIB, region=IOWA)


def object_of(gib: int, storage_class: StorageClass = STANDARD, **fields: object) -> Holding:
    made = Holding(bytes=gib * GIB, storage_class=storage_class, created=NOON)
    return replace(made, **fields)  # type: ignore[arg-type]


# The guide's example. 8 GB, which is 8 GiB in the price list's own unit, in us-central1:
#   Standard   8 × $0.020  = $0.16 a month
#   Nearline   8 × $0.010  = $0.08 a month, and 8 × $0.01 = $0.08 for each cold start
#   Coldline   8 × $0.004  = $0.032          8 × $0.02 = $0.16
#   Archive    8 × $0.0012 = $0.0096         8 × $0.05 = $0.40


def test_the_guides_example() -> None:
    assert exact(storage(8 * GIB, STANDARD, IOWA, PRICES).amount) == Decimal("0.16")
    assert exact(storage(8 * GIB, NEARLINE, IOWA, PRICES).amount) == Decimal("0.08")
    assert exact(retrieval(8 * GIB, NEARLINE, PRICES).amount) == Decimal("0.08")
    assert exact(retrieval(1 * GIB, NEARLINE, PRICES).amount) == Decimal("0.01")


def test_decimal_gigabytes_are_not_the_lists_gigabytes() -> None:
    # 8 × 10⁹ bytes are 8 000 000 000 ÷ 1 073 741 824 = 7.450580596923828125 GiB × $0.020
    line = storage(8 * 10**9, STANDARD, IOWA, PRICES)

    assert exact(line.amount) == Decimal("0.1490116119384765625")
    assert line.how == "7.45 GiB"


def test_a_month_of_everything_in_a_bucket_names_what_is_not_live() -> None:
    month = keeping_a_month(
        [
            object_of(8),
            object_of(8, kept=Kept.SOFT_DELETED),
            object_of(4, NEARLINE, kept=Kept.NONCURRENT),
            object_of(1, kept=Kept.UNFINISHED),
        ],
        IOWA,
        PRICES,
    )

    # 8 × 0.020, 8 × 0.020, 4 × 0.010, 1 × 0.020
    assert {line.what: exact(line.amount) for line in month.lines} == {
        "Standard storage in us-central1": Decimal("0.16"),
        "Standard storage in us-central1, soft-deleted": Decimal("0.16"),
        "Nearline storage in us-central1, noncurrent": Decimal("0.04"),
        "Standard storage in us-central1, unfinished upload": Decimal("0.02"),
    }
    assert exact(month) == Decimal("0.38")


def test_five_gib_months_are_free_where_google_says_so() -> None:
    # (8 − 5) × $0.020; us-east4 has no free storage: 8 × $0.023
    free = keeping_a_month([object_of(8)], IOWA, PRICES, FreeTier.ALONE)
    elsewhere = keeping_a_month([object_of(8)], "us-east4", PRICES, FreeTier.ALONE)

    assert exact(free) == Decimal("0.06")
    assert exact(elsewhere) == Decimal("0.184")


def test_a_shared_free_tier_makes_a_range() -> None:
    shared = keeping_a_month([object_of(8)], IOWA, PRICES, FreeTier.SHARED).total

    assert shared.text() == "$0.06 to $0.16"


def test_uploading_again_bills_the_old_copy_for_a_week() -> None:
    # 8 GiB live for 30 days (720 h) and the old 8 GiB soft-deleted for 7 days (168 h):
    #   8 × 0.020 × 720 ÷ 730 = 0.157808219178…   8 × 0.020 × 168 ÷ 730 = 0.036821917808…
    month = keeping(
        [
            object_of(8),
            object_of(8, kept=Kept.SOFT_DELETED, until=after(days=7), gone=True),
        ],
        Window(NOON, after(days=30)),
        IOWA,
        PRICES,
    )

    assert close(exact(month), Decimal("0.16") * (720 + 168) / 730)


def test_what_was_kept_before_and_after_the_window_is_not_counted() -> None:
    # 730 GiB × 1 h = 1 GiB-month = $0.020
    kept = keeping([object_of(730)], Window(after(hours=-5), after(hours=1)), IOWA, PRICES)

    assert close(exact(kept), "0.020")


def test_replacing_a_nearline_object_after_ten_days_bills_the_other_twenty() -> None:
    # 8 GiB × $0.010 × 20 d × 24 h ÷ 730 h = 0.0526027397…
    replaced = object_of(8, NEARLINE, until=after(days=10), gone=True)

    line = early_deletion(replaced, after(days=10), IOWA, PRICES)

    assert line is not None
    assert close(exact(line.amount), Decimal("0.08") * 480 / 730)
    assert line.how == "8 GiB for 20.0 more days"


def test_being_replaced_too_soon_is_part_of_that_months_cost() -> None:
    # kept 10 days and billed for 30: 8 × 0.010 × 720 ÷ 730
    replaced = object_of(8, NEARLINE, until=after(days=10), gone=True)

    month = keeping([replaced], Window(NOON, after(days=30)), IOWA, PRICES)

    assert close(exact(month), Decimal("0.08") * 720 / 730)


@pytest.mark.parametrize(
    ("storage_class", "days"), [(STANDARD, 0), (NEARLINE, 30), (COLDLINE, 90), (ARCHIVE, 365)]
)
def test_staying_for_the_minimum_duration_costs_nothing_more(
    storage_class: StorageClass, days: int
) -> None:
    held = object_of(8, storage_class)

    assert early_deletion(held, after(days=days), IOWA, PRICES) is None
    assert days == 0 or early_deletion(held, after(days=days - 1), IOWA, PRICES)


def test_turning_from_live_to_noncurrent_is_not_going() -> None:
    chain = [
        object_of(8, NEARLINE, until=after(days=1)),
        object_of(8, NEARLINE, kept=Kept.NONCURRENT, since=after(days=1)),
    ]

    month = keeping(chain, Window(NOON, after(days=30)), IOWA, PRICES)

    # 30 days of one object: 8 × 0.010 × 720 ÷ 730
    assert close(exact(month), Decimal("0.08") * 720 / 730)


def test_operations_by_class() -> None:
    # 2,000 writes × $0.005 ÷ 1,000 = $0.01; 100,000 reads × $0.0004 ÷ 1,000 = $0.04
    month = operations({STANDARD: Operations(writes=2_000, reads=100_000)}, IOWA, PRICES)

    assert [exact(line.amount) for line in month.lines] == [Decimal("0.01"), Decimal("0.04")]


def test_the_free_operations_are_taken_off() -> None:
    # writes 2,000 of 5,000 free; reads (100,000 − 50,000) × $0.0004 ÷ 1,000 = $0.02
    counts = {STANDARD: Operations(writes=2_000, reads=100_000)}

    assert exact(operations(counts, IOWA, PRICES, FreeTier.ALONE)) == Decimal("0.02")
    assert exact(operations(counts, "europe-west1", PRICES, FreeTier.ALONE)) == Decimal("0.05")


def test_a_cold_start_next_to_its_bucket_pays_for_its_operations_alone() -> None:
    # 512 reads × $0.0004 ÷ 1,000
    once = reading_once(replace(GUIDE, reads=512), IOWA, PRICES)

    assert exact(once) == Decimal("0.0002048")


def test_a_cold_start_across_the_ocean_pays_for_the_way() -> None:
    # 8 GiB × $0.05 from Iowa to Belgium
    once = reading_once(GUIDE, "europe-west1", PRICES).total

    assert likely(once) == Decimal("0.40")
    assert once.unverified == {"transfer between Europe and North America"}


sizes = st.integers(min_value=0, max_value=64 * GIB)
hours = st.integers(min_value=0, max_value=10**9).map(lambda each: timedelta(milliseconds=each))
classes = st.sampled_from(StorageClass)
holdings = st.builds(
    lambda size, storage_class, kept, start, stay: Holding(
        bytes=size,
        storage_class=storage_class,
        kept=kept,
        created=NOON + start,
        until=None if stay is None else NOON + start + stay,
        gone=stay is not None,
    ),
    sizes,
    classes,
    st.sampled_from(Kept),
    hours,
    st.one_of(st.none(), hours),
)
buckets = st.lists(holdings, max_size=6)
WINDOW = Window(NOON, after(days=30))


@PATIENTLY
@given(buckets, hours)
def test_splitting_the_time_never_changes_the_sum(bucket: list[Holding], at: timedelta) -> None:
    middle = NOON + at
    parts = [keeping(bucket, each, IOWA, PRICES) for each in split(middle)]

    whole = likely(keeping(bucket, WINDOW, IOWA, PRICES))
    assert close(whole, likely(parts[0]) + likely(parts[1]))


def split(middle: object) -> tuple[Window, Window]:
    return Window(NOON, middle), Window(middle, after(days=30))  # type: ignore[arg-type]


@PATIENTLY
@given(buckets.flatmap(lambda each: st.tuples(st.just(each), st.permutations(each))))
def test_the_order_of_objects_does_not_matter(both: tuple[list[Holding], list[Holding]]) -> None:
    there, back = (keeping(each, WINDOW, IOWA, PRICES).total for each in both)

    assert close(likely(there), likely(back))


@PATIENTLY
@given(sizes, sizes, classes)
def test_more_bytes_are_never_cheaper(one: int, more: int, storage_class: StorageClass) -> None:
    def price(of: int) -> Decimal:
        return likely(
            keeping_a_month([object_with(of, storage_class)], IOWA, PRICES, FreeTier.ALONE)
        )

    assert price(one) <= price(one + more)


def object_with(size: int, storage_class: StorageClass) -> Holding:
    return Holding(bytes=size, storage_class=storage_class, created=NOON)


@PATIENTLY
@given(buckets, hours, hours)
def test_more_time_is_never_cheaper(bucket: list[Holding], one: timedelta, more: timedelta) -> None:
    def price(end: timedelta) -> Decimal:
        window = Window(NOON, NOON + end)
        return likely(keeping(bucket, window, IOWA, PRICES, FreeTier.ALONE))

    assert price(one) <= price(one + more) + Decimal("1e-20")


@PATIENTLY
@given(buckets, st.sampled_from(FreeTier))
def test_what_is_free_never_pays_out(bucket: list[Holding], free: FreeTier) -> None:
    total = keeping_a_month(bucket, IOWA, PRICES, free).total

    assert total.known is not None
    assert total.known.low >= 0


@PATIENTLY
@given(sizes.filter(bool), classes, st.sampled_from(FreeTier))
def test_a_bucket_where_no_price_is_known_is_not_free(
    size: int, storage_class: StorageClass, free: FreeTier
) -> None:
    total = keeping_a_month([object_with(size, storage_class)], "mars-north1", PRICES, free).total

    assert total.known is None
    assert total.short() == "–"


priced: list[Callable[[int], Decimal]] = [
    lambda size: likely(reading_once(ModelFiles(bytes=size, region=IOWA), "asia-south1", PRICES)),
    lambda size: likely(retrieval(size, ARCHIVE, PRICES).amount),
]


@pytest.mark.parametrize("price", priced)
def test_reading_twice_as_much_costs_twice_as_much(price: Callable[[int], Decimal]) -> None:
    assert price(16 * GIB) == 2 * price(8 * GIB) > 0
