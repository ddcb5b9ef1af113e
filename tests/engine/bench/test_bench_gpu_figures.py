"""What follows from a GPU's figures: shares, ratios, an L4's estimate, and how it is reported."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.bench.gpu import l4
from engine.bench.gpu.figures import (
    Ceilings,
    Facts,
    Found,
    Kept,
    PictureFigures,
    ShapeRates,
    Stock,
    StockFigures,
    ratios,
    share,
)
from engine.bench.gpu.l4 import HELD, PUBLISHED, Seconds, estimate
from engine.bench.gpu.report import document, table
from engine.bench.peers.stock import read
from engine.bench.sizes import StepWork
from engine.schema import Size

SIZE = Size(1024, 1024)
# A step of 1 s: on the ceilings below 0.4 s of linear layers and 0.1 s of attention.
WORK = StepWork(tokens=4_128, linear=40 * 10**12, attention=5 * 10**12)
PICTURE = PictureFigures(SIZE, WORK, encode=0.5, step=1.0, decode=1.5, picture=10.0, peak_bytes=1)
RATES = {"bfloat16": 100e12, "int8": 200e12}
CEILINGS = Ceilings(4_128, "bfloat16", (ShapeRates(3_840, 3_840, RATES),), RATES, 50e12)
STOCK = StockFigures(SIZE, step=2.0, decode=0.5, peak_bytes=2 << 30)


def found(name: str, strategy: str = "dense", picture: PictureFigures = PICTURE) -> Found:
    kept = Kept(strategy, {"transformer": strategy}, 3.0, (picture,))
    facts = Facts(name, 24 << 30, "torch 2.13.0")
    return Found(facts, 8, 3, {SIZE: CEILINGS}, 250e9, (kept,), {"packed": "no memory"})


def test_each_type_is_held_to_its_own_ceiling():
    # Attention is in bfloat16 whatever the weights are.
    assert share("dense", PICTURE, CEILINGS) == pytest.approx(40 / 100 + 5 / 100)
    assert share("packed", PICTURE, CEILINGS) == pytest.approx(40 / 100 + 5 / 100)
    assert share("int8", PICTURE, CEILINGS) == pytest.approx(40 / 200 + 5 / 100)


def test_ratios_are_ours_by_theirs():
    assert ratios(PICTURE, STOCK, steps=8) == {
        "step": 0.5,
        "decode": 3.0,
        "steps_and_decode": pytest.approx(9.5 / 16.5),
    }


def test_an_l4_that_was_measured_is_estimated_as_it_was():
    (one,) = estimate(found("NVIDIA L4"))
    assert one.same_share == Seconds(pytest.approx(1.0), pytest.approx(10.0))
    assert (one.strategy, one.size, one.fits) == ("dense", SIZE, True)


@pytest.mark.parametrize(("strategy", "linear"), [("dense", 0.4), ("int8", 0.2)])
def test_an_l4_is_slower_in_products_by_peaks_and_in_the_rest_by_bandwidth(
    strategy: str, linear: float
):
    # Twice the floats, four times the integers, ten times the bandwidth of an L4.
    here = l4.Peaks({"bfloat16": 242e12, "int8": 968e12}, 3_000e9)
    (one,) = estimate(found("another", strategy), here)
    products = linear * (2 if strategy == "dense" else 4) + 0.1 * 2
    rest, all_the_rest = 1.0 - linear - 0.1, 10.0 - 8 * (linear + 0.1)
    assert one.same_share.step == pytest.approx(products + 10 * rest)
    assert one.same_share.picture == pytest.approx(8 * products + 10 * all_the_rest)


def test_products_are_held_by_the_l4s_power():
    (one,) = estimate(found("NVIDIA L4"))
    # 57 T of bfloat16 instead of 100; attention, at 50, is slower than that anyway.
    assert one.held.step == pytest.approx(40 / 57 + 0.1 + 0.5)
    assert pytest.approx(0.471, abs=1e-3) == HELD


def test_nobody_is_taken_for_quicker_than_the_peak():
    quick = replace(CEILINGS, block={"bfloat16": 200e12}, attention=200e12)
    one = estimate(replace(found("NVIDIA L4"), ceilings={SIZE: quick}))[0]
    assert one.same_share.step == pytest.approx(45 / 121 + 1.0 - 45 / 200)


def test_a_gpu_whose_peaks_nobody_wrote_down_gives_no_estimate():
    unknown = found("Another GPU")
    assert estimate(unknown) == ()
    assert document(unknown, [], "Q4_K", 1)["estimate_l4"] is None
    assert table(unknown, [], "Q4_K", 1)[-1].startswith("no estimate of an L4")


def test_what_an_l4_has_no_memory_for_is_said():
    large = found("NVIDIA H200", picture=replace(PICTURE, peak_bytes=23 << 30))
    assert not estimate(large)[0].fits
    assert any("more memory than an L4 has" in line for line in table(large, [], "Q4_K", 1))


def test_the_l4_is_the_one_of_its_data_sheet():
    assert PUBLISHED["NVIDIA L4"].rates == {"bfloat16": 121e12, "int8": 242e12, "fp8": 242e12}
    assert PUBLISHED["NVIDIA L4"].bandwidth == 300e9
    assert "fp8" not in PUBLISHED["NVIDIA A100-SXM4-40GB"].rates


def test_the_document_has_plain_numbers():
    stock = Stock("gguf", "0.42.1", 4.0, (STOCK,))
    told = json.loads(json.dumps(document(found("NVIDIA L4"), [stock], "Q4_K", 6_154_908_736)))
    assert told["ceilings"]["1024x1024"]["block"] == RATES
    assert told["copying"] == 250e9
    assert told["left_out"] == {"packed": "no memory"}
    dense = told["strategies"]["dense"]["sizes"]["1024x1024"]
    assert dense["seconds"] == {"encode": 0.5, "step": 1.0, "decode": 1.5, "picture": 10.0}
    assert dense["share_of_ceiling"] == 0.45
    assert told["diffusers"]["gguf"]["sizes"]["1024x1024"]["ratios"]["dense"]["step"] == 0.5
    figures = told["estimate_l4"]["figures"]
    assert figures[0]["same_share"] == {"step": 1.0, "picture": 10.0}
    assert any("72 W was not measured" in words for words in told["estimate_l4"]["assumptions"])


def test_the_table_has_a_line_for_each_figure():
    stock = Stock("gguf", "0.42.1", 4.0, (STOCK, replace(STOCK, size=Size(512, 512))))
    lines = table(found("NVIDIA L4"), [stock], "Q4_K", 6_154_908_736)
    assert lines[:2] == [
        "NVIDIA L4, 24.0 GiB; torch 2.13.0",
        "6.15 G parameters in Q4_K, 8 steps; medians, turns after a warm-up: 3",
    ]
    cells = [line.split() for line in lines]
    assert ["4128", "3840", "x", "3840", "100.0", "200.0"] in cells
    assert ["4128", "attention", "50.0"] in cells
    assert "copying: 250 GB/s, read and written" in lines
    assert ["dense", "1024x1024", "0.500", "1.0000", "1.500", "10.000", "45%", "0.00"] in cells
    assert "packed left out: no memory" in lines
    assert ["gguf", "1024x1024", "2.0000", "0.500", "2.00", "0.58"] in cells
    assert ["gguf", "512x512", "2.0000", "0.500", "2.00", "–"] in cells
    assert ["dense", "1024x1024", "1.000", "10.00", "1.302", "12.41"] in cells


def test_diffusers_own_document_is_read():
    pictures = [{"size": "1024x1024", "step": 2.0, "decode": 0.5, "peak_bytes": 2 << 30}]
    told = {"diffusers": "0.42.1", "load": 4.0, "pictures": pictures}
    assert read("gguf", told) == Stock("gguf", "0.42.1", 4.0, (STOCK,))
