"""A month of traffic, idle tails, roll-outs and uploads, and what it costs by a table of its own.

The table is worked by hand, from the price list in docs/costs.md; nothing of it is reckoned by the
console. The sandbox is priced as us-central1.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import httpx
from console_scenes import settled, text_of
from google.cloud.monitoring_v3 import TimeInterval
from running_session import until
from simulated_month import SimulatedMonth, simulated_month

from console.app import ConsoleApp
from console.config import Config
from console.model.contexts import SANDBOX
from console.sandbox.run.demo_service import DEMO
from console.screens.base import Surroundings
from console.session.cloud_session import Cloud, CloudSession
from console.session.polling import Intervals
from console.sources.google_channel import Endpoints, connect
from console.store import Store
from console.verbs.cost_document import cost_document
from console.verbs.cost_table import print_cost

OFTEN = Intervals(calm=0.3, changing=0.1, seldom=0.5)
MIB = 2**20
CENT = Decimal("0.01")
MILLIONTH = Decimal("0.000001")


def november(day: int, hour: int = 0, minute: int = 0, second: float = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(seconds=second)


BEFORE = datetime(2026, 10, 20, 12, tzinfo=UTC)
NOW = november(30, 18)
PICTURES = ((64.0, 20.0), (90.0, 30.0))
"""Two pictures, of which the second is done two minutes after the start."""


async def live_through(month: SimulatedMonth) -> None:
    """All that happens, in the order of time."""
    first = (await month.services.get_service(name=DEMO.resource)).latest_ready_revision
    first = first.rpartition("/")[2]
    await month.wake(first, "a1", november(2, 9), (0, 221.3), (120, 150), ready=70)
    await month.upload(november(3), "z_image_turbo-Q4_K_M.gguf", 64 * MIB)
    await month.wake(first, "a2", november(5, 14), (-1.5, 200), (600, 0.04), ready=64.25, ends=1500)

    always = {"cpu": "8", "memory": "32Gi"}
    second = await month.deploy(november(10, 8), always, cpu_idle=False)
    await month.wake(second, "b1", november(11, 10), *PICTURES, ready=50, ends=1900.04)
    await month.wake(second, "b2", november(12, 16), (50, 20), (200, 100), ready=50)
    await month.wake(second, "b3", november(13, 9), ready=15, ends=20)

    l4 = {"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"}
    third = await month.deploy(november(15, 12), l4, cpu_idle=False)
    for day in (16, 17, 18):
        await month.wake(third, f"c{day}", november(day, 11), *PICTURES, ready=62)
    await month.upload(november(18, 12), "z_image_turbo-Q8_0.gguf", 48 * MIB, "NEARLINE")
    await month.wake(third, "c19", november(19, 11), *PICTURES, ready=62)

    small = {"cpu": "4", "memory": "16Gi"}
    fourth = await month.deploy(november(20, 6), small, cpu_idle=True, least=1)
    kept = month.kept_instance(fourth)
    await month.ask(fourth, kept, november(21, 12), 100)
    await month.ask(fourth, kept, november(21, 12, 1, 30), 40)
    await month.ask(fourth, kept, november(23, 18), 60.02)

    await month.upload(november(25), "z_image_turbo-Q4_K_M.gguf", 64 * MIB)
    large = {"cpu": "8", "memory": "32Gi", "nvidia.com/gpu": "1"}
    fifth = await month.deploy(november(25, 6), large, cpu_idle=False)
    await month.wake(fifth, "d26", november(26, 9), *PICTURES, ready=62)
    await month.wake(fifth, "d30", november(30, 10), *PICTURES, ready=62)
    await month.wake(fifth, "awake", november(30, 17, 50), (60, 60), (300, 30), ready=60)
    month.calendar.now = NOW


# What each is billed by the second, from the list: vCPUs, GiB and a GPU.
#   by requests, 4 vCPU, 16 GiB     4 × 0.000024  + 16 × 0.0000025             = 0.000136
#   the same, kept and idle         4 × 0.0000025 + 16 × 0.0000025             = 0.00005
#   by instances, 8 vCPU, 32 GiB    8 × 0.000018  + 32 × 0.000002              = 0.000208
#   L4, 4 vCPU, 16 GiB              4 × 0.000018  + 16 × 0.000002 + 0.0001867  = 0.0002907
#   L4, 8 vCPU, 32 GiB              8 × 0.000018  + 32 × 0.000002 + 0.0001867  = 0.0003947
@dataclass(frozen=True)
class Row:
    what: str
    day: int
    least: str
    """Seconds that are billed at least, and below that likely; they differ by an idle tail whose
    end nobody saw."""
    likely: str
    a_second: str

    def dollars(self) -> tuple[Decimal, Decimal]:
        price = Decimal(self.a_second)
        return Decimal(self.least) * price, Decimal(self.likely) * price


SHEET = (
    # 09:00:00 asked for, both requests done at 09:04:30
    Row("a1", 2, "270.0", "270.0", "0.000136"),
    # from 14:00:00 to 14:03:18.5, and a request of 0.04 s, which is 0.1
    Row("a2", 5, "198.6", "198.6", "0.000136"),
    # each roll-out tries an instance, which is billed for a minute
    Row("second revision is tried", 10, "60", "60", "0.000208"),
    Row("b1, 1,900.04 s", 11, "1900.1", "1900.1", "0.000208"),
    # 300 s to its last answer, and at most 15 minutes idle
    Row("b2", 12, "300", "1200", "0.000208"),
    Row("b3, 20 s, but a minute", 13, "60", "60", "0.000208"),
    Row("third revision is tried", 15, "60", "60", "0.0002907"),
    # 120 s to the last answer, and at most 10 minutes idle
    Row("c16", 16, "120", "720", "0.0002907"),
    Row("c17", 17, "120", "720", "0.0002907"),
    Row("c18", 18, "120", "720", "0.0002907"),
    Row("c19", 19, "120", "720", "0.0002907"),
    # from the 20th to the 25th at 6: 432,000 s, of which it works 130 (two at once) + 60.1
    Row("kept, at work", 21, "130", "130", "0.000136"),
    Row("kept, at work", 23, "60.1", "60.1", "0.000136"),
    Row("kept, idle", 24, "431809.9", "431809.9", "0.00005"),
    Row("fifth revision is tried", 25, "60", "60", "0.0003947"),
    Row("d26", 26, "120", "720", "0.0003947"),
    Row("d30", 30, "120", "720", "0.0003947"),
    # 17:50:00 asked for, last answer at 17:55:30; it is 18:00:00 and it may be there
    Row("awake", 30, "330", "600", "0.0003947"),
)
# Four requests of the first revision and three of the fourth, at $0.40 a million.
REQUESTS = Decimal("0.0000028")

# GiB × hours ÷ 730 × price, up to the 30th at 18: 714 hours of November
GIB_HOURS = (
    # the first copy, live from the 3rd to the 25th and soft-deleted since: 528 + 138 h
    ("0.0625", "666", "0.020"),
    # the second copy, since the 25th
    ("0.0625", "138", "0.020"),
    # 48 MiB in Nearline since the 18th at 12
    ("0.046875", "294", "0.010"),
)
# Six starts after that: c19, two roll-outs, d26, d30, awake; 0.046875 GiB × $0.01 each
READING = 6 * Decimal("0.00046875")


def on_the_sheet(*days: int) -> tuple[Decimal, Decimal]:
    rows = [each.dollars() for each in SHEET if not days or each.day in days]
    return sum((low for low, _ in rows), Decimal(0)), sum((each for _, each in rows), Decimal(0))


def kept_in_the_bucket(seeded: int) -> Decimal:
    """What was kept, and the files that a sandbox begins with, which are there all the time."""
    rows = [Decimal(a) * Decimal(b) / 730 * Decimal(c) for a, b, c in GIB_HOURS]
    return sum(rows, Decimal(seeded) / 2**30 * 714 / 730 * Decimal("0.020"))


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def figures(said: object) -> tuple[Decimal, Decimal, Decimal]:
    """The figures of an amount as the document has them."""
    assert isinstance(said, dict)
    assert said["missing"] == []
    return Decimal(said["low"]), Decimal(said["usd"]), Decimal(said["high"])


def alike(said: Decimal, by_hand: Decimal) -> bool:
    return abs(said - by_hand) <= MILLIONTH


@asynccontextmanager
async def way_to(month: SimulatedMonth, environment: dict[str, str]) -> AsyncIterator[Cloud]:
    """Google's clients of the sandbox; prices are those that come with the console."""
    at = month.sandbox.endpoints
    endpoints = Endpoints.on_loopback(at.run, at.logging, at.http)
    google = await connect(endpoints, environment, month.calendar)

    async def never() -> None:
        await asyncio.Event().wait()

    try:
        yield Cloud(
            DEMO,
            google.services,
            google.logs,
            google.identity,
            never,
            google.metrics,
            google.storage,
            registry=google.registry,
            meters=google.meters,
        )
    finally:
        await google.aclose()


