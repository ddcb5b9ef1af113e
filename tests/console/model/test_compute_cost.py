from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from cost_examples import GIB, PRICES, close, exact

from console.model.cost.billed_time import Billing, Usage
from console.model.cost.compute_cost import (
    Shape,
    charge,
    charge_all,
    most_a_day,
    per_idle_second,
    per_second,
    quantity,
    shape_of,
    standing,
)
from console.model.cost.estimate import FreeTier
from console.model.cost.money import Range
from console.model.cost.picture_cost import (
    Speed,
    Way,
    break_even,
    cold_picture,
    each_picture,
    wake,
    warm_picture,
)
from console.model.cost.prices import Gpu, StorageClass
from console.model.cost.storage_cost import ModelFiles
from console.model.service import Workload
from console.model.text import SafeText

IOWA, SINGAPORE = "us-central1", "asia-southeast1"
HOUR = 3600


def shape(cpu: int, memory: int, **fields: object) -> Shape:
    made = Shape(region=IOWA, cpu=Decimal(cpu), memory=Decimal(memory))
    return replace(made, **fields)  # type: ignore[arg-type]


CPU = shape(4, 16)
L4 = shape(4, 16, gpu=Gpu.L4)


def seconds(value: str) -> Range:
    return Range.exactly(value)


@pytest.mark.parametrize(
    ("of", "by_hand"),
    [
        # 0.0001867 + 4 × 0.000018 + 16 × 0.000002
        (L4, "0.0002907"),
        # 0.0002909 + 4 × 0.000018 + 16 × 0.000002
        (replace(L4, zonal_redundancy=True), "0.0003949"),
        # 0.0001867 + 8 × 0.000018 + 32 × 0.000002
        (shape(8, 32, gpu=Gpu.L4), "0.0003947"),
        # 0.00022404 + 4 × 0.0000216 + 16 × 0.0000024
        (replace(L4, region=SINGAPORE), "0.00034884"),
        # 0.00036522 + 20 × 0.000018 + 80 × 0.000002
        (shape(20, 80, gpu=Gpu.RTX_PRO_6000), "0.00088522"),
        # 4 × 0.000024 + 16 × 0.0000025
        (CPU, "0.000136"),
        # 4 × 0.000018 + 16 × 0.000002
        (replace(CPU, billing=Billing.INSTANCES), "0.000104"),
        # 4 × 0.0000336 + 16 × 0.0000035
        (replace(CPU, region=SINGAPORE), "0.0001904"),
    ],
)
def test_a_second_of_an_instance_at_work(of: Shape, by_hand: str) -> None:
    assert exact(per_second(of, PRICES)) == Decimal(by_hand)


def test_an_idle_minimum_instance_has_a_price_of_its_own_if_billed_by_requests() -> None:
    # 4 × 0.0000025 + 16 × 0.0000025
    assert exact(per_idle_second(CPU, PRICES)) == Decimal("0.00005")
    assert per_idle_second(L4, PRICES) == per_second(L4, PRICES)


def test_an_l4_that_never_sleeps() -> None:
    # 30 d × 86,400 s × 0.0002907 = 753.4944
    always = replace(L4, min_instances=1)

    assert exact(standing(always, timedelta(days=30), PRICES)) == Decimal("753.4944")


def test_a_cpu_instance_that_never_sleeps() -> None:
    # 30 d × 86,400 s × 0.00005 = 129.60
    always = replace(CPU, min_instances=1)

    assert exact(standing(always, timedelta(days=30), PRICES)) == Decimal("129.6")


def test_without_minimum_instances_nothing_is_standing() -> None:
    assert exact(standing(L4, timedelta(days=30), PRICES)) == 0


def test_the_worst_day_has_every_instance_at_work() -> None:
    # 3 × 86,400 s × 0.0002907 = 75.34944
    assert exact(most_a_day(replace(L4, max_instances=3), PRICES)) == Decimal("75.34944")


def test_without_a_limit_the_worst_day_is_not_known() -> None:
    assert most_a_day(L4, PRICES).missing == {"a limit of instances"}


def test_an_estimate_has_a_line_for_each_thing_that_is_paid_for() -> None:
    estimate = charge(Usage(busy=Decimal(1000), requests=Decimal(10)), CPU, PRICES)

    # 1,000 s × 4 × 0.000024; 1,000 s × 16 × 0.0000025; 10 × 0.40 ÷ 1,000,000
    assert {line.what: exact(line.amount) for line in estimate.lines} == {
        "CPU while a request is answered, Tier 1": Decimal("0.096"),
        "memory while a request is answered, Tier 1": Decimal("0.04"),
        "requests, Tier 1": Decimal("0.000004"),
    }
    assert estimate.lines[0].how == "4 vCPU × 16.7 min"
    assert estimate.label == "estimate, prices of 2026-10-08"


def test_billed_by_instances_requests_cost_nothing() -> None:
    estimate = charge(Usage(whole=Decimal(10), requests=Decimal(10**6)), L4, PRICES)

    assert exact(estimate) == Decimal("0.002907")


