from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_models
import torch
from gguf import GGMLQuantizationType as Type

from engine.errors import Cancelled, GenerationFailed, MalformedFile, UnsupportedModel
from engine.pipeline import CACHED_PROMPTS, Pipeline
from engine.schema import (
    Decoded,
    Done,
    Encoded,
    GenerationRequest,
    InvalidRequest,
    Noise,
    Picture,
    Size,
    Step,
)
from engine.weights.discover import find_model

PROMPT = "a red circle on a white background"


@pytest.fixture(scope="module")
def pipeline(tiny_model: Path) -> Pipeline:
    return Pipeline.load(find_model(tiny_model))


def picture(pipeline: Pipeline, **fields: object) -> Picture:
    request = GenerationRequest(**{"prompt": PROMPT, "seed": 1, **fields})
    *_, done = pipeline.generate(request)
    assert isinstance(done, Done)
    return done.picture


def pixels(made: Picture) -> np.ndarray:
    return np.frombuffer(made.rgb, np.uint8).reshape(made.height, made.width, 3)


def test_tells_the_whole_story_in_order(pipeline: Pipeline):
    events = list(pipeline.generate(GenerationRequest("red", steps=3, seed=7)))
    assert [type(event) for event in events] == [Encoded, Step, Step, Step, Decoded, Done]
    assert [(e.index, e.total) for e in events if isinstance(e, Step)] == [(1, 3), (2, 3), (3, 3)]
    assert all(event.seconds >= 0 for event in events)
    assert isinstance(events[-1], Done)
    assert events[-1].seed == 7


def test_a_picture_has_the_models_own_size_unless_asked_otherwise(pipeline: Pipeline):
    assert pipeline.native_size == Size(64, 64)
    assert pixels(picture(pipeline)).shape == (64, 64, 3)
    assert pixels(picture(pipeline, size=Size(112, 80))).shape == (80, 112, 3)


def test_a_model_that_states_no_size_makes_512_by_512(tmp_path: Path):
    model = tiny_models.write_model(tmp_path / "model")
    tiny_models.write_transformer(model / "tiny_z_image.gguf", native_size=None)
    assert Pipeline.load(find_model(model)).native_size == Size(512, 512)


def test_an_impossible_native_size_is_refused(tmp_path: Path):
    model = tiny_models.write_model(tmp_path / "model")
    tiny_models.write_transformer(model / "tiny_z_image.gguf", native_size=(100, 64))
    with pytest.raises(MalformedFile, match="impossible native size"):
        Pipeline.load(find_model(model))


def test_the_same_seed_makes_the_same_picture(pipeline: Pipeline, tiny_model: Path):
    first = picture(pipeline)
    assert picture(pipeline) == first
    assert picture(Pipeline.load(find_model(tiny_model))) == first
    assert picture(pipeline, seed=2) != first
    assert picture(pipeline, prompt="white") != first


def test_the_largest_seed_works(pipeline: Pipeline):
    assert picture(pipeline, seed=2**63 - 1) != picture(pipeline, seed=0)


def test_without_a_seed_one_is_drawn_and_told(tiny_model: Path, pipeline: Pipeline):
    drawn = Pipeline(pipeline._model, draw_seed=lambda: 41)
    *_, done = drawn.generate(GenerationRequest(PROMPT))
    assert isinstance(done, Done)
    assert done.seed == 41
    assert done.picture == picture(pipeline, seed=41)


def test_guidance_and_the_negative_prompt_count_together(pipeline: Pipeline):
    plain = picture(pipeline)
    assert picture(pipeline, negative_prompt="white") == plain
    empty, white = (picture(pipeline, guidance=3.0, negative_prompt=n) for n in ("", "white"))
    assert plain != empty != white != plain


def test_without_guidance_the_model_runs_once_a_step(pipeline: Pipeline):
    transformer, calls = pipeline._model.transformer, []

    class Counted:
        def __getattr__(self, name: str) -> object:
            return getattr(transformer, name)

        def __call__(self, *arguments: object) -> torch.Tensor:
            calls.append(1)
            return transformer(*arguments)

    counted = Pipeline(replace(pipeline._model, transformer=Counted()))
    picture(counted, steps=3)
    assert len(calls) == 3
    picture(counted, steps=3, guidance=1.0)
    assert len(calls) == 3 + 6


def test_whose_noise_a_seed_stands_for_can_be_chosen(pipeline: Pipeline):
    assert picture(pipeline, noise=Noise.CPU) == picture(pipeline)
    assert picture(pipeline, noise=Noise.PHILOX) != picture(pipeline)


def test_an_impossible_request_is_refused_before_anything_is_done(pipeline: Pipeline):
    with pytest.raises(InvalidRequest, match="multiple of 16"):
        pipeline.generate(GenerationRequest(PROMPT, size=Size(100, 64)))
    with pytest.raises(InvalidRequest, match="the prompt is empty"):
        pipeline.generate(GenerationRequest("  "))


def test_a_prompt_is_encoded_once(pipeline: Pipeline, tiny_model: Path):
    fresh = Pipeline.load(find_model(tiny_model))
    cached = [next(fresh.generate(GenerationRequest(PROMPT))).cached for _ in range(2)]
    assert cached == [False, True]
    assert picture(fresh) == picture(pipeline)


def test_only_the_latest_prompts_are_kept(tiny_model: Path):
    fresh = Pipeline.load(find_model(tiny_model))
    for number in range(CACHED_PROMPTS + 1):
        next(fresh.generate(GenerationRequest(f"prompt {number}")))
        next(fresh.generate(GenerationRequest("prompt 1")))
    assert next(fresh.generate(GenerationRequest("prompt 1"))).cached
    assert not next(fresh.generate(GenerationRequest("prompt 0"))).cached


