"""Models in safetensors: single files with what lies beside them, shards, diffusers' folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_folders
import tiny_models
import torch
import written_gguf
from safetensors.numpy import save_file

from engine.errors import AmbiguousModel, MalformedFile, UnsupportedModel
from engine.pipeline import Pipeline
from engine.schema import Done, GenerationRequest, Picture, Size
from engine.weights.discover import Part, find_model, inspect_directory

ENCODER = tiny_models.EncoderSizes()


def picture(directory: Path) -> Picture:
    request = GenerationRequest("白色背景上的 red circle", seed=1, size=Size(64, 80), steps=2)
    *_, done = Pipeline.load(find_model(directory)).generate(request)
    assert isinstance(done, Done)
    return done.picture


@pytest.fixture(scope="module")
def expected(tiny_model: Path) -> Picture:
    """What the very same weights draw from GGUF files."""
    return picture(tiny_model)


@pytest.fixture
def comfy(tmp_path: Path) -> Path:
    """The files as ComfyUI has them, the tokenizer left out."""
    tiny_folders.write_transformer(tmp_path / "z_image.safetensors")
    tiny_folders.write_text_encoder(tmp_path / "qwen_3_4b.safetensors")
    tiny_models.write_vae(tmp_path / "ae.safetensors")
    return tmp_path


def test_safetensors_with_a_tokenizer_beside_them(comfy: Path, expected: Picture):
    tokenizer = tiny_folders.write_tokenizer(comfy)
    assert find_model(comfy).text_encoder.tokenizer == tokenizer
    assert picture(comfy) == expected


def test_the_tokenizer_of_a_smaller_qwen_serves_as_well(comfy: Path, expected: Picture):
    small = replace(ENCODER, width=32)
    donor = tiny_models.write_text_encoder(comfy / "Qwen3-0.6B.gguf", small)
    encoder = find_model(comfy).text_encoder
    assert (encoder.path.name, encoder.tokenizer) == ("qwen_3_4b.safetensors", donor)
    assert picture(comfy) == expected


def test_a_gguf_with_the_vocabulary_alone_serves_as_well(comfy: Path, expected: Picture):
    tokens, types, merges = tiny_models.vocabulary()
    metadata = written_gguf.vocabulary(1, 1) | {
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": merges,
    }
    donor = written_gguf.write(comfy / "ggml-vocab-qwen2.gguf", metadata, {})
    facts = {f.path: f for f in inspect_directory(comfy)}[donor]
    assert (facts.part, facts.layout, facts.problem) == (None, "Qwen tokenizer alone", "")
    assert picture(comfy) == expected


def test_without_any_tokenizer_the_mend_is_named(comfy: Path):
    with pytest.raises(UnsupportedModel, match=r"qwen_3_4b\.safetensors is .* without its token"):
        find_model(comfy)
    problems = [facts.problem for facts in inspect_directory(comfy)]
    assert "put Qwen3-4B's tokenizer.json beside it" in problems[1]


def test_two_whole_encoders_are_both_named(comfy: Path):
    tiny_models.write_text_encoder(comfy / "Qwen3-4B.gguf")
    with pytest.raises(
        AmbiguousModel, match=r"Qwen3-4B\.gguf and qwen_3_4b\.safetensors could both be the text"
    ):
        find_model(comfy)


def test_the_config_beside_an_encoder_states_its_constants(comfy: Path):
    tiny_folders.write_tokenizer(comfy)
    config = comfy / "config.json"
    config.write_text('{"model_type": "qwen3", "rope_theta": 5000000.0, "rms_norm_eps": 1e-5}')
    assert "Qwen3-4B-Instruct-2507" in find_model(comfy).text_encoder.warning
    config.write_text('{"model_type": "gemma", "rope_theta": 5000000.0}')
    assert find_model(comfy).text_encoder.warning == ""


@pytest.mark.parametrize("text", ["{", "[]", '{"model_type": "qwen3", "rope_theta": "x"}'])
def test_a_config_that_is_nonsense_is_refused(comfy: Path, text: str):
    tiny_folders.write_tokenizer(comfy)
    (comfy / "config.json").write_text(text)
    with pytest.raises(MalformedFile):
        find_model(comfy)


@pytest.mark.parametrize(
    "write", [tiny_folders.write_transformer, tiny_folders.write_diffusers_transformer]
)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_a_transformer_in_any_floats_and_names(
    tmp_path: Path, expected: Picture, write: Callable[..., Path], dtype: torch.dtype
):
    tiny_models.write_model(tmp_path)
    (tmp_path / "tiny_z_image.gguf").unlink()
    write(tmp_path / "z_image.safetensors", dtype)
    found = np.frombuffer(picture(tmp_path).rgb, np.uint8).astype(int)
    difference = np.abs(found - np.frombuffer(expected.rgb, np.uint8))
    assert difference.mean() < (0.01 if dtype is torch.float32 else 3)


@pytest.fixture(scope="module")
def pipeline_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Diffusers' own folder with each part in several shards; not to be changed."""
    directory = tmp_path_factory.mktemp("hub") / "Z-Image-Tiny"
    return tiny_folders.write_pipeline(directory, shard_size="400KB")


def test_the_folder_that_diffusers_writes_is_a_model(pipeline_folder: Path, expected: Picture):
    files = find_model(pipeline_folder)
    assert len(files.transformer.files) > 2
    assert files.transformer.name == "Z-Image-Tiny"
    assert files.text_encoder.tokenizer == pipeline_folder / "tokenizer/tokenizer.json"
    assert files.transformer.bytes == sum(p.stat().st_size for p in files.transformer.files)
    assert picture(pipeline_folder) == expected


def test_a_missing_shard_is_named(pipeline_folder: Path, tmp_path: Path):
    directory = shutil.copytree(pipeline_folder, tmp_path / "model")
    next((directory / "transformer").glob("*-00003-of-*")).unlink()
    with pytest.raises(MalformedFile, match=r"^transformer/.*-00003-of-.* is missing; download"):
        find_model(directory)


def test_a_truncated_shard_is_named(pipeline_folder: Path, tmp_path: Path):
    directory = shutil.copytree(pipeline_folder, tmp_path / "model")
    shard = next((directory / "vae").glob("*-00002-of-*"))
    shard.write_bytes(shard.read_bytes()[:-1_000])
    with pytest.raises(MalformedFile, match=r"-00002-of-.* is truncated"):
        find_model(directory)


def test_a_tensor_in_two_shards_is_refused(tmp_path: Path):
    for number in (1, 2):
        save_file({"x": np.ones(3)}, tmp_path / f"model-0000{number}-of-00002.safetensors")
    (facts,) = inspect_directory(tmp_path)
    assert "has the tensor x, which stands in another" in facts.problem


def test_a_gguf_beside_the_folders_makes_two_candidates(pipeline_folder: Path, tmp_path: Path):
    directory = shutil.copytree(pipeline_folder, tmp_path / "model")
    tiny_models.write_transformer(directory / "z_image.gguf")
    with pytest.raises(AmbiguousModel, match=r"z_image\.gguf and diffusion_pytorch_model"):
        find_model(directory)
    shutil.rmtree(directory / "transformer")
    assert find_model(directory).transformer.name == "z_image"


def test_parts_are_told_apart_in_the_folder(pipeline_folder: Path):
    assert [facts.part for facts in inspect_directory(pipeline_folder)] == list(Part)