@dataclass(frozen=True)
class Told:
    """What the console says at the end of the month, and what of the world it cannot know less of
    than this test: the bytes of images and of log lines, and of the files that were there."""

    document: dict[str, Any]
    table: str
    screen: str
    seeded: int
    images: int
    logged: int

    def part(self, name: str) -> dict[str, Any]:
        (found,) = [each for each in self.document["parts"] if each["name"] == name]
        assert isinstance(found, dict)
        return found


async def told_of(month: SimulatedMonth, config: Config, environment: dict[str, str]) -> Told:
    """Live through the month, and let a console look at it that has seen nothing of it before."""
    seeded = await month.stored()
    await live_through(month)
    store = Store()
    session = CloudSession(
        store,
        replace(config, context=SANDBOX),
        lambda: way_to(month, environment),
        clock=month.calendar,
        intervals=OFTEN,
    )
    app = ConsoleApp(
        Surroundings(store, lambda: 100.0, context=SANDBOX, restarts=False, clock=month.calendar),
        lambda _: session,
        repaint_interval=0.0,
    )
    async with app.run_test(size=(120, 36)) as pilot:
        await until(store, lambda: store.cost.settled)
        await pilot.press("f4")
        await settled(app, pilot)
        screen = text_of(app)
        await app.end_session()
    report, printed = store.cost.report, io.StringIO()
    assert report is not None
    print_cost(SANDBOX, report, printed)
    document = cost_document(SANDBOX, store.cost, "UTC")["report"]
    assert isinstance(document, dict)
    return Told(
        document, printed.getvalue(), screen, seeded, await image_bytes(month), await logged(month)
    )


