"""What a session says of costs as what it knows of them changes, with nothing asked of anybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from cloud_scenes import FACTS, NOW, at_zero
from cost_scenes import BUCKET, REGISTRY
from running_session import until

from console.model.cost.bucket_cost import BucketContents
from console.model.cost.compute_cost import Shape
from console.model.cost.estimate import FreeTier, Window
from console.model.cost.instance_lives import Life
from console.model.cost.report import CostReport
from console.model.freshness import Freshness, Standing
from console.model.image_name import Repository
from console.model.meters import Meters, Operations
from console.model.registry import RegistryFacts
from console.model.service import ServiceFacts, ServiceName
from console.model.storage import Bucket, ObjectList, UnfinishedUpload
from console.model.text import SafeText
from console.session.costs.cost_facts import cloud_facts, facts_here, fleets_of
from console.session.costs.cost_questions import CostQuestions
from console.session.costs.cost_watch import CostWatch
from console.session.costs.price_watch import PriceWatch
from console.session.history.known_lives import Listener
from console.session.polling import Intervals, Pace
from console.sources.base import Denied, SourceError
from console.sources.prices import packaged_prices
from console.store import Store

OLD, NEW = SafeText("zimage-00001-abc"), SafeText("zimage-00002-xyz")
CPU = Shape(region="us-central1", cpu=Decimal(4), memory=Decimal(16))
IN_IOWA = replace(
    FACTS,
    name=ServiceName("my-project", "us-central1", "z-image"),
    gpu=None,
    cpu_always_allocated=False,
    image=SafeText("us-central1-docker.pkg.dev/my-project/z-image/gpu@sha256:" + "9f" * 32),
    created=NOW - timedelta(days=90),
)
SERVICE = replace(at_zero(), facts=IN_IOWA, metrics=None)


def life(minutes_ago: float, ready_after: float = 1.0) -> Life:
    start = NOW - timedelta(minutes=minutes_ago)
    return Life(start, start + timedelta(minutes=ready_after))


@dataclass
class Lives:
    """A `KnownLives` that a test turns."""

    lives: Mapping[SafeText, tuple[Life, ...]] = field(default_factory=dict)
    shapes: Mapping[SafeText, Shape] = field(default_factory=dict)
    known_since: datetime | None = NOW - timedelta(days=40)
    listeners: list[Listener] = field(default_factory=list)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def become(self, **lives: tuple[Life, ...]) -> None:
        self.lives = {SafeText(name): each for name, each in lives.items()}
        for listener in tuple(self.listeners):
            listener()


class Questions(CostQuestions):
    """Questions that count their answers."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.changes = 0
        super().__init__(
            self._count,
            lambda: NOW,
            lambda: 0.5,
            pace=Pace(),
            intervals=Intervals(seldom=100.0),
        )

    def _count(self) -> None:
        self.changes += 1
        self.news.set()


@asynccontextmanager
async def watching(store: Store, lives: Lives) -> AsyncIterator[tuple[CostWatch, CostQuestions]]:
    asked = Questions()
    watch = CostWatch(
        store,
        lambda: cloud_facts(store.service, store.starts, lives, asked),
        lives,
        PriceWatch(packaged_prices(), None, lambda: NOW, lambda: 0.5),
        lambda: NOW,
        settled=lambda: asked.settled,
        rest_seconds=0.0,
    )
    running = asyncio.create_task(watch.run())
    try:
        yield watch, asked
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def report(store: Store) -> CostReport:
    assert store.cost.report is not None
    return store.cost.report


def note(store: Store, name: str) -> str:
    return next(each.note for each in report(store).parts if each.name == name)


async def test_nothing_is_said_of_a_service_before_it_is_known() -> None:
    store = Store()
    async with watching(store, Lives()):
        await asyncio.sleep(0)
        assert store.cost.report is None
        assert store.cost.fresh.standing is Standing.LOADING
        store.set_service(SERVICE)
        await until(store, lambda: store.cost.report is not None)

    assert report(store).region == "us-central1"
    assert not report(store).hypothetical
    assert store.cost.fresh == Freshness(Standing.FRESH, NOW)
    assert not store.cost.settled


async def test_an_instance_that_wakes_is_spent_on_at_once() -> None:
    store, lives = Store(), Lives(shapes={OLD: CPU})
    store.set_service(SERVICE)
    async with watching(store, lives):
        await until(store, lambda: store.cost.report is not None)
        assert report(store).now is None
        lives.become(**{OLD: (life(5),)})
        await until(store, lambda: report(store).now is not None)

    # one minute of starting, 60 × 0.000136
    now = report(store).now
    assert now is not None
    assert now.words == "awake 5 min, < $0.01 so far; idling is not billed"


