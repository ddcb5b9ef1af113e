"""Prices that are kept up to date beside everything else, and what is remembered of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from console.language import CHINESE, ENGLISH, use
from console.model.cost.catalog_prices import CatalogPrices
from console.model.cost.prices import Price, Region, Source, Unit
from console.session.costs.price_cache import PriceCache
from console.session.costs.price_watch import PriceWatch
from console.session.polling import Pace
from console.sources.base import Denied, Offline, SourceError
from console.sources.prices import packaged_prices
from console.terminal.sanitise import sanitise

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PACKAGED = packaged_prices()
KEY = "run/tier-1/cpu/instance"
OFF = Denied(sanitise("cloudbilling.googleapis.com is not enabled in p-1; run `gcloud …`"))


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Catalog:
    """A `PriceSource` that says one price or fails, and counts how often it is asked."""

    def __init__(self, clock: Clock, usd: str = "0.000017") -> None:
        self.clock = clock
        self.usd = usd
        self.error: SourceError | None = None
        self.ambiguous: dict[str, tuple[str, ...]] = {}
        self.asked: list[str] = []
        self.news = asyncio.Event()

    async def prices(self, project: str, regions: Mapping[str, Region]) -> CatalogPrices:
        self.asked.append(project)
        self.news.set()
        if self.error is not None:
            raise self.error
        source = Source(
            "Cloud Billing Catalog, SKU A", "https://cloud.google.com/skus", NOON.date()
        )
        price = Price("CPU", Decimal(self.usd), Unit.VCPU_SECOND, source, True)
        return CatalogPrices({KEY: price}, self.clock.now, 3, self.ambiguous)


def watching(
    clock: Clock, cache: PriceCache | None = None, changed: list[str] | None = None
) -> PriceWatch:
    told = [] if changed is None else changed
    return PriceWatch(PACKAGED, cache, clock, lambda: 0.5, changed=lambda: told.append("changed"))


def cpu(watch: PriceWatch) -> str:
    return f"{watch.prices.prices[KEY].usd:f}"


async def test_the_packaged_list_stands_until_the_catalog_answers() -> None:
    clock, changed = Clock(), []
    watch = watching(clock, changed=changed)
    assert (watch.prices, watch.label.live, watch.changes) == (PACKAGED, 0, ())

    assert await watch.update(Catalog(clock), "p-1") is None

    assert cpu(watch) == "0.000017"
    assert watch.label.words.startswith("1 of 77 prices from Google's catalog of 2026-11-24")
    assert [each.key for each in watch.changes] == [KEY]
    assert changed == ["changed"]


async def test_it_is_asked_once_a_day() -> None:
    clock = Clock()
    watch, catalog = watching(clock), Catalog(clock)
    await watch.update(catalog, "p-1")
    clock.now += timedelta(hours=23)
    await watch.update(catalog, "p-1")
    assert catalog.asked == ["p-1"]

    clock.now += timedelta(hours=2)
    catalog.usd = "0.000016"
    await watch.update(catalog, "p-1")

    assert catalog.asked == ["p-1", "p-1"]
    assert cpu(watch) == "0.000016"


async def test_what_was_learnt_is_there_at_the_next_start(tmp_path: Path) -> None:
    clock, cache = Clock(), PriceCache(tmp_path / "cache" / "prices.json")
    await watching(clock, cache).update(Catalog(clock), "p-1")
    clock.now += timedelta(hours=1)

    watch, silent = watching(clock, cache), Catalog(clock)
    await watch.update(silent, "p-1")

    assert (cpu(watch), silent.asked) == ("0.000017", [])
    assert watch.label.fetched_at == NOON
    assert watch.prices.prices[KEY].source == Source(
        "Cloud Billing Catalog, SKU A", "https://cloud.google.com/skus", NOON.date()
    )
    assert (tmp_path / "cache").stat().st_mode & 0o77 == 0


@pytest.mark.parametrize(
    ("spoken", "source"),
    [(ENGLISH, "Cloud Billing Catalog, SKU A"), (CHINESE, "Cloud Billing Catalog，SKU A")],
)
async def test_what_is_kept_is_said_in_the_language_of_whoever_reads_it(
    tmp_path: Path, spoken: str, source: str
) -> None:
    clock, cache = Clock(), PriceCache(tmp_path / "prices.json")
    catalog = Catalog(clock)
    catalog.ambiguous = {"run/tier-1/requests": ("$1 (A)", "$2 (B)")}
    use(CHINESE if spoken == ENGLISH else ENGLISH)
    await watching(clock, cache).update(catalog, "p-1")
    use(spoken)
    watch = watching(clock, cache)

    await watch.recall()

    price = watch.prices.prices[KEY]
    assert price.source is not None
    assert price.source.what == source
    assert ("$1 (A) and $2 (B)" in watch.label.problem) == (spoken == ENGLISH)


async def test_older_prices_of_the_catalog_are_better_than_none(tmp_path: Path) -> None:
    clock, cache = Clock(), PriceCache(tmp_path / "prices.json")
    await watching(clock, cache).update(Catalog(clock), "p-1")
    clock.now += timedelta(days=9)
    watch, catalog = watching(clock, cache), Catalog(clock)
    catalog.error = Offline(sanitise("cloudbilling.googleapis.com is out of reach"))

    error = await watch.update(catalog, "p-1")

    assert error is catalog.error
    assert cpu(watch) == "0.000017"
    assert watch.label.problem == "cloudbilling.googleapis.com is out of reach"
    assert "catalog of 2026-11-24" in watch.label.words


async def test_prices_from_before_the_packaged_list_or_from_the_future_are_not_taken(
    tmp_path: Path,
) -> None:
    clock, cache = Clock(), PriceCache(tmp_path / "prices.json")
    for moment in (datetime(2026, 10, 7, tzinfo=UTC), NOON + timedelta(days=2)):
        kept = await Catalog(clock).prices("p-1", {})
        cache.keep(CatalogPrices(kept.prices, moment))
        watch = watching(clock, cache)
        await watch.recall()
        assert watch.prices == PACKAGED


async def test_why_there_are_no_newer_prices_is_said_and_taken_back() -> None:
    clock, changed = Clock(), []
    watch, catalog = watching(clock, changed=changed), Catalog(clock)
    catalog.error = OFF
    await watch.update(catalog, "p-1")
    await watch.update(catalog, "p-1")
    assert watch.label.problem == OFF.message
    assert changed == ["changed"]

    catalog.error = None
    await watch.update(catalog, "p-1")

    assert (watch.label.problem, watch.label.live) == ("", 1)


async def test_a_catalog_that_contradicts_itself_is_told_of() -> None:
    clock = Clock()
    watch, catalog = watching(clock), Catalog(clock)
    catalog.ambiguous = {"run/tier-1/requests": ("$1 (A)", "$2 (B)"), "b": ("…", "…")}

    await watch.update(catalog, "p-1")

    assert watch.label.problem == (
        "the price run/tier-1/requests is left as it was: the catalog has $1 (A) and $2 (B), "
        "and 1 more like it"
    )


DAMAGED = [
    b"",
    b"{",
    b"[]",
    b'{"version": 2}',
    b'{"version": 1, "catalog": {"prices": {}}}',
    b'{"version": 1, "catalog": {"prices": 3, "fetched_at": "2026-11-24T12:00:00+00:00"}}',
    b"[" * 100_000,
    b"\xff\xfe",
]


@pytest.mark.parametrize("content", DAMAGED, ids=[str(each[:40]) for each in DAMAGED])
def test_a_damaged_memory_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "prices.json").write_bytes(content)

    assert PriceCache(tmp_path / "prices.json").recall() is None


@pytest.mark.parametrize("usd", ["NaN", "Infinity", "-1", "0", "much", 1, None], ids=str)
async def test_a_price_in_memory_that_is_none_is_not_believed(tmp_path: Path, usd: object) -> None:
    clock, cache = Clock(), PriceCache(tmp_path / "prices.json")
    await watching(clock, cache).update(Catalog(clock), "p-1")
    said = json.loads((tmp_path / "prices.json").read_text())
    said["catalog"]["prices"][KEY]["usd"] = usd
    (tmp_path / "prices.json").write_text(json.dumps(said))

    assert cache.recall() is None


async def test_a_disk_that_takes_nothing_spoils_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    clock = Clock()
    watch = watching(clock, PriceCache(tmp_path / "file" / "prices.json"))

    assert await watch.update(Catalog(clock), "p-1") is None
    assert cpu(watch) == "0.000017"


@asynccontextmanager
async def running(watch: PriceWatch, catalog: Catalog):
    task = asyncio.create_task(watch.run(catalog, "p-1"))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_a_refresh_asks_again_after_a_failure_at_once() -> None:
    clock, pace = Clock(), Pace()
    catalog = Catalog(clock)
    catalog.error = OFF
    told = asyncio.Event()
    watch = PriceWatch(PACKAGED, None, clock, lambda: 0.5, pace=pace, changed=told.set)
    async with asyncio.timeout(20), running(watch, catalog):
        await told.wait()
        told.clear()
        catalog.error = None
        pace.hurry()
        await told.wait()
        assert watch.label.live == 1
        assert len(catalog.asked) == 2


def test_failures_are_tried_again_less_and_less_often() -> None:
    watch = watching(Clock())
    waits = [watch._patience(failures, OFF) for failures in range(1, 9)]

    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
