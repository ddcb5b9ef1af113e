"""The tables of docs/costs.md say what the price list says, and those of its Chinese twin too."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from cost_examples import PRICES, exact

from console.model.cost.compute_cost import Shape, per_second
from console.model.cost.money import dollars
from console.model.cost.prices import Gpu, Price, StorageClass, Unit
from console.sources import prices

L4 = Shape(region="us-central1", cpu=Decimal(4), memory=Decimal(16), gpu=Gpu.L4)

DOCS = Path(__file__).parents[3] / "docs"
LINES = (DOCS / "costs.md").read_text("utf-8").splitlines()
CHINESE_LINES = (DOCS / "costs.zh.md").read_text("utf-8").splitlines()
FIGURE = re.compile(r"(?<=\| )\$?[\d.,]+(?: \?)?(?= \|)|= \$[\d.]+")


def row(start: str) -> list[str]:
    found = [line for line in LINES if line.startswith(f"| {start} |")]
    assert len(found) == 1, f"{start} has {len(found)} rows"
    return [cell.strip() for cell in found[0].strip("|").split("|")][1:]


def written(price: Price) -> str:
    if price.usd is None:
        return "not known"
    return f"{price.usd}" if price.verified else f"{price.usd} ?"


@pytest.mark.parametrize("region", PRICES.regions)
def test_storage(region: str) -> None:
    assert row(region) == [written(PRICES.storage(region, each)) for each in StorageClass]


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("retrieval, GiB", PRICES.retrieval),
        ("class A operations, thousand", PRICES.writes),
        ("class B operations, thousand", PRICES.reads),
    ],
)
def test_operations(name: str, ask: object) -> None:
    assert callable(ask)
    assert row(name) == [written(ask(each)) for each in StorageClass]


def test_minimum_durations() -> None:
    days = PRICES.rules.minimum_days

    assert row("minimum duration, days") == [str(days[each]) for each in StorageClass]


@pytest.mark.parametrize(
    ("name", "what", "unit"),
    [
        ("vCPU, by requests", "cpu/request", Unit.VCPU_SECOND),
        ("vCPU, idle minimum instance", "cpu/idle", Unit.VCPU_SECOND),
        ("vCPU, by instances", "cpu/instance", Unit.VCPU_SECOND),
        ("GiB of memory, by requests", "memory/request", Unit.GIB_SECOND),
        ("GiB of memory, idle minimum instance", "memory/idle", Unit.GIB_SECOND),
        ("GiB of memory, by instances", "memory/instance", Unit.GIB_SECOND),
        ("NVIDIA L4", f"{Gpu.L4}/single-zone", Unit.GPU_SECOND),
        ("NVIDIA L4 with zonal redundancy", f"{Gpu.L4}/redundant", Unit.GPU_SECOND),
        ("NVIDIA RTX PRO 6000", f"{Gpu.RTX_PRO_6000}/single-zone", Unit.GPU_SECOND),
        (
            "NVIDIA RTX PRO 6000 with zonal redundancy",
            f"{Gpu.RTX_PRO_6000}/redundant",
            Unit.GPU_SECOND,
        ),
    ],
)
def test_compute_in_both_tiers(name: str, what: str, unit: Unit) -> None:
    tiers = [PRICES.compute(each, what, unit) for each in ("us-central1", "asia-southeast1")]

    figures = ["not known" if each.usd is None else f"{each.usd}" for each in tiers]
    assert row(name) == figures


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("L4, 4 vCPUs, 16 GiB, Tier 1", L4),
        ("the same with zonal redundancy", replace(L4, zonal_redundancy=True)),
        ("L4, 8 vCPUs, 32 GiB, Tier 1", replace(L4, cpu=Decimal(8), memory=Decimal(32))),
        ("L4, 4 vCPUs, 16 GiB, Tier 2", replace(L4, region="asia-southeast1")),
    ],
)
def test_what_a_gpu_costs(name: str, shape: Shape) -> None:
    second = exact(per_second(shape, PRICES))
    hour, tail, month = (second * each for each in (3600, 600, 30 * 86_400))

    whole = f"${month.quantize(Decimal(1)):,}"
    assert row(name) == [f"{second.normalize()}", dollars(hour), dollars(tail), whole]


def test_the_date_of_the_list() -> None:
    assert any(f"as of {PRICES.date.isoformat()}" in line for line in LINES)
    assert any(f"取自 {PRICES.date.isoformat()} 的" in line for line in CHINESE_LINES)


def test_the_chinese_tables_have_the_same_figures() -> None:
    pages = ([line for line in each if line.startswith("|")] for each in (LINES, CHINESE_LINES))
    english, chinese = ([FIGURE.findall(line) for line in each] for each in pages)

    assert sum(map(len, english)) > 90
    assert chinese == english


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("images in Artifact Registry, GiB-month", "registry/storage"),
        ("vulnerability scan of a new image, where switched on", "registry/scan"),
        ("log lines, GiB", "logging/ingest"),
        ("log lines kept beyond 30 days, GiB-month", "logging/retention"),
        ("building on e2-standard-2, minute", "build/e2-standard-2"),
        ("sending to the internet, GiB", "network/internet"),
    ],
)
def test_what_else_is_billed(name: str, key: str) -> None:
    free = PRICES.free.get(key)

    assert row(name) == [written(PRICES.prices[key]), "–" if free is None else f"{free:,}"]


def test_the_example_is_a_line_of_the_list() -> None:
    document = (Path(prices.__file__).parent / "prices.json").read_text("utf-8")

    for page in (LINES, CHINESE_LINES):
        (example,) = (line for line in page if line.startswith('"storage/'))
        assert example in document