async def test_the_free_tier_is_reckoned_with_as_soon_as_somebody_says_so() -> None:
    store = Store()
    store.set_service(SERVICE)
    async with watching(store, Lives()) as (watch, _):
        await until(store, lambda: store.cost.report is not None)
        assert report(store).free is FreeTier.NONE
        watch.reckon(FreeTier.ALONE)
        await until(store, lambda: report(store).free is FreeTier.ALONE)


async def test_a_log_that_cannot_be_read_makes_costs_no_better_known() -> None:
    denied = Freshness(Standing.DENIED, None, SafeText("the log is denied"), needs="logging.view")
    store = Store()
    store.set_service(replace(SERVICE, fresh=replace(SERVICE.fresh, log=denied)))
    async with watching(store, Lives(known_since=None)):
        await until(store, lambda: store.cost.report is not None)

    assert store.cost.fresh == denied
    assert note(store, "instances") == "the log has not been read yet"
    assert not report(store).spending.so_far.total.complete


class Places:
    """A storage that says where a bucket is, or refuses to."""

    def __init__(self, refused: SourceError | None = None) -> None:
        self._refused = refused

    async def bucket(self, name: str) -> Bucket:
        if self._refused is not None:
            raise self._refused
        return BUCKET.bucket

    async def unfinished_uploads(self, bucket: str) -> tuple[UnfinishedUpload, ...]:
        return (UnfinishedUpload(SafeText("left"), SafeText("1")),)

    async def buckets(self, project: str) -> tuple[Bucket, ...]:
        raise AssertionError

    async def objects(self, bucket: str, prefix: str = "", limit: int = 0) -> ObjectList:
        raise AssertionError("listing is paid for, and somebody else does it")


class Shelves:
    """A registry, and where it was asked."""

    def __init__(self, refused: SourceError | None = None) -> None:
        self.asked: list[Repository] = []
        self._refused = refused

    async def images(self, repository: Repository) -> RegistryFacts:
        self.asked.append(repository)
        if self._refused is not None:
            raise self._refused
        return REGISTRY