def test_the_free_tier_covers_a_small_month_on_cpus() -> None:
    # 300 pictures × 150 s = 45,000 s: 180,000 vCPU-s and 720,000 GiB-s.
    # All of the CPU is free; memory (720,000 − 360,000) × 0.0000025 = 0.90
    month = Usage(busy=Decimal(45_000), requests=Decimal(300))

    assert exact(charge(month, CPU, PRICES, FreeTier.ALONE)) == Decimal("0.9")
    # without: 180,000 × 0.000024 + 720,000 × 0.0000025 + 300 × 0.40 ÷ 1,000,000
    assert exact(charge(month, CPU, PRICES, FreeTier.NONE)) == Decimal("6.12012")


def test_a_shared_free_tier_makes_a_range() -> None:
    month = Usage(busy=Decimal(45_000), requests=Decimal(300))

    assert charge(month, CPU, PRICES, FreeTier.SHARED).total.text() == "$0.90 to $6.12"


def test_there_is_nothing_free_about_a_gpu() -> None:
    # An hour: CPU 14,400 of 240,000 vCPU-s and memory 57,600 of 450,000 GiB-s are free,
    # the GPU costs 3,600 × 0.0001867 = 0.67212
    hour = Usage(whole=Decimal(HOUR))

    assert exact(charge(hour, L4, PRICES, FreeTier.ALONE)) == Decimal("0.67212")


def test_the_free_tier_counts_at_tier_1_prices_everywhere() -> None:
    # Singapore, 100,000 s × 4 vCPU: 400,000 × 0.0000336 − 180,000 × 0.000024 = 13.44 − 4.32;
    # memory 1,600,000 × 0.0000035 − 360,000 × 0.0000025 = 5.60 − 0.90
    used = Usage(busy=Decimal(100_000))

    far = charge(used, replace(CPU, region=SINGAPORE), PRICES, FreeTier.ALONE)
    assert exact(far) == Decimal("13.82")


def test_two_revisions_share_one_free_tier() -> None:
    # 30,000 s × 4 vCPU twice are 240,000 vCPU-s, of which 180,000 are free: 60,000 × 0.000024;
    # 30,000 s × 16 GiB twice are 960,000 GiB-s, of which 360,000 are free: 600,000 × 0.0000025
    half = Usage(busy=Decimal(30_000))
    bigger = replace(CPU, min_instances=1)

    both = charge_all([(half, CPU), (half, bigger)], PRICES, FreeTier.ALONE)

    assert [exact(line.amount) for line in both.lines] == [Decimal("1.44"), Decimal("1.5")]
    assert both.lines[0].how == "4 vCPU × 8.3 h + 4 vCPU × 8.3 h"


def test_zonal_redundancy_that_nobody_told_of_makes_a_range() -> None:
    # an hour: 1.04652 without, 1.42164 with
    hour = charge(Usage(whole=Decimal(HOUR)), replace(L4, zonal_redundancy=None), PRICES)

    assert hour.total.text() == "$1.05 to $1.42"


@pytest.mark.parametrize(
    ("of", "missing"),
    [
        (replace(CPU, cpu=None), "how much cpu an instance gets"),
        (replace(L4, gpu="nvidia-b300"), "nvidia-b300/single-zone in us-central1"),
        (replace(CPU, region="mars-north1"), "cpu/request in mars-north1"),
        (
            replace(L4, gpu=Gpu.RTX_PRO_6000, region=SINGAPORE),
            "NVIDIA RTX PRO 6000 without zonal redundancy, Tier 2",
        ),
    ],
)
def test_what_is_not_known_is_missing_by_name(of: Shape, missing: str) -> None:
    assert missing in per_second(of, PRICES).missing


def test_the_shape_is_read_from_what_cloud_run_says() -> None:
    said = Workload(
        cpu=SafeText("4"),
        memory=SafeText("16Gi"),
        gpu=SafeText("nvidia-l4"),
        concurrency=1,
        cpu_always_allocated=True,
    )

    assert shape_of(said, IOWA, max_instances=1, zonal_redundancy=False) == replace(
        L4, billing=Billing.INSTANCES, max_instances=1
    )


@pytest.mark.parametrize(("cpu", "concurrency"), [("4", 80), ("1", 80), ("500m", 1), ("", 80)])
def test_without_a_concurrency_cloud_runs_own_holds(cpu: str, concurrency: int) -> None:
    assert shape_of(Workload(cpu=SafeText(cpu)), IOWA).concurrency == concurrency


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", "4"),
        ("500m", "0.5"),
        ("16Gi", str(16 * GIB)),
        ("512Mi", str(GIB // 2)),
        ("8G", "8000000000"),
    ],
)
def test_quantities_as_kubernetes_writes_them(text: str, value: str) -> None:
    assert quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", [None, "", "4 cores", "-1", "1e3", "９"])
