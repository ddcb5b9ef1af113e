from __future__ import annotations

from pathlib import Path

import pytest
import tiny_models
import torch
from gguf import GGMLQuantizationType as Type

import engine.model.loading
import engine.model.plan
from engine.errors import ModelNotFound, UnsupportedModel
from engine.model.linear import Strategy
from engine.model.loading import compute_dtype
from engine.model.plan import Conditions, plan_strategies
from engine.pipeline import Pipeline
from engine.schema import Done, GenerationRequest, Size
from engine.weights.discover import Part, find_model, open_part
from engine.weights.layout import PartTensors

PACKED, DENSE, STREAMED = Strategy.PACKED, Strategy.DENSE, Strategy.STREAMED


@pytest.fixture(scope="module")
def quantised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    types = tiny_models.matrices_as(Type.Q8_0)
    return tiny_models.write_model(tmp_path_factory.mktemp("quantised") / "model", types=types)


@pytest.mark.parametrize(
    ("share", "transformer", "encoder"),
    [
        pytest.param(10.0, DENSE, DENSE, id="plenty"),
        pytest.param(1.2, DENSE, PACKED, id="the-transformer-comes-first"),
        pytest.param(0.6, PACKED, DENSE, id="packed-it-leaves-room-for-the-encoder"),
        pytest.param(0.45, PACKED, PACKED, id="little"),
        pytest.param(0.2, PACKED, STREAMED, id="less"),
    ],
)
def test_the_parts_share_the_memory(quantised: Path, share: float, transformer, encoder):
    """`share` is of four thirds of what all weights take when dense."""
    tensors = parts(quantised)
    dense_transformer = tensors[1].elements * 4
    available = int(share * 4 / 3 * dense_transformer)
    strategies = plan_strategies(*tensors, Conditions(torch.float32, available))
    assert strategies[Part.TRANSFORMER] is transformer
    assert strategies[Part.TEXT_ENCODER] is encoder
    assert strategies[Part.VAE] is DENSE


def test_little_memory_makes_the_same_picture(quantised: Path, monkeypatch: pytest.MonkeyPatch):
    def picture() -> tuple[Pipeline, bytes]:
        pipeline = Pipeline.load(find_model(quantised))
        *_, done = pipeline.generate(GenerationRequest("a red circle", seed=1))
        assert isinstance(done, Done)
        return pipeline, done.picture.rgb

    roomy, expected = picture()
    monkeypatch.setattr(engine.model.loading, "available_memory", lambda device: 0)
    tight, found = picture()

    assert roomy.strategies == {"text_encoder": "dense", "transformer": "dense", "vae": "dense"}
    assert tight.strategies == {"text_encoder": "streamed", "transformer": "packed", "vae": "dense"}
    levels = torch.tensor(list(found)) - torch.tensor(list(expected))
    assert levels.abs().max() <= 1


def test_a_streamed_encoder_is_the_packed_one_and_reads_anew_for_each_prompt(
    quantised: Path, monkeypatch: pytest.MonkeyPatch
):
    def picture(pipeline: Pipeline, prompt: str) -> bytes:
        *_, done = pipeline.generate(GenerationRequest(prompt, seed=1, size=Size(64, 64)))
        assert isinstance(done, Done)
        return done.picture.rgb

    files = find_model(quantised)
    packed = Pipeline.load(files, linear="packed")
    monkeypatch.setattr(engine.model.loading, "available_memory", lambda device: 0)
    streamed = Pipeline.load(files)
    assert streamed.strategies["text_encoder"] == "streamed"
    for prompt in ("a red circle", "一个红色的圆"):
        assert picture(streamed, prompt) == picture(packed, prompt)

    files.text_encoder.path.rename(quantised / "away")
    with pytest.raises(ModelNotFound, match="cannot be read"):
        picture(streamed, "a blue square")
    (quantised / "away").rename(files.text_encoder.path)
    assert picture(streamed, "a blue square") == picture(packed, "a blue square")


def test_a_cpu_computes_in_float32_and_a_gpu_in_bfloat16():
    assert compute_dtype(torch.device("cpu")) is torch.float32
    assert compute_dtype(torch.device("cuda", 1)) is torch.bfloat16


def parts(directory: Path) -> list[PartTensors]:
    files = find_model(directory)
    return [
        open_part(facts.path).tensors
        for facts in (files.text_encoder, files.transformer, files.vae)
    ]


def test_a_large_transformer_is_rounded_to_8_bits_where_that_is_quicker(
    quantised: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine.model.plan, "LARGE", 1_000)
    plenty = 10**12
    quick = plan_strategies(*parts(quantised), Conditions(torch.float32, plenty, int8_limit=127))
    slow = plan_strategies(*parts(quantised), Conditions(torch.float32, plenty, int8_limit=0))
    tight = plan_strategies(*parts(quantised), Conditions(torch.float32, 0, int8_limit=127))
    assert (quick[Part.TRANSFORMER], quick[Part.TEXT_ENCODER]) == (Strategy.INT8, DENSE)
    assert slow[Part.TRANSFORMER] is DENSE
    assert tight[Part.TRANSFORMER] is PACKED


def test_of_two_ways_to_round_the_one_that_rounds_less_is_taken(
    quantised: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine.model.plan, "LARGE", 1_000)

    def chosen(int8_limit: int, *, pays: bool, fp8: bool) -> Strategy:
        conditions = Conditions(torch.bfloat16, 10**12, int8_limit, pays, fp8)
        return plan_strategies(*parts(quantised), conditions)[Part.TRANSFORMER]

    assert chosen(127, pays=True, fp8=True) is Strategy.INT8
    assert chosen(127, pays=False, fp8=True) is Strategy.FP8
    assert chosen(0, pays=True, fp8=True) is Strategy.FP8
    assert chosen(127, pays=False, fp8=False) is chosen(0, pays=True, fp8=False) is DENSE


def test_a_large_encoder_is_not_kept_for_a_single_prompt(
    quantised: Path, monkeypatch: pytest.MonkeyPatch
):
    conditions = Conditions(torch.float32, 10**12, one_prompt=True)
    assert plan_strategies(*parts(quantised), conditions)[Part.TEXT_ENCODER] is DENSE
    monkeypatch.setattr(engine.model.plan, "LARGE", 1_000)
    assert plan_strategies(*parts(quantised), conditions)[Part.TEXT_ENCODER] is STREAMED


@pytest.mark.parametrize("wanted", [DENSE, PACKED])
def test_a_wanted_strategy_is_followed_whatever_the_memory(quantised: Path, wanted: Strategy):
    conditions = Conditions(torch.float32, 0 if wanted is DENSE else 10**12)
    strategies = plan_strategies(*parts(quantised), conditions, wanted)
    assert strategies[Part.TRANSFORMER] is strategies[Part.TEXT_ENCODER] is wanted


@pytest.mark.parametrize(
    ("wanted", "needs"), [(Strategy.INT8, "Turing or later"), (Strategy.FP8, "Ada, Hopper")]
)
def test_8_bits_that_are_not_to_be_had_are_refused(quantised: Path, wanted: Strategy, needs: str):
    with pytest.raises(UnsupportedModel, match=f"{needs}.*; use --linear auto"):
        plan_strategies(*parts(quantised), Conditions(torch.float32, 10**12), wanted)