class Counters:
    """Meters, and since when they were asked."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []

    async def meters(self, name: ServiceName, buckets: Sequence[str], since: datetime) -> Meters:
        self.asked.append(since)
        return Meters(since=since, until=NOW, fetched_at=NOW, operations={"b": Operations()})


class Described:
    """Whoever knows the service."""

    def __init__(self, facts: ServiceFacts = IN_IOWA) -> None:
        self._facts = facts

    async def facts(self) -> ServiceFacts:
        return self._facts


async def answered(
    asked: Questions,
    *,
    service: Described | None = None,
    storage: Places | None = None,
    registry: Shelves | None = None,
    meters: Counters | None = None,
) -> None:
    """Ask until everything has been answered once."""
    asking = asyncio.create_task(
        asked.ask(service or Described(), IN_IOWA.name, storage, registry, meters)
    )
    async with asyncio.timeout(10):
        while not asked.settled:
            asked.news.clear()
            await asked.news.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_a_bucket_that_was_listed_is_asked_where_it_is_and_what_was_left_in_it() -> None:
    asked = Questions()
    asked.listed(SafeText("z-image-models"), BUCKET.found)
    await answered(asked, storage=Places())

    assert asked.bucket.thing == BucketContents(
        BUCKET.bucket, BUCKET.found, (UnfinishedUpload(SafeText("left"), SafeText("1")),)
    )
    assert asked.bucket.why == ""


async def test_a_bucket_whose_place_is_not_told_is_taken_to_be_beside_the_service() -> None:
    asked = Questions()
    asked.listed(SafeText("z-image-models"), BUCKET.found)
    refused = Denied(SafeText("permission storage.buckets.get is missing"), "storage.buckets.get")
    await answered(asked, storage=Places(refused))

    assert asked.bucket.thing is not None
    assert asked.bucket.thing.region == "us-central1"
    assert asked.bucket.why == (
        "taken to be in us-central1: permission storage.buckets.get is missing"
    )


async def test_a_service_that_mounts_no_bucket_has_costs_that_are_not_known() -> None:
    asked = Questions()
    asked.listed(None, ObjectList())

    assert asked.bucket.thing is None
    assert not asked.bucket.absent
    assert "mounts none" in asked.bucket.why


async def test_a_bucket_that_is_denied_later_keeps_what_was_found() -> None:
    asked = Questions()
    asked.listed(SafeText("z-image-models"), BUCKET.found)
    await answered(asked, storage=Places())
    before = asked.changes
    asked.not_listed("denied")
    asked.not_listed("denied")

    assert asked.bucket.thing is not None
    assert asked.bucket.why == "denied"
    assert asked.changes == before + 1


async def test_the_registry_of_the_image_is_asked_and_no_other() -> None:
    asked, shelves = Questions(), Shelves()
    asked.listed(None, ObjectList())
    await answered(asked, registry=shelves)

    assert shelves.asked == [Repository("my-project", "us-central1", "z-image")]
    assert asked.registry.thing == REGISTRY


@pytest.mark.parametrize("image", [None, "docker.io/somebody/z-image:latest"])
async def test_an_image_of_no_registry_of_googles_is_kept_for_nothing(image: str | None) -> None:
    asked, shelves = Questions(), Shelves()
    asked.listed(None, ObjectList())
    elsewhere = replace(IN_IOWA, image=None if image is None else SafeText(image))
    await answered(asked, service=Described(elsewhere), registry=shelves)

    assert shelves.asked == []
    assert asked.registry.absent


async def test_a_registry_that_refuses_says_why() -> None:
    asked = Questions()
    asked.listed(None, ObjectList())
    await answered(asked, registry=Shelves(Denied(SafeText("no reader"), "artifactregistry.get")))

    assert asked.registry.thing is None
    assert asked.registry.why == "no reader"


async def test_meters_are_read_since_the_month_began_and_since_the_day_did() -> None:
    asked, counters = Questions(), Counters()
    asked.listed(None, ObjectList())
    await answered(asked, meters=counters)

    assert counters.asked == [
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 11, 23, tzinfo=UTC),
    ]


def test_revisions_keep_their_minimum_until_the_next_has_an_instance_that_is_ready() -> None:
    kept = replace(CPU, min_instances=1)
    fleets = fleets_of({NEW: (life(10, ready_after=2),), OLD: (life(500),)}, {OLD: kept}, CPU, NEW)

    assert [each.shape for each in fleets] == [kept, CPU]
    assert fleets[0].kept_until == NOW - timedelta(minutes=8)
    assert fleets[1].kept_until is None


def test_a_revision_that_serves_but_never_started_is_there_and_the_last_one() -> None:
    fleets = fleets_of({OLD: (life(500),)}, {OLD: CPU}, replace(CPU, cpu=Decimal(8)), NEW)

    assert [each.shape.cpu for each in fleets] == [Decimal(4), Decimal(8)]
    assert fleets[0].kept_until is None


def test_a_revision_of_unknown_shape_has_no_price_instead_of_the_one_of_another() -> None:
    fleets = fleets_of({OLD: (life(500),)}, {}, CPU, NEW)

    assert fleets[0].shape.cpu is None


async def test_the_engine_here_is_reckoned_as_a_small_service_with_a_bucket() -> None:
    lives = Lives({SafeText("local"): (life(30),)}, known_since=None)
    known = facts_here(Store().starts, lives)

    assert known.hypothetical
    assert known.fleets.thing is not None
    assert (known.fleets.thing[0].shape.cpu, known.fleets.thing[0].shape.memory) == (4, 16)
    assert known.registry.absent
    assert known.meters.absent
    assert known.bucket.thing is None
    assert known.known_since == NOW - timedelta(minutes=30)


def test_only_what_takes_longer_than_a_page_is_a_picture() -> None:
    start = NOW - timedelta(minutes=30)
    took = (0.04, 3.2, 150.0)
    requests = tuple(Window(start, start + timedelta(seconds=each)) for each in took)
    lives = Lives({OLD: (Life(start, start, requests),)}, {OLD: CPU})
    known = cloud_facts(SERVICE, Store().starts, lives, Questions())

    assert known is not None
    assert known.answered is not None
    assert known.answered.within(Window(start, NOW)) == 2
    assert known.speeds.picture is not None
    assert known.speeds.pictures == 2
    assert known.speeds.picture.low == Decimal("3.2")


async def test_a_source_awaits_nothing_that_is_not_asked_for() -> None:
    asked = Questions()
    asked.listed(None, ObjectList())
    await answered(asked)

    assert "nobody asks the registry" in asked.registry.why
    assert "nobody measures it" in asked.meters.why