def test_what_is_no_quantity_is_not_known(text: str | None) -> None:
    assert quantity(text) is None


def test_a_picture_on_a_minimum_instance_adds_what_work_costs_more_than_idling() -> None:
    # 150 s × (0.000136 − 0.00005) and 0.0000004 for the request; on a kept L4 nothing
    kept = Way(replace(CPU, min_instances=1), Speed(seconds("60"), seconds("150")))
    kept_l4 = Way(replace(L4, min_instances=1), kept.speed)

    assert exact(each_picture(kept, PRICES)) == Decimal("0.0129004")
    assert exact(each_picture(kept_l4, PRICES)) == 0


# The guide's speeds: 100 to 200 s a picture on 4 vCPUs, 3 to 6 s on an L4, a minute to start.
ON_CPU = Way(CPU, Speed(seconds("60"), Range(Decimal(100), Decimal(150), Decimal(200))))
ON_L4 = Way(L4, Speed(seconds("60"), Range(Decimal(3), Decimal(4), Decimal(6))))
MODEL = ModelFiles(bytes=8 * GIB, region=IOWA)


def test_a_warm_picture() -> None:
    # 100 × 0.000136 to 200 × 0.000136, and 0.40 ÷ 1,000,000 for the request
    on_cpu = warm_picture(ON_CPU, PRICES).known
    assert on_cpu == Range(Decimal("0.0136004"), Decimal("0.0204004"), Decimal("0.0272004"))
    # 3 × 0.0002907 to 6 × 0.0002907
    on_l4 = warm_picture(ON_L4, PRICES).known
    assert on_l4 == Range(Decimal("0.0008721"), Decimal("0.0011628"), Decimal("0.0017442"))


def test_a_gpu_that_wakes_is_billed_until_it_sleeps_again() -> None:
    # (60 s to start + 600 s idle) × 0.0002907; on CPUs 60 s × 0.000136
    assert exact(wake(ON_L4, PRICES)) == Decimal("0.191862")
    assert exact(wake(ON_CPU, PRICES)) == Decimal("0.00816")


def test_a_cold_picture_pays_for_the_wake_and_for_reading_the_model() -> None:
    # 0.191862 + 4 × 0.0002907 = 0.1930248; from Nearline 8 × $0.01 more
    assert cold_picture(ON_L4, MODEL, PRICES).text() == "about $0.19"
    nearline = replace(MODEL, storage_class=StorageClass.NEARLINE)
    dear = cold_picture(ON_L4, nearline, PRICES).known
    assert dear is not None
    assert dear.likely == Decimal("0.2730248")


def test_the_break_even_of_a_gpu_against_cpus() -> None:
    # Woken 30 times a month: GPU 30 × 0.191862 = 5.75586, CPUs 30 × 0.00816 = 0.2448,
    # which is 5.51106 more.
    #   likely  5.51106 ÷ (0.0204004 − 0.0011628) = 286.47
    #   fewest  5.51106 ÷ (0.0272004 − 0.0008721) = 209.32
    #   most    5.51106 ÷ (0.0136004 − 0.0017442) = 464.82
    found = break_even(ON_CPU, ON_L4, 30, PRICES)

    assert (found.fewest, found.likely, found.most) == (210, 287, 465)
    assert found.words == "from about 287 pictures a month (210 to 465)"


def test_the_break_even_of_a_gpu_that_never_sleeps() -> None:
    # 730 h × 3,600 s × 0.0002907 = 763.9596, against CPUs woken 30 times, 0.2448, and
    # 0.0204004 a picture: 763.7148 ÷ 0.0204004 = 37,436.27
    always = Way(replace(L4, min_instances=1), ON_L4.speed)

    assert break_even(ON_CPU, always, 30, PRICES).likely == 37_437


def test_a_gpu_that_is_never_woken_breaks_even_at_once() -> None:
    assert break_even(ON_CPU, ON_L4, 0, PRICES).words == "from 0 pictures a month"


def test_cpus_never_break_even_with_a_gpu_that_is_cheaper_in_all() -> None:
    free_to_wake = Way(CPU, Speed(seconds("60000"), ON_CPU.speed.picture))

    assert break_even(ON_L4, free_to_wake, 30, PRICES).words == "never with likely figures"


def test_a_break_even_with_an_unknown_price_is_not_known() -> None:
    rtx = Way(replace(ON_L4.shape, gpu=Gpu.RTX_PRO_6000, region=SINGAPORE), ON_L4.speed)

    found = break_even(ON_CPU, rtx, 30, PRICES)

    assert found.likely is None
    assert "RTX PRO 6000" in found.words


def test_more_of_a_month_than_the_free_tier_is_close_to_the_full_price() -> None:
    used = Usage(whole=Decimal(10**7))

    full = exact(charge(used, L4, PRICES))
    reduced = exact(charge(used, L4, PRICES, FreeTier.ALONE))

    # 240,000 × 0.000018 + 450,000 × 0.000002
    assert close(full - reduced, "5.22")
