from dataclasses import replace
from decimal import Decimal

import pytest
from cost_examples import GIB, PATIENTLY, PRICES, exact, likely
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.compute_cost import Shape
from console.model.cost.estimate import FreeTier
from console.model.cost.model_sizes import TRANSFORMER, model_bytes
from console.model.cost.money import Range
from console.model.cost.prices import Gpu, StorageClass
from console.model.cost.region_check import region_check
from console.model.cost.side_cost import build, image_scans, images_a_month, log_lines
from console.model.cost.storage_cost import ModelFiles
from console.model.cost.what_if import (
    Setup,
    Traffic,
    a_month,
    in_region,
    instances_in_a_burst,
    what_if,
    with_class,
    with_concurrency,
    with_min_instances,
    with_model_of,
)

IOWA, BELGIUM, SINGAPORE = "us-central1", "europe-west1", "asia-southeast1"


def sure(value: int) -> Range:
    return Range.exactly(value)


# An L4 with 4 vCPUs and 16 GiB, 0.0002907 a second. It starts in 20 s and 8 GiB ÷ 0.2 GiB/s = 40 s,
# makes a picture in 4 s, and idles for 600 s. The image has 4 GiB.
SETUP = Setup(
    shape=Shape(region=IOWA, cpu=Decimal(4), memory=Decimal(16), gpu=Gpu.L4),
    model=ModelFiles(bytes=8 * GIB, region=IOWA),
    image_bytes=4 * GIB,
    begin=sure(20),
    rate=Range.exactly(Decimal(GIB) / 5),
    picture=sure(4),
)
TRAFFIC = Traffic(pictures=600, bursts=20)


def test_a_month_by_hand() -> None:
    # | 20 wakes     | 20 × 660 s × 0.0002907 = 3.83724 |
    # | 600 pictures | 600 × 4 s × 0.0002907  = 0.69768 |
    # | model        | 8 × 0.020              = 0.16    |
    # | image        | 4 × 0.10               = 0.40    |
    month = a_month(SETUP, TRAFFIC, PRICES)

    assert exact(month) == Decimal("5.09492")
    assert [exact(line.amount) for line in month.lines[:3]] == [
        Decimal("4.53492"),
        0,
        Decimal("0.16"),
    ]


def test_another_storage_class() -> None:
    # keeping 0.08 less, 20 × 8 × 0.01 = 1.60 for retrieval
    nearline = what_if(
        "Nearline storage", SETUP, with_class(SETUP, StorageClass.NEARLINE), TRAFFIC, PRICES
    )

    assert exact(nearline.difference) == Decimal("1.52")
    assert nearline.words == "Nearline storage: costs $1.52 more a month"


def test_another_region() -> None:
    # Singapore: 0.00034884 a second, 13,200 s of wakes and 2,400 s of pictures,
    # (0.00034884 − 0.0002907) × 15,600 = 0.906984; storage costs the same
    far = what_if("Singapore", SETUP, in_region(SETUP, SINGAPORE), TRAFFIC, PRICES)
    same = what_if("Belgium", SETUP, in_region(SETUP, BELGIUM), TRAFFIC, PRICES)

    assert exact(far.difference) == Decimal("0.906984")
    assert same.words == "Belgium: costs the same a month"


def test_a_minimum_instance() -> None:
    # 730 h × 3,600 s × 0.0002907 = 763.9596 instead of 4.53492
    kept = what_if("one kept awake", SETUP, with_min_instances(SETUP, 1), TRAFFIC, PRICES)

    assert exact(kept.difference) == Decimal("759.42468")
    assert kept.words == "one kept awake: costs $759.42 more a month, starts 60 s sooner"


def test_cpus_instead_of_a_gpu() -> None:
    # 20 × 60 s × 0.000136 = 0.1632; 600 × (150 s × 0.000136 + 0.0000004) = 12.24024;
    # 12.40344 − 4.53492
    on_cpus = replace(SETUP, shape=replace(SETUP.shape, gpu=None), picture=sure(150))

    cpus = what_if("4 vCPUs", SETUP, on_cpus, TRAFFIC, PRICES)

    assert exact(cpus.difference) == Decimal("7.86852")
    assert cpus.words == "4 vCPUs: costs $7.87 more a month, makes a picture 146 s later"


def test_more_pictures_waiting_at_one_instance() -> None:
    # four at once: 80 wakes instead of 20, 60 × 660 s × 0.0002907 = 11.51172
    traffic = replace(TRAFFIC, at_once=4)

    four = what_if("concurrency 4", SETUP, with_concurrency(SETUP, 4), traffic, PRICES)

    assert exact(four.difference) == Decimal("-11.51172")
    assert four.words == "concurrency 4: saves $11.51 a month, makes 4 pictures 12 s later"


def test_a_smaller_quantisation() -> None:
    # 4 GiB less: 0.08 to keep, and 20 × 20 s × 0.0002907 = 0.11628 to read
    half = what_if("half the model", SETUP, with_model_of(SETUP, 4 * GIB), TRAFFIC, PRICES)

    assert exact(half.difference) == Decimal("-0.19628")
    assert half.words == "half the model: saves $0.20 a month, starts 20 s sooner"


def test_a_change_to_what_has_no_price_is_not_called_free() -> None:
    lost = what_if("Mars", SETUP, in_region(SETUP, "mars-north1"), TRAFFIC, PRICES)

    assert lost.difference.known is None
    assert lost.words.startswith("Mars: not known without ")


def test_a_limit_of_instances_limits_a_burst() -> None:
    shape = SETUP.shape
    traffic = replace(TRAFFIC, at_once=9)

    assert instances_in_a_burst(shape, traffic) == 9
    assert instances_in_a_burst(replace(shape, concurrency=4), traffic) == 3
    assert instances_in_a_burst(replace(shape, max_instances=2), traffic) == 2


