"""Reports of costs for tests that look at screens, each made by the console's own reckoning.

It is five past twelve on 23 November 2026 in all of them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from cloud_scenes import NOW

from console.language import tr
from console.model.cost.billed_time import Billing
from console.model.cost.bucket_cost import BucketContents
from console.model.cost.compute_cost import Fleet, Shape
from console.model.cost.counted import Counted
from console.model.cost.estimate import FreeTier, Window
from console.model.cost.facts import CostFacts, Known, MonthMeters, Speeds
from console.model.cost.instance_lives import Life
from console.model.cost.money import Range
from console.model.cost.prices import Gpu
from console.model.cost.reckoning import cost_report
from console.model.cost.report import CostReport, PricesLabel
from console.model.cost.snapshot import CostSnapshot
from console.model.freshness import Freshness, Standing
from console.model.image_name import Repository
from console.model.meters import Meters, Operations
from console.model.registry import RegistryFacts, StoredImage
from console.model.storage import Bucket, Kept, ObjectList, StoredObject, UnfinishedUpload
from console.model.text import SafeText
from console.sources.prices import packaged_prices
from console.store import Store

GIB: Final = 2**30
MONTH: Final = datetime(2026, 11, 1, tzinfo=UTC)
PRICES: Final = packaged_prices()
LABEL: Final = PricesLabel(
    PRICES.date,
    packaged=len(PRICES.prices),
    unverified=sum(not each.verified for each in PRICES.prices.values()),
)
LIVE: Final = replace(LABEL, packaged=18, live=61, fetched_at=NOW - timedelta(hours=2))
L4: Final = Shape(
    region="us-central1",
    cpu=Decimal(4),
    memory=Decimal(16),
    gpu=Gpu.L4,
    billing=Billing.INSTANCES,
    max_instances=1,
)
CPU: Final = replace(L4, gpu=None, billing=Billing.REQUESTS, concurrency=4, max_instances=2)


def before(**length: float) -> datetime:
    return NOW - timedelta(**length)


def day(number: int, hour: float = 9) -> datetime:
    return MONTH + timedelta(days=number - 1, hours=hour)


def life(start: datetime, *pictures: tuple[float, float], ready: float = 62.0) -> Life:
    """An instance that was ready after so many seconds, and made pictures, each at some second
    since its start and within some seconds; nobody saw it end."""
    requests = tuple(
        Window(start + timedelta(seconds=at), start + timedelta(seconds=at + took))
        for at, took in pictures
    )
    return Life(start, start + timedelta(seconds=ready), requests, seen=start)


def stored(name: str, size: float, kept: Kept = Kept.LIVE, **times: datetime) -> StoredObject:
    return StoredObject(
        name=SafeText(name),
        size=int(size * GIB),
        storage_class=SafeText("STANDARD"),
        crc32c=SafeText("AAAAAA=="),
        generation=1,
        created=times.get("created", day(2)),
        kept=kept,
        since=times.get("since"),
        until=times.get("until"),
    )


BUCKET: Final = BucketContents(
    Bucket(
        name=SafeText("z-image-models"),
        location=SafeText("US-CENTRAL1"),
        storage_class=SafeText("STANDARD"),
        soft_delete=timedelta(days=7),
    ),
    ObjectList(
        (
            stored("z_image_turbo-Q4_K_M.gguf", 4.64, created=day(20)),
            stored("qwen3-4b-Q4_K_M.gguf", 2.33),
            stored("ae.safetensors", 0.31),
            stored(
                "z_image_turbo-Q4_K_M.gguf",
                4.64,
                Kept.SOFT_DELETED,
                created=day(1),
                since=day(20),
                until=day(27),
            ),
        )
    ),
)
IMAGE: Final = "us-central1-docker.pkg.dev/my-project/z-image/gpu@sha256:" + "9f" * 32
REGISTRY: Final = RegistryFacts(
    Repository("my-project", "us-central1", "z-image"),
    (
        StoredImage(
            SafeText("gpu"),
            SafeText("sha256:" + "9f" * 32),
            (SafeText("latest"),),
            int(3.4 * GIB),
            day(3),
        ),
    ),
    None,
    NOW,
)


def meters(since: datetime, operations: Operations, log_bytes: int, billed: float) -> Meters:
    return Meters(
        since=since,
        until=before(minutes=3),
        fetched_at=NOW,
        operations={"z-image-models": operations},
        log_bytes=log_bytes,
        service_log_bytes=log_bytes,
        billable={NOW.date(): Decimal(str(billed))},
    )


METERS: Final = MonthMeters(
    meters(MONTH, Operations(class_a=212, class_b=9_413), 31_000_000, 17_212.0),
    meters(day(23, 0), Operations(class_a=9, class_b=402), 1_300_000, 803.0),
)
PAST: Final = tuple(
    life(day(number, hour), *((62.0 + 8 * each, 4.2) for each in range(6)))
    for number in (3, 5, 6, 9, 11, 12, 16, 18, 19, 20, 22)
    for hour in (9.5, 15.25)
)
AWAKE: Final = Fleet(L4, (*PAST, life(before(minutes=10), (62.0, 4.4), (230.0, 4.1))))
MEASURED: Final = Speeds(
    begin=Range(Decimal(14), Decimal(17), Decimal(23)),
    rate=Range(Decimal(98_000_000), Decimal(172_000_000), Decimal(231_000_000)),
    picture=Range(Decimal("3.9"), Decimal("4.2"), Decimal("5.1")),
    starts=23,
    pictures=134,
)
ON_L4: Final = CostFacts(
    region="us-central1",
    shape=L4,
    fleets=Known((AWAKE,), ""),
    known_since=day(1, 0) - timedelta(days=3),
    created=day(1, 0) - timedelta(days=60),
    bucket=Known(BUCKET, ""),
    registry=Known(REGISTRY, ""),
    running=(IMAGE,),
    meters=Known(METERS, ""),
    answered=Counted.each(each.end for one in AWAKE.lives for each in one.requests),
    speeds=MEASURED,
)


def report(
    facts: CostFacts, label: PricesLabel = LABEL, free: FreeTier = FreeTier.NONE
) -> CostReport:
    return cost_report(facts, NOW, UTC, packaged_prices(), label, free)


def awake() -> CostReport:
    """An L4 that idles since six minutes: the countdown runs, two minutes of ten are over."""
    return report(ON_L4, LIVE)


def answering() -> CostReport:
    """The same, making a picture."""
    busy = replace(AWAKE.lives[-1], answering_since=before(seconds=2))
    fleet = replace(AWAKE, lives=(*PAST, busy))
    return report(replace(ON_L4, fleets=Known((fleet,), "")), LIVE)


def at_zero() -> CostReport:
    """Processors alone, billed by requests, asleep since yesterday; the free tier is shared."""
    fleet = Fleet(CPU, tuple(life(each.start, (62.0, 151.0), (213.0, 148.0)) for each in PAST))
    answered = Counted.each(each.end for one in fleet.lives for each in one.requests)
    facts = replace(ON_L4, shape=CPU, fleets=Known((fleet,), ""), answered=answered)
    return report(replace(facts, speeds=Speeds()), free=FreeTier.SHARED)


def kept() -> CostReport:
    """An L4 that is kept awake for good, with a bucket elsewhere and an upload that was left."""
    shape = replace(L4, min_instances=1)
    fleet = Fleet(shape, (life(day(10, 8), *((62.0 + 900 * each, 4.2) for each in range(40))),))
    contents = replace(
        BUCKET,
        bucket=replace(BUCKET.bucket, location=SafeText("EUROPE-WEST1")),
        unfinished=(UnfinishedUpload(SafeText("qwen3.gguf"), SafeText("a1"), day(19)),),
    )
    answered = Counted.each(each.end for each in fleet.lives[0].requests)
    known: Known[tuple[Fleet, ...]] = Known((fleet,), "")
    return report(
        replace(ON_L4, shape=shape, fleets=known, bucket=Known(contents, ""), answered=answered)
    )


def on_this_machine() -> CostReport:
    """An engine of this machine, which costs nothing."""
    here = replace(CPU, region="local", concurrency=1, max_instances=1)
    lives = (
        life(before(hours=20), (4.0, 31.0), ready=3.1),
        life(before(minutes=9), (4.0, 30.0), (62.0, 29.0), ready=2.9),
    )
    files = BucketContents(
        Bucket(name=SafeText("models"), location=SafeText("local"), storage_class=SafeText("")),
        ObjectList((replace(stored("models", 0), size=7_450_000, created=None),)),
    )
    absent = tr("an engine on this machine has none")
    return report(
        CostFacts(
            region="local",
            shape=here,
            fleets=Known((Fleet(here, lives),), ""),
            known_since=before(days=2),
            created=before(days=2),
            bucket=Known(files, ""),
            registry=Known(None, absent, absent=True),
            meters=Known(None, absent, absent=True),
            answered=Counted.each(each.end for one in lives for each in one.requests),
            speeds=replace(MEASURED, starts=2, pictures=3),
        )
    )


def without_prices() -> CostReport:
    """A service in a region that no price list knows."""
    shape = replace(L4, region="mars-north1")
    contents = replace(BUCKET, bucket=replace(BUCKET.bucket, location=SafeText("MARS-NORTH1")))
    return report(
        replace(
            ON_L4,
            region="mars-north1",
            shape=shape,
            fleets=Known((Fleet(shape, AWAKE.lives),), ""),
            bucket=Known(contents, ""),
        )
    )


def bucket_denied() -> CostReport:
    """Who asks may see neither the bucket nor what was measured."""
    why = "permission storage.objects.list is missing; have roles/storage.objectViewer granted"
    unmeasured = "permission monitoring.timeSeries.list is missing"
    return report(replace(ON_L4, bucket=Known(None, why), meters=Known(None, unmeasured)))


def begun_late() -> CostReport:
    """The log tells of instances only since a week ago."""
    known = Fleet(L4, tuple(each for each in AWAKE.lives if each.start > before(days=7)))
    return report(replace(ON_L4, fleets=Known((known,), ""), known_since=before(days=7)))


SCENES: Final = {
    "awake": awake,
    "answering": answering,
    "zero": at_zero,
    "kept": kept,
    "local": on_this_machine,
    "no-prices": without_prices,
    "bucket-denied": bucket_denied,
    "begun-late": begun_late,
}


def cost_store(name: str) -> Store:
    """A store with one of the `SCENES`, known since a few seconds ago."""
    store = Store()
    fresh = Freshness(Standing.FRESH, before(seconds=4))
    store.set_cost(CostSnapshot(SCENES[name](), fresh))
    return store