def test_a_long_prompt_is_said_to_be_cut(pipeline: Pipeline):
    encoded = next(pipeline.generate(GenerationRequest("xyz " * 400)))
    assert encoded.truncated
    assert encoded.tokens == 512


@pytest.mark.parametrize("polls", range(5))
def test_cancelling_stops_before_the_next_step(pipeline: Pipeline, polls: int):
    """It is asked before encoding, before each of three steps, and before decoding."""
    answers = iter([False] * polls + [True])
    events = []
    running = pipeline.generate(GenerationRequest(PROMPT, steps=3), lambda: next(answers))
    with pytest.raises(Cancelled):
        events.extend(type(event) for event in running)
    assert events == [Encoded, Step, Step, Step][:polls]


def test_a_closed_generator_leaves_the_pipeline_fit_for_use(pipeline: Pipeline):
    running = pipeline.generate(GenerationRequest(PROMPT))
    next(running)
    next(running)
    running.close()
    assert pixels(picture(pipeline)).shape == (64, 64, 3)


def test_the_callers_torch_is_not_put_into_inference_mode(pipeline: Pipeline):
    for _ in pipeline.generate(GenerationRequest(PROMPT, steps=1)):
        assert not torch.is_inference_mode_enabled()


def test_not_a_number_is_reported_and_makes_no_picture(tmp_path: Path):
    model = tiny_models.write_model(tmp_path / "model")
    state = tiny_models.transformer_state()
    state["final_layer.linear.bias"][3] = np.nan
    tiny_models.write_transformer(model / "tiny_z_image.gguf", state)
    with pytest.raises(GenerationFailed, match="appeared in step 1"):
        picture(Pipeline.load(find_model(model)))


def test_not_a_number_in_the_decoder_is_reported(tmp_path: Path):
    model = tiny_models.write_model(tmp_path / "model")
    state = tiny_models.vae_state()
    state["decoder.conv_out.bias"][0] = np.inf
    tiny_models.write_vae(model / "tiny_ae.safetensors", state=state)
    with pytest.raises(GenerationFailed, match="while the picture was decoded"):
        picture(Pipeline.load(find_model(model)))


def test_loading_reports_files_and_progress(tiny_model: Path):
    files, progress = [], []
    Pipeline.load(
        find_model(tiny_model),
        on_file=lambda name, size, seconds: files.append((name, size)),
        on_progress=lambda done, total: progress.append((done, total)),
    )
    assert [name for name, _ in files] == [
        "tiny_qwen3.gguf",
        "tiny_z_image.gguf",
        "tiny_ae.safetensors",
    ]
    total = sum(size for _, size in files)
    assert progress[-1] == (total, total)
    assert progress == sorted(progress)


def test_what_is_not_used_is_not_read(tiny_model: Path):
    sizes = {}
    Pipeline.load(find_model(tiny_model), on_file=lambda name, size, _: sizes.update({name: size}))
    state = tiny_models.encoder_state()
    unused = {n: a for n, a in state.items() if n.startswith(("blk.2.", "output_norm"))}
    everything = sum(array.nbytes for array in state.values())
    assert sizes["tiny_qwen3.gguf"] == everything - sum(array.nbytes for array in unused.values())


def test_a_cpu_is_not_warmed_up(tiny_model: Path, monkeypatch: pytest.MonkeyPatch):
    cold = Pipeline.load(find_model(tiny_model))
    made: list[GenerationRequest] = []
    monkeypatch.setattr(cold, "generate", lambda request: made.append(request) or [])
    cold.warm_up()
    assert made == []


def test_a_device_that_is_not_there_is_refused(tiny_model: Path):
    with pytest.raises(UnsupportedModel, match="device tpu is not there"):
        Pipeline.load(find_model(tiny_model), device="tpu")


LAYOUTS = {
    "no architecture, flat pads": {"architecture": None},
    "two-dimensional pads": {"flat_pads": False},
    "prefixed": {"prefix": "model.diffusion_model."},
    "diffusers' names": {"diffusers_names": True},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_makes_the_same_picture(tmp_path: Path, pipeline: Pipeline, layout: str):
    model = tiny_models.write_model(tmp_path / "model")
    tiny_models.write_transformer(model / "tiny_z_image.gguf", **LAYOUTS[layout])
    assert picture(Pipeline.load(find_model(model))) == picture(pipeline)


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [(Type.BF16, 2), (Type.F16, 1), (Type.Q8_0, 4), (Type.Q5_1, 25), (Type.Q4_0, 40)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_stored_more_coarsely_the_picture_is_nearly_the_same(
    tmp_path: Path, pipeline: Pipeline, kind: Type, tolerance: float
):
    model = tiny_models.write_model(tmp_path / "model", types=tiny_models.everything_as(kind))
    coarse = pixels(picture(Pipeline.load(find_model(model))))
    difference = np.abs(coarse.astype(float) - pixels(picture(pipeline)))
    assert difference.mean() < tolerance


def test_the_engine_runs_without_the_heavy_libraries(tiny_model: Path):
    program = (
        "import sys; from pathlib import Path\n"
        "from engine.pipeline import Pipeline\n"
        "from engine.schema import GenerationRequest\n"
        "from engine.weights.discover import find_model\n"
        f"pipeline = Pipeline.load(find_model(Path({str(tiny_model)!r})))\n"
        "list(pipeline.generate(GenerationRequest('a', steps=1)))\n"
        "heavy = {'diffusers', 'transformers', 'gguf', 'sympy', 'torch._dynamo', 'PIL'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "")