def test_minimum_instances_take_their_share_of_a_burst() -> None:
    # two at once, one kept: 20 wakes of the other, and half of 600 pictures on it
    traffic = replace(TRAFFIC, at_once=2)
    month = a_month(with_min_instances(SETUP, 1), traffic, PRICES)

    # 763.9596 + 3.83724 + 300 × 0.0011628
    assert exact(month.lines[0].amount) == Decimal("768.14568")


def test_reading_nothing_a_second_is_refused() -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        replace(SETUP, rate=sure(0))


def test_kept_cpus_have_an_idle_price_beside_their_wakes() -> None:
    # two at once, one kept: 730 × 3,600 s × 0.00005 = 131.40; the other is woken 20 times for
    # 60 s × 0.000136 = 0.1632; 300 pictures of 150 s each on the kept one at 0.0129004 and
    # on the other at 0.0204004: 3.87012 + 6.12012
    cpus = replace(SETUP, shape=replace(SETUP.shape, gpu=None), picture=sure(150))

    month = a_month(with_min_instances(cpus, 1), replace(TRAFFIC, at_once=2), PRICES)

    assert exact(month.lines[0].amount) == Decimal("141.55344")


def test_doubts_about_speed_make_a_range() -> None:
    # a picture of 3 to 6 s: 600 × 3 s or 6 s × 0.0002907 around 0.69768
    unsure = replace(SETUP, picture=Range(Decimal(3), Decimal(4), Decimal(6)))

    assert a_month(unsure, TRAFFIC, PRICES).total.text() == "$4.92 to $5.44"


def test_sizes_of_published_files() -> None:
    # 4.98 + 2.50 GB and a VAE of 335,304,388 bytes
    assert model_bytes("Q4_K_M", "Q4_K_M") == 4_980_000_000 + 2_497_280_256 + 335_304_388
    assert model_bytes("Q9_X", "Q8_0") is None
    assert list(TRANSFORMER.values()) == sorted(TRANSFORMER.values())


def test_all_in_one_region_is_said_so() -> None:
    check = region_check(IOWA, SETUP.model, IOWA, SETUP.image_bytes, PRICES)

    assert check.together
    assert check.words == "service, bucket and registry are all in us-central1"


def test_a_bucket_across_the_ocean_has_its_price_at_every_cold_start() -> None:
    # 8 GiB × 0.05
    check = region_check(BELGIUM, SETUP.model, BELGIUM, SETUP.image_bytes, PRICES)

    assert check.together is False
    assert check.words == (
        "The bucket is in us-central1 and the service in europe-west1: every cold start moves "
        "8 GiB for about $0.40 (not verified); move the models to a bucket in europe-west1"
    )


def test_a_registry_across_the_ocean_has_its_price_at_every_roll_out() -> None:
    # 4 GiB × 0.08
    check = region_check(IOWA, SETUP.model, SINGAPORE, SETUP.image_bytes, PRICES)

    assert check.at_start is None
    assert check.at_deploy is not None
    assert likely(check.at_deploy.amount) == Decimal("0.32")
    assert check.words.endswith("use a repository in us-central1")


def test_what_is_not_known_of_the_regions_is_said_so() -> None:
    check = region_check(IOWA, None, None, 0, PRICES)

    assert check.together is None
    assert check.words == "where the bucket and the registry is, is not known"
    half = region_check(IOWA, SETUP.model, None, 0, PRICES)
    assert (half.together, half.words) == (None, "where the registry is, is not known")
    lost = region_check(IOWA, replace(SETUP.model, region="mars-north1"), IOWA, 0, PRICES)
    assert "for a price that is not known" in lost.words


def test_what_lies_beside() -> None:
    # images (4 − 0.5 free) × 0.10; a scan 0.26; logs (60 − 50 free) × 0.50;
    # 30 builds of 10 min × 0.006, of which 2,500 min are free
    assert exact(images_a_month(4 * GIB, PRICES, FreeTier.ALONE).amount) == Decimal("0.35")
    assert exact(image_scans(3, PRICES).amount) == Decimal("0.78")
    assert exact(log_lines(60 * GIB, PRICES, FreeTier.ALONE).amount) == 5
    assert exact(build(Decimal(300), PRICES).amount) == Decimal("1.8")
    assert exact(build(Decimal(300), PRICES, free=FreeTier.ALONE).amount) == 0
    assert build(Decimal(5), PRICES, "e2-highcpu-8").amount.missing == {"build on e2-highcpu-8"}


numbers = st.integers(min_value=0, max_value=5000)


@PATIENTLY
@given(numbers, numbers, numbers, st.sampled_from(StorageClass))
def test_more_traffic_is_never_cheaper(
    pictures: int, bursts: int, more: int, storage_class: StorageClass
) -> None:
    setup = with_class(SETUP, storage_class)

    def month(pictures: int, bursts: int) -> Decimal:
        return likely(a_month(setup, Traffic(pictures, bursts), PRICES))

    assert month(pictures, bursts) <= month(pictures + more, bursts)
    assert month(pictures, bursts) <= month(pictures, bursts + more)


@PATIENTLY
@given(numbers, numbers)
def test_a_change_and_its_opposite_cancel_out(pictures: int, bursts: int) -> None:
    traffic = Traffic(pictures, bursts)
    other = with_class(in_region(SETUP, SINGAPORE), StorageClass.COLDLINE)

    there = what_if("there", SETUP, other, traffic, PRICES)
    back = what_if("back", other, SETUP, traffic, PRICES)

    assert likely(there.difference) == -likely(back.difference)
