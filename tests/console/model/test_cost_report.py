"""The report of costs: what is in it, what is not known in it, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from cost_examples import GIB, PATIENTLY, PRICES, close, exact, likely
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.billed_time import Billing
from console.model.cost.bucket_cost import BucketContents
from console.model.cost.compute_cost import Fleet, Shape
from console.model.cost.counted import Counted
from console.model.cost.estimate import FreeTier, Window
from console.model.cost.facts import CostFacts, Known, MonthMeters, Speeds
from console.model.cost.instance_lives import Life
from console.model.cost.money import Range
from console.model.cost.prices import Gpu, StorageClass
from console.model.cost.reckoning import cost_report
from console.model.cost.report import CostPart, CostReport, PricesLabel
from console.model.cost.what_if import Dimension
from console.model.image_name import Repository
from console.model.meters import Meters, Operations
from console.model.registry import RegistryFacts, StoredImage
from console.model.storage import Bucket, Kept, ObjectList, StoredObject
from console.model.text import SafeText

IOWA, BELGIUM = "us-central1", "europe-west1"
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LABEL = PricesLabel(PRICES.date, len(PRICES.prices))
CPU = Shape(region=IOWA, cpu=Decimal(4), memory=Decimal(16), concurrency=4, max_instances=2)
L4 = replace(CPU, gpu=Gpu.L4, billing=Billing.INSTANCES, concurrency=1, max_instances=1)


def day(number: int, hour: float = 0) -> datetime:
    return FIRST + timedelta(days=number - 1, hours=hour)


def wake(start: datetime, took: float = 120.0) -> Life:
    """An instance that is asked for, answers one request from then on, and ends with it."""
    end = start + timedelta(seconds=took)
    return Life(start, start, (Window(start, end),), end=end)


def bucket(*objects: StoredObject, location: str = IOWA) -> BucketContents:
    known = Bucket(
        name=SafeText("models"),
        location=SafeText(location.upper()),
        storage_class=SafeText("STANDARD"),
    )
    return BucketContents(known, ObjectList(objects))


def stored(
    size: int,
    storage_class: StorageClass = StorageClass.STANDARD,
    created: datetime | None = None,
    kept: Kept = Kept.LIVE,
    since: datetime | None = None,
    until: datetime | None = None,
) -> StoredObject:
    return StoredObject(
        name=SafeText("model.gguf"),
        size=size,
        storage_class=SafeText(storage_class),
        crc32c=SafeText(""),
        generation=1,
        created=created,
        kept=kept,
        since=since,
        until=until,
    )


def registry(size: int, uploaded: datetime, region: str = IOWA) -> RegistryFacts:
    image = StoredImage(SafeText("gpu"), SafeText("sha256:0"), (), size, uploaded)
    return RegistryFacts(Repository("my-project", region, "z-image"), (image,), None, NOW)


def meters(since: datetime, operations: Operations | None, log_bytes: int | None) -> Meters:
    return Meters(
        since=since,
        until=NOW,
        fetched_at=NOW,
        operations={"models": operations},
        service_log_bytes=log_bytes,
    )


def facts(*fleets: Fleet, shape: Shape = L4) -> CostFacts:
    """A service of which everything is known, with 8 GiB in Standard beside it."""
    return CostFacts(
        region=IOWA,
        shape=shape,
        fleets=Known(fleets, ""),
        known_since=day(1) - timedelta(days=7),
        created=day(1) - timedelta(days=90),
        bucket=Known(bucket(stored(8 * GIB)), ""),
        registry=Known(registry(2 * GIB, day(1) - timedelta(days=90)), ""),
        meters=Known(
            MonthMeters(
                meters(FIRST, Operations(class_a=4_000, class_b=500_000), GIB),
                meters(day(24), Operations(class_a=1_000, class_b=100_000), GIB // 4),
            ),
            "",
        ),
    )


def report(known: CostFacts, free: FreeTier = FreeTier.NONE) -> CostReport:
    return cost_report(known, NOW, UTC, PRICES, LABEL, free)


def part(of: CostReport, name: str) -> CostPart:
    return next(each for each in of.parts if each.name == name)


def test_every_part_is_reckoned_alone_and_the_whole_is_their_sum() -> None:
    made = report(facts(Fleet(L4, (wake(day(3)), wake(day(24, 6))))))
    spent = {each.name: each.spending.so_far.total for each in made.parts if each.spending}

    # 2 × 120 s × 0.0002907
    assert exact(spent["instances"]) == Decimal("0.069768")
    # 8 GiB × 564 h ÷ 730 h × 0.020
    assert close(exact(spent["models in the bucket"]), Decimal("0.16") * 564 / 730)
    assert exact(spent["reading the model"]) == 0
    # 4 × 0.005 + 500 × 0.0004
    assert exact(spent["bucket operations"]) == Decimal("0.22")
    # 2 GiB × 564 h ÷ 730 h × 0.10
    assert close(exact(spent["images in the registry"]), Decimal("0.20") * 564 / 730)
    assert exact(spent["log lines"]) == Decimal("0.50")
    assert close(exact(made.spending.so_far), sum(map(exact, spent.values()), Decimal(0)))


def test_today_is_what_was_spent_since_midnight() -> None:
    made = report(facts(Fleet(L4, (wake(day(3)), wake(day(24, 6))))))
    today = {each.name: each.spending.today for each in made.parts if each.spending}

    assert exact(today["instances"]) == Decimal("0.034884")
    # 8 GiB × 12 h ÷ 730 h × 0.020
    assert close(exact(today["models in the bucket"]), Decimal("0.16") * 12 / 730)
    # 1 × 0.005 + 100 × 0.0004
    assert exact(today["bucket operations"]) == Decimal("0.045")
    assert exact(today["log lines"]) == Decimal("0.125")


def test_what_is_counted_goes_on_as_it_did_or_stops_or_is_as_on_the_busiest_day() -> None:
    # 1 GiB of lines in 23.5 days of 30: likely 30 ÷ 23.5 GiB. Today had ¼ GiB, more than any other
    # day on average, so that 6.5 days of it are the most.
    lines = part(report(facts()), "log lines").spending
    assert lines is not None
    known = lines.month_end.total.known
    assert known is not None

    assert known.low == Decimal("0.50")
    assert close(known.likely, Decimal("0.50") * 30 / Decimal("23.5"))
    assert close(known.high, Decimal("0.50") + Decimal("0.125") * Decimal("6.5"))


def test_what_was_kept_this_month_and_is_gone_is_told_by_what_was_measured() -> None:
    # 8 GiB are listed, 10 were there on average over 564 h: 2 × 564 ÷ 730 × 0.020, or nothing
    known = facts()
    assert known.meters.thing is not None
    month = replace(known.meters.thing.month, bucket_bytes={"models": 10 * GIB})
    known = replace(known, meters=Known(MonthMeters(month), ""))

    bucket_ = part(report(known), "models in the bucket").spending

    assert bucket_ is not None
    line = bucket_.so_far.line("Standard storage in us-central1, gone since")
    assert line is not None
    assert line.amount.known is not None
    assert line.amount.known.low == 0
    assert close(line.amount.known.likely, Decimal("0.04") * 564 / 730)


@pytest.mark.parametrize("measured", [0, 8 * GIB, int(8.3 * GIB)])
def test_what_was_measured_about_as_it_is_listed_adds_nothing(measured: int) -> None:
    known = facts()
    assert known.meters.thing is not None
    month = replace(known.meters.thing.month, bucket_bytes={"models": measured})
    changed = replace(known, meters=Known(MonthMeters(month), ""))

    said = [part(report(each), "models in the bucket") for each in (known, changed)]

    assert said[0] == said[1]


def test_a_start_reads_what_was_in_the_bucket_then() -> None:
    # 4 GiB of Nearline since the 10th, before that the same in Standard, which is soft-deleted.
    there = bucket(
        stored(4 * GIB, StorageClass.NEARLINE, created=day(10)),
        stored(4 * GIB, created=day(2), kept=Kept.SOFT_DELETED, since=day(10), until=day(30)),
    )
    known = replace(facts(Fleet(L4, (wake(day(3)), wake(day(11))))), bucket=Known(there, ""))

    read = part(report(known), "reading the model").spending

    assert read is not None
    assert exact(read.so_far) == Decimal("0.04")


def test_a_bucket_in_another_region_costs_at_every_start() -> None:
    # 8 GiB × $0.05 between Europe and North America, twice
    known = facts(Fleet(L4, (wake(day(3)), wake(day(11)))))
    known = replace(known, bucket=Known(bucket(stored(8 * GIB), location=BELGIUM), ""))

    made = report(known)
    read = part(made, "reading the model").spending

    assert read is not None
    assert exact(read.so_far) == Decimal("0.80")
    assert made.regions is not None
    assert "move the models to a bucket in us-central1" in made.regions.words


@pytest.mark.parametrize("name", ["fleets", "bucket", "registry", "meters"])
def test_what_is_not_known_is_named_with_its_reason_and_makes_the_total_incomplete(
    name: str,
) -> None:
    why = "permission storage.objects.list is missing"
    whole = facts(Fleet(L4, (wake(day(3)),)))
    changed: dict[str, Known[object]] = {name: Known(None, why)}
    made = report(replace(whole, **changed))  # type: ignore[arg-type]
    unknown = [each for each in made.parts if each.spending is None]

    assert unknown
    assert {each.note for each in unknown} == {why}
    assert {each.name for each in unknown} <= made.spending.so_far.total.missing
    assert made.spending.so_far.total.short().endswith("+")


def test_what_there_is_none_of_is_no_part_and_lacks_nothing() -> None:
    absent: Known[RegistryFacts] = Known(None, "the image is in no registry of Google's", True)
    made = report(replace(facts(), registry=absent))

    assert "images in the registry" not in [each.name for each in made.parts]
    assert made.spending.so_far.total.complete
    assert "images: the image is in no registry of Google's" in made.notes


def test_a_month_whose_beginning_no_log_tells_of_says_so() -> None:
    made = report(replace(facts(Fleet(L4, (wake(day(20)),))), known_since=day(17, 9)))

    assert made.spending.so_far.total.missing_text() == (
        "without instances before 2026-11-17 09:00 UTC"
    )
    assert part(made, "instances").note == "known since 2026-11-17 09:00 UTC"


def test_a_service_that_was_made_this_month_lacks_nothing_before() -> None:
    made = report(replace(facts(), known_since=day(17), created=day(17)))

    assert made.spending.so_far.total.complete


@pytest.mark.parametrize("region", ["local", "local-1"])
def test_what_is_on_this_machine_costs_nothing_and_is_priced_as_if_it_were_elsewhere(
    region: str,
) -> None:
    shape = replace(L4, region=region)
    known = facts(Fleet(shape, (wake(day(3)),)), shape=shape)
    here = replace(
        known,
        region=region,
        bucket=Known(bucket(stored(8 * GIB), location=region), ""),
        registry=Known(registry(2 * GIB, FIRST, region), ""),
    )

    made, there = report(here), report(facts(Fleet(L4, (wake(day(3)),))))

    assert made.hypothetical
    assert made.region == IOWA
    assert "costs nothing" in made.notes[0]
    assert exact(made.spending.so_far) == exact(there.spending.so_far)
    assert not there.hypothetical


def test_starts_of_the_last_weeks_say_how_many_a_month_has() -> None:
    # six starts in 30 days: 6 ÷ 30 × 730 ÷ 24
    lives = tuple(wake(NOW - timedelta(days=each, hours=1)) for each in range(6))
    known = replace(facts(Fleet(L4, lives)), known_since=day(1) - timedelta(days=60))

    made = report(known)

    assert made.starts_a_month == pytest.approx(6.0833, abs=0.001)
    assert made.class_now is StorageClass.STANDARD
    # 8 × 0.010 + 6 × 8 × 0.01 in Nearline
    assert made.storage_advice == (
        "Standard: $0.16 with 6 cold starts a month, against $0.56 in Nearline"
    )


def test_a_service_that_never_started_is_still_advised_for_one_start() -> None:
    made = report(facts())

    assert made.storage_advice.startswith("Standard: $0.16 with 1 cold start a month")


def test_every_kind_of_change_is_asked_about() -> None:
    made = report(facts(Fleet(L4, (wake(day(3)),))))

    assert {each.dimension for each in made.what_ifs} == set(Dimension)
    words = [each.words for each in made.what_ifs]
    # 8 GiB: $0.08 less to keep, $0.08 for the one start of a month
    assert words[0] == "Nearline storage: costs the same a month"
    assert "one instance kept awake: costs $" in " ".join(words)
    assert not any("asia-south2" in each for each in words), "it has no L4"


def test_two_processors_are_compared_at_the_guides_speeds_alone() -> None:
    # What was measured on a demo model says nothing of how fast an L4 is with a real one.
    quick = Range.exactly(Decimal("0.3"))
    measured = Speeds(begin=quick, rate=Range.exactly(10**9), picture=quick, starts=1, pictures=9)
    known = facts(Fleet(CPU, (wake(day(3)),)), shape=CPU)

    before, after = (report(each).what_ifs[-1] for each in (known, replace(known, speeds=measured)))

    assert before == after
    assert before.change == "an NVIDIA L4"
    assert report(known).pictures is not None


def test_speeds_say_where_they_are_from() -> None:
    made = report(facts(Fleet(CPU, (wake(day(3)),)), shape=CPU)).pictures
    assert made is not None
    assert made.speeds == ("the guide's: about a minute for a start, 100 to 200 s for a picture")
    # 100, 150, 200 s at 0.000136, and a request at 0.0000004
    assert made.warm.known is not None
    assert [f"{each:.7f}" for each in made.warm.known.figures] == [
        "0.0136004",
        "0.0204004",
        "0.0272004",
    ]


def test_what_each_picture_cost_has_everything_in_it() -> None:
    lives = (wake(day(3)), wake(day(4)))
    answered = Counted.each([day(3), day(3), day(4), day(4), day(1) - timedelta(days=9)])
    made = report(replace(facts(Fleet(L4, lives)), answered=answered))

    assert made.pictures is not None
    assert made.pictures.made == 4
    assert made.pictures.each is not None
    assert close(likely(made.pictures.each), likely(made.spending.so_far) / 4)


def test_instances_of_two_revisions_are_there_after_a_roll_out() -> None:
    old = Life(NOW - timedelta(minutes=8), NOW - timedelta(minutes=7))
    new = Life(NOW - timedelta(minutes=2), NOW - timedelta(minutes=1))
    made = report(facts(Fleet(L4, (old,), NOW - timedelta(minutes=1)), Fleet(L4, (new,)))).now

    assert made is not None
    assert made.instances == 2
    # 8 and 2 minutes at 0.0002907; idle since 7 and 1 minutes, so that 3 and 9 are left
    assert made.words == "awake 8 min, about $0.17 so far; billed up to 9 min more"
    assert made.tail is not None
    assert exact(made.tail) == Decimal("0.209304")


def test_minimum_instances_of_before_are_paid_until_the_next_revision_took_over() -> None:
    # A day of 4 vCPUs and 16 GiB idle: 86,400 × 0.00005 = 4.32, and nothing after it
    kept = replace(CPU, min_instances=1)
    life = Life(day(3), day(3))
    old = Fleet(kept, (life,), kept_until=day(4))
    made = part(report(facts(old, Fleet(CPU, ()), shape=CPU)), "instances").spending

    assert made is not None
    assert exact(made.so_far) == Decimal("4.32")
    # Nothing is kept any more, so that nothing need come.
    assert made.month_end.total.known is not None
    assert made.month_end.total.known.low == Decimal("4.32")


def test_the_dearest_day_is_one_day_of_all_revisions() -> None:
    # 3 November: 1,000 s on the first; 4 November: 2,000 s on the second, the dearest day
    first = Fleet(L4, (wake(day(3), 1_000),))
    second = Fleet(L4, (wake(day(4), 2_000),))
    made = part(report(facts(first, second)), "instances").spending

    assert made is not None
    assert made.month_end.total.known is not None
    seconds = Decimal(3_000) + Decimal(2_000) * Decimal("6.5")
    assert close(made.month_end.total.known.high, seconds * Decimal("0.0002907"))


def test_prices_that_count_are_told_with_where_they_are_from() -> None:
    counted = cost_report(
        facts(Fleet(L4, (wake(day(3)),))),
        NOW,
        UTC,
        PRICES,
        LABEL,
        live={"run/tier-1/nvidia-l4/single-zone"},
    ).counted

    keys = {each.key: each.live for each in counted}
    assert keys["run/tier-1/nvidia-l4/single-zone"]
    assert not keys["storage/us-central1/standard"]
    assert "run/tier-1/cpu/request" not in keys


days = st.integers(min_value=1, max_value=23)
lives = st.lists(
    st.builds(
        lambda number, hour, took: wake(day(number, hour), took),
        days,
        st.floats(min_value=0, max_value=23),
        st.floats(min_value=0, max_value=5_000),
    ),
    max_size=5,
)
tiers = st.sampled_from(FreeTier)


@PATIENTLY
@given(lives, lives, st.sampled_from([L4, CPU]), tiers)
def test_another_life_never_makes_a_month_cheaper(
    some: list[Life], more: list[Life], shape: Shape, free: FreeTier
) -> None:
    fewer = report(facts(Fleet(shape, tuple(some)), shape=shape), free)
    all_ = report(facts(Fleet(shape, (*some, *more)), shape=shape), free)

    for less, all_of_it in (
        (fewer.spending.so_far.total, all_.spending.so_far.total),
        (fewer.spending.month_end.total, all_.spending.month_end.total),
    ):
        assert less.known is not None
        assert all_of_it.known is not None
        pairs = zip(less.known.figures, all_of_it.known.figures, strict=True)
        assert all(a <= b + Decimal("1e-20") for a, b in pairs)


@PATIENTLY
@given(lives, st.sampled_from([L4, CPU]), tiers)
def test_so_far_is_at_most_the_month_and_nothing_is_ever_negative(
    some: list[Life], shape: Shape, free: FreeTier
) -> None:
    made = report(facts(Fleet(shape, tuple(some)), shape=shape), free)

    for spending in (made.spending, *(each.spending for each in made.parts if each.spending)):
        so_far, end = spending.so_far.total.known, spending.month_end.total.known
        today = spending.today.known
        assert so_far is not None
        assert end is not None
        assert today is not None
        assert 0 <= so_far.low <= end.low + Decimal("1e-20")
        assert so_far.likely <= end.likely + Decimal("1e-20")
        assert so_far.high <= end.high + Decimal("1e-20")
        assert 0 <= today.likely <= so_far.likely + Decimal("1e-20")


@PATIENTLY
@given(lives, st.sets(st.sampled_from(["fleets", "bucket", "registry", "meters"]), min_size=1))
def test_a_part_that_is_not_known_is_always_missing_from_the_total(
    some: list[Life], lacking: set[str]
) -> None:
    changed: dict[str, Known[object]] = {name: Known(None, "denied") for name in lacking}
    made = report(replace(facts(Fleet(L4, tuple(some))), **changed))  # type: ignore[arg-type]

    unknown = {each.name for each in made.parts if each.spending is None}
    assert unknown
    for total in (made.spending.so_far.total, made.spending.month_end.total, made.spending.today):
        assert unknown <= total.missing


@PATIENTLY
@given(lives, st.sampled_from([L4, CPU]))
def test_the_free_tier_takes_off_and_never_adds(some: list[Life], shape: Shape) -> None:
    known = facts(Fleet(shape, tuple(some)), shape=shape)
    alone, shared, none = (
        report(known, each).spending.so_far.total
        for each in (FreeTier.ALONE, FreeTier.SHARED, FreeTier.NONE)
    )

    assert 0 <= likely(alone) <= likely(none)
    assert shared.known is not None
    assert none.known is not None
    assert close(shared.known.low, likely(alone)) or shared.known.low <= likely(alone)
    assert shared.known.high == none.known.high