async def test_a_simulated_month_costs_what_a_sheet_says(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    async with simulated_month(tmp_path / "state", environment, BEFORE) as month:
        told = await told_of(month, config, environment)

    # Instances: all of the month, and what of it was today.
    least, likely = (each + REQUESTS for each in on_the_sheet())
    instances = told.part("instances")
    assert all(map(alike, figures(instances["so_far"]), (least, likely, likely)))
    today = on_the_sheet(30)
    assert all(map(alike, figures(instances["today"]), (*today, today[1])))

    # By the end of the month: nothing more, so on for the last quarter of a day of 29¾, or another
    # quarter of the dearest day, the 21st: 86,270 s idle, 130 s at work, and two requests.
    dearest = Decimal("86270") * Decimal("0.00005") + Decimal("130") * Decimal("0.000136")
    dearest += Decimal("0.0000008")
    end = (least, likely * 30 / Decimal("29.75"), likely + dearest / 4)
    assert all(map(alike, figures(instances["month_end"]), end))

    bucket = kept_in_the_bucket(told.seeded)
    assert all(alike(each, bucket) for each in figures(told.part("models in the bucket")["so_far"]))
    reading = told.part("reading the model")
    assert all(alike(each, READING) for each in figures(reading["so_far"]))
    assert reading["note"] == "16 starts"

    # GiB × 714 h ÷ 730 h × $0.10, bytes ÷ GiB × $0.50, and three uploads at $0.005 a thousand
    images = Decimal(told.images) / 2**30 * 714 / 730 * Decimal("0.10")
    assert all(
        alike(each, images) for each in figures(told.part("images in the registry")["so_far"])
    )
    lines = Decimal(told.logged) / 2**30 * Decimal("0.50")
    assert all(alike(each, lines) for each in figures(told.part("log lines")["so_far"]))
    uploads = Decimal("0.000015")
    assert all(alike(each, uploads) for each in figures(told.part("bucket operations")["so_far"]))

    # The whole, to the cent, as it is in the document, in the table and on the screen.
    others = bucket + READING + images + lines + uploads
    low, high = cents(least + others), cents(likely + others)
    total = figures(told.document["so_far"])
    assert (cents(total[0]), cents(total[1])) == (low, high) == (Decimal("22.67"), Decimal("24.14"))
    for shown in (told.table, told.screen):
        assert f"${low} to ${high}" in shown
        assert f"${cents(least)} to ${cents(likely)}" in shown
        assert f"${cents(images)}" in shown
        # The instance that was woken at 17:50, at 0.0003947 a second: 600 s so far, 330 s more.
        assert "awake 10 min, about $0.24 so far; billed up to 6 min more" in shown


async def image_bytes(month: SimulatedMonth) -> int:
    """What the registry says that its images take up."""
    repository = f"/v1/projects/{DEMO.project}/locations/{DEMO.region}/repositories/z-image"
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://{month.sandbox.endpoints.http}{repository}")
    return int(answer.json()["sizeBytes"])


async def logged(month: SimulatedMonth) -> int:
    """How many bytes of lines of services Cloud Monitoring says that the log took in."""
    found = await month.metrics.list_time_series(
        name=f"projects/{DEMO.project}",
        filter='metric.type="logging.googleapis.com/billing/bytes_ingested"',
        interval=TimeInterval(start_time=november(1), end_time=NOW),
    )
    points = [
        point.value.int64_value
        async for series in found
        if series.metric.labels["resource_type"] == "cloud_run_revision"
        for point in series.points
    ]
    return sum(points)
