"""Costs at some moments in the life of a service, for tests that look at the screen of costs.

All of them are of the morning of `cloud_scenes`: it is five past twelve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cloud_scenes import AT_ZERO, AWAKE, NOW, SOON, THEN

from console.model.cost.billable_check import BillableCheck
from console.model.cost.billed_time import Billing
from console.model.cost.bucket_cost import BucketContents, bucket_spending
from console.model.cost.compute_cost import Fleet, Shape, most_a_day
from console.model.cost.estimate import Estimate, FreeTier, Line, Window
from console.model.cost.instance_lives import Life
from console.model.cost.money import Range, between, unknown, usd
from console.model.cost.picture_cost import BreakEven, break_even, cold_picture, warm_picture
from console.model.cost.prices import Gpu, StorageClass
from console.model.cost.region_check import region_check
from console.model.cost.report import (
    CostPart,
    CostReport,
    CountedPrice,
    PictureCosts,
    PricesLabel,
)
from console.model.cost.snapshot import CostSnapshot
from console.model.cost.spending import Spending, instance_spending, spending_now
from console.model.cost.storage_choice import choices
from console.model.cost.storage_cost import ModelFiles
from console.model.cost.what_if import (
    Dimension,
    Setup,
    Traffic,
    WhatIf,
    in_region,
    what_if,
    with_class,
    with_concurrency,
    with_min_instances,
    with_model_of,
)
from console.model.freshness import LOADING, Freshness, Standing
from console.model.service import ServiceSnapshot
from console.model.storage import Bucket, ObjectList, StoredObject
from console.model.text import SafeText
from console.sources.prices import packaged_prices
from console.store import Store
from console.terminal.sanitise import sanitise

PRICES = packaged_prices()
GIB = 1024**3
IOWA, BELGIUM = "us-central1", "europe-west1"
NASTY = "\x1b]52;c;aGk=\x07\x9b31m[/bad][@click=app.quit]\u202egpj.exe[link='a\x00\x7f\ttab"
STARTS = 20
SHAPE = Shape(
    region=IOWA,
    cpu=Decimal(4),
    memory=Decimal(16),
    gpu=Gpu.L4,
    billing=Billing.INSTANCES,
    max_instances=1,
)
ON_CPUS = replace(SHAPE, gpu=None, billing=Billing.REQUESTS)
MODEL = ModelFiles(bytes=8 * GIB, region=IOWA)
SETUP = Setup(
    shape=SHAPE,
    model=MODEL,
    image_bytes=4 * GIB,
    begin=Range(Decimal(15), Decimal(20), Decimal(30)),
    rate=Range.exactly(Decimal(GIB) / 5),
    picture=Range(Decimal(3), Decimal(4), Decimal(5)),
)
CPU_SETUP = replace(SETUP, shape=ON_CPUS, picture=Range.exactly(150))
TRAFFIC = Traffic(pictures=600, bursts=STARTS, at_once=4)


def life(start: datetime, minutes: float, *, ended: bool = False) -> Life:
    """An instance that answered from its start on for so many minutes."""
    last = start + timedelta(minutes=minutes)
    requests = (Window(start, last),)
    return Life(start, start + timedelta(seconds=60), requests, end=last if ended else None)


BEFORE = tuple(life(datetime(2026, 11, day, 9, tzinfo=UTC), 14) for day in range(2, 22))
OPEN = life(NOW - timedelta(minutes=6), 1.5)
WORKING = Life(
    NOW - timedelta(minutes=6),
    NOW - timedelta(minutes=5),
    answering_since=NOW - timedelta(seconds=20),
)


def bucket(region: str = IOWA) -> BucketContents:
    model = StoredObject(
        name=SafeText("z-image-q8_0.gguf"),
        size=8 * GIB,
        storage_class=SafeText("STANDARD"),
        crc32c=SafeText("AAAAAA=="),
        generation=1,
        created=datetime(2026, 10, 1, tzinfo=UTC),
    )
    location = SafeText(region.upper())
    named = Bucket(name=SafeText("m"), location=location, storage_class=SafeText("STANDARD"))
    return BucketContents(named, ObjectList((model,)))


def month_of(what: str, how: str, so_far: str, month_end: str) -> Spending:
    """A part that costs the same every day."""

    def said(usd_: str) -> Estimate:
        return Estimate((Line(what, usd(usd_), how),), PRICES.date)

    return Spending(said(so_far), usd(Decimal(so_far) / 23), said(month_end))


def whole(parts: tuple[CostPart, ...]) -> Spending:
    """The spending of all parts that are known."""
    known = [each.spending for each in parts if each.spending is not None]
    return sum(known[1:], start=known[0])


def what_ifs() -> tuple[WhatIf, ...]:
    def change(name: str, after: Setup, dimension: Dimension) -> WhatIf:
        return what_if(name, SETUP, after, TRAFFIC, PRICES, dimension)

    half = with_model_of(SETUP, 5 * GIB)
    return (
        *(
            change(f"{each.title()} storage", with_class(SETUP, each), Dimension.STORAGE_CLASS)
            for each in StorageClass
            if each is not StorageClass.STANDARD
        ),
        *(
            change(each, in_region(SETUP, each), Dimension.REGION)
            for each in (BELGIUM, "asia-southeast1", "mars-north1")
        ),
        change("one instance kept", with_min_instances(SETUP, 1), Dimension.MIN_INSTANCES),
        change("4 vCPUs without a GPU", CPU_SETUP, Dimension.PROCESSOR),
        change("4 pictures at once", with_concurrency(SETUP, 4), Dimension.CONCURRENCY),
        change("Q4_K_M instead of Q8_0", half, Dimension.QUANTISATION),
    )


COUNTED = tuple(
    CountedPrice(key, PRICES.prices[key], live=key.startswith("run/"))
    for key in (
        "run/tier-1/cpu/instance",
        "run/tier-1/memory/instance",
        "run/tier-1/nvidia-l4/single-zone",
        "storage/us-central1/standard",
        "storage/class-b/nearline",
        "registry/storage",
    )
)


def report(lives: tuple[Life, ...] = (*BEFORE, OPEN), shape: Shape = SHAPE) -> CostReport:
    """A month of twenty mornings with an L4, and one instance that is awake."""
    fleet = Fleet(shape, lives)
    parts = (
        CostPart("instances", instance_spending([fleet], NOW, UTC, PRICES)),
        CostPart("models in the bucket", bucket_spending(bucket(), NOW, UTC, PRICES)),
        CostPart("images in the registry", month_of("registry storage", "4 GiB", "0.30", "0.40")),
        CostPart("reading the bucket", month_of("class B operations", "420", "0.0002", "0.0003")),
        CostPart("log lines", None, "permission monitoring.timeSeries.list is missing"),
    )
    way, cpus = SETUP.way, CPU_SETUP.way
    reckoned = Decimal(4_180)
    return CostReport(
        at=NOW,
        region=IOWA,
        hypothetical=False,
        prices=PricesLabel(PRICES.date, packaged=11, live=3, unverified=1, fetched_at=THEN),
        free=FreeTier.NONE,
        spending=whole(parts),
        parts=parts,
        known_since=datetime(2026, 11, 1, tzinfo=UTC),
        now=spending_now(fleet, NOW, PRICES),
        pictures=PictureCosts(
            warm=warm_picture(way, PRICES),
            cold=cold_picture(way, MODEL, PRICES),
            made=96,
            each=usd("0.068"),
            on_gpu=break_even(cpus, way, STARTS, PRICES),
            speeds="speeds measured on 20 starts and 96 pictures",
        ),
        classes=choices(MODEL, IOWA, STARTS, PRICES),
        starts_a_month=float(STARTS),
        what_ifs=what_ifs(),
        regions=region_check(IOWA, MODEL, IOWA, 4 * GIB, PRICES),
        check=BillableCheck(Window(THEN, NOW), Decimal(300), reckoned, Decimal(4_120)),
        most_a_day=most_a_day(shape, PRICES),
        counted=COUNTED,
        notes=("tags and labels of other services in the project are not looked at",),
    )


def at_zero() -> CostReport:
    return report(BEFORE)


def far() -> CostReport:
    """Bucket and registry across the ocean, with prices that nobody verified."""
    away = replace(MODEL, region="asia-south1")
    contents = bucket("asia-south1")
    made = at_zero()
    parts = (
        made.parts[0],
        CostPart("models in the bucket", bucket_spending(contents, NOW, UTC, PRICES)),
        *made.parts[2:],
    )
    return replace(
        made,
        parts=parts,
        spending=whole(parts),
        classes=choices(away, IOWA, STARTS, PRICES),
        regions=region_check(IOWA, away, "europe-west4", 4 * GIB, PRICES),
        check=BillableCheck(Window(THEN, NOW), Decimal(300), Decimal(300), Decimal(4_120)),
        prices=PricesLabel(PRICES.date, packaged=14, unverified=5, problem="the catalog is silent"),
        known_since=datetime(2026, 11, 12, 8, 30, tzinfo=UTC),
    )


def unpriced() -> CostReport:
    """A region that no price list knows: nearly nothing has a price."""
    mars = replace(SHAPE, region="mars-north1", max_instances=None)
    fleet = Fleet(mars, (*BEFORE, OPEN))
    parts = (
        CostPart("instances", instance_spending([fleet], NOW, UTC, PRICES)),
        CostPart("models in the bucket", None, "permission storage.objects.list is missing"),
        CostPart("log lines", None, "permission monitoring.timeSeries.list is missing"),
    )
    return replace(
        report(),
        region="mars-north1",
        parts=parts,
        spending=whole(parts[:1]),
        now=spending_now(fleet, NOW, PRICES),
        pictures=PictureCosts(
            warm=unknown("GPU"),
            cold=unknown("GPU"),
            made=0,
            on_gpu=BreakEven(None, None, None, frozenset({"GPU in mars-north1"})),
        ),
        classes=(),
        starts_a_month=None,
        regions=None,
        check=None,
        most_a_day=most_a_day(mars, PRICES),
        notes=(),
    )


def hostile() -> CostReport:
    """Names and reasons as an attacker would choose them, as the boundary lets them through."""
    evil = sanitise(NASTY)
    made = report()
    line = Line(evil, between("0.1", "0.2", "0.3"), evil)
    month = Spending(Estimate((line,), PRICES.date), usd("0.01"), Estimate((line,), PRICES.date))
    crossing = replace(made.regions, bucket=evil, at_start=line) if made.regions else None
    return replace(
        made,
        region=evil,
        parts=(CostPart(evil, month, evil), CostPart(evil, None, evil)),
        regions=crossing,
        notes=(evil,),
        what_ifs=tuple(replace(each, change=evil) for each in made.what_ifs),
        pictures=replace(made.pictures, speeds=evil) if made.pictures else None,
        prices=replace(made.prices, problem=evil),
    )


FRESH = Freshness(Standing.FRESH, NOW)
DENIED = SafeText(
    "cannot read the log of sandbox/local-1/zimage: logging.logEntries.list is missing"
)
SILENT = SafeText("the bucket sandbox-models is out of reach: storage.googleapis.com is silent")
SNAPSHOTS: dict[str, tuple[ServiceSnapshot, CostSnapshot]] = {
    "loading": (AWAKE, CostSnapshot(None, LOADING)),
    "awake": (AWAKE, CostSnapshot(report(), FRESH)),
    "working": (AWAKE, CostSnapshot(report((*BEFORE, WORKING)), FRESH)),
    "zero": (AT_ZERO, CostSnapshot(at_zero(), FRESH)),
    "kept": (AWAKE, CostSnapshot(report(shape=replace(SHAPE, min_instances=1)), FRESH)),
    "far": (AT_ZERO, CostSnapshot(far(), FRESH)),
    "unpriced": (AWAKE, CostSnapshot(unpriced(), FRESH)),
    "free-shared": (AWAKE, CostSnapshot(replace(report(), free=FreeTier.SHARED), FRESH)),
    "denied": (
        AWAKE,
        CostSnapshot(
            None, Freshness(Standing.DENIED, None, DENIED, SOON, "logging.logEntries.list")
        ),
    ),
    "stale": (
        AWAKE,
        CostSnapshot(at_zero(), Freshness(Standing.ERROR, THEN, SILENT, SOON)),
    ),
    "error": (AWAKE, CostSnapshot(None, Freshness(Standing.ERROR, None, SILENT, SOON))),
    "absent": (
        AWAKE,
        CostSnapshot(None, Freshness(Standing.ABSENT, NOW, SafeText("nothing is deployed"))),
    ),
    "here": (AWAKE, CostSnapshot(replace(report(), hypothetical=True), FRESH)),
    "hostile": (AWAKE, CostSnapshot(hostile(), FRESH)),
}


def cost_scene(name: str) -> Store:
    """A store as it is at one of the `SNAPSHOTS`."""
    store = Store()
    service, cost = SNAPSHOTS[name]
    store.set_service(service)
    store.set_cost(cost)
    return store


def no_clock() -> Callable[[], datetime]:
    """A clock that stands still at five past twelve."""
    return lambda: NOW
