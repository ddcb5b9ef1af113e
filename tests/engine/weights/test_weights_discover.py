from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import tiny_folders
import tiny_models
import torch
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import save_file

from engine.errors import AmbiguousModel, MalformedFile, ModelNotFound, UnsupportedModel
from engine.weights.discover import Part, find_model, inspect_directory, open_part
from engine.weights.transformer_layout import TransformerDims, TransformerFile
from engine.weights.vae_layout import VaeDims, VaeFile


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model directory to be spoilt."""
    return tiny_models.write_model(tmp_path / "model")


def test_names_of_files_mean_nothing(model: Path):
    (model / "tiny_z_image.gguf").rename(model / "a.gguf")
    (model / "tiny_qwen3.gguf").rename(model / "vae.gguf")
    (model / "tiny_ae.safetensors").rename(model / "z_image.safetensors")
    files = find_model(model)
    assert files.transformer.path.name == "a.gguf"
    assert files.text_encoder.path.name == "vae.gguf"
    assert files.vae.path.name == "z_image.safetensors"
    assert files.total_bytes == sum(path.stat().st_size for path in model.iterdir())


def test_facts_say_what_a_file_is(model: Path):
    encoder, transformer = inspect_directory(model)[1:]
    assert encoder.part is Part.TEXT_ENCODER
    assert transformer.part is Part.TRANSFORMER
    state = tiny_models.transformer_state()
    assert transformer.parameters == sum(array.size for array in state.values())
    assert transformer.types == {"F32": len(state)}
    assert transformer.layout == "Z-Image transformer, original names, fused qkv"
    assert transformer.problem == ""


def test_facts_are_plain_json(model: Path):
    (model / "broken.gguf").write_bytes(b"GGUF")
    shown = json.loads(json.dumps([facts.to_json() for facts in inspect_directory(model)]))
    assert [facts["part"] for facts in shown] == [None, "vae", "text_encoder", "transformer"]
    assert "broken.gguf is truncated" in shown[0]["problem"]


def test_other_files_are_passed_over(model: Path):
    (model / "README.md").write_text("about")
    (model / "picture.png").write_bytes(b"\x89PNG")
    (model / "loras.safetensors").mkdir()
    assert len(inspect_directory(model)) == 3


LAYOUTS = {
    "no architecture, flat pads": {"architecture": None},
    "lumina2, pads with two dimensions": {"architecture": "lumina2", "flat_pads": False},
    "another architecture": {"architecture": "z_image"},
    "prefixed": {"prefix": "model.diffusion_model."},
    "diffusers' names": {"diffusers_names": True},
    "quantised pads and norms": {"types": tiny_models.everything_as(Type.Q8_0)},
    "bfloat16 pads": {"types": tiny_models.everything_as(Type.BF16), "flat_pads": False},
    "half": {"types": tiny_models.everything_as(Type.F16)},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_a_transformer_has_the_same_dimensions(tmp_path: Path, layout: str):
    file = open_part(tiny_models.write_transformer(tmp_path / "z.gguf", **LAYOUTS[layout]))
    assert isinstance(file, TransformerFile)
    assert file.dims == TransformerDims(
        channels=16,
        dim=96,
        heads=3,
        head_dim=32,
        layers=2,
        noise_refiners=1,
        context_refiners=1,
        caption_width=64,
        frequencies=256,
    )
    assert file.dims.rope_axes == (8, 12, 12)


def test_a_transformer_may_be_a_safetensors_file(tmp_path: Path):
    state = tiny_models.transformer_state()
    save_file(state, tmp_path / "z.safetensors")
    assert isinstance(open_part(tmp_path / "z.safetensors"), TransformerFile)


def test_unused_tensors_do_no_harm(tmp_path: Path):
    state = tiny_models.transformer_state() | {"norm_final.weight": np.ones(96, np.float32)}
    file = open_part(tiny_models.write_transformer(tmp_path / "z.gguf", state))
    assert "norm_final.weight" not in file.tensors.required


def refusal(path: Path) -> str:
    with pytest.raises(UnsupportedModel) as caught:
        open_part(path)
    return str(caught.value)


def test_lumina_2_is_refused_by_name(tmp_path: Path):
    state = tiny_models.transformer_state()
    del state["x_pad_token"], state["cap_pad_token"]
    state |= {
        name.replace("adaLN_modulation.0", "adaLN_modulation.1"): state.pop(name)
        for name in list(state)
        if "adaLN_modulation.0" in name
    }
    path = tiny_models.write_transformer(tmp_path / "lumina.gguf", state, flat_pads=False)
    assert refusal(path).startswith("lumina.gguf is a Lumina 2 transformer")


def test_a_controlnet_is_refused_by_name(tmp_path: Path):
    state = {"control_layers.0.attention.qkv.weight": np.ones((96, 32), np.float32)}
    path = tiny_models.write_gguf(tmp_path / "cn.gguf", state, architecture=None)
    assert refusal(path).startswith("cn.gguf is a ControlNet for Z-Image")


def test_other_language_models_are_refused_by_kind(tmp_path: Path):
    state = {"token_embd.weight": np.ones((8, 32), np.float32)}
    path = tiny_models.write_gguf(tmp_path / "llama.gguf", state, architecture="llama")
    assert "is a language model of the kind llama" in refusal(path)


def test_a_kind_that_is_no_text_cannot_break_the_message(tmp_path: Path):
    state = {"token_embd.weight": np.ones((8, 32), np.float32)}
    path = tiny_models.write_gguf(tmp_path / "odd.gguf", state, architecture="qw\n\x1b[2Jen")
    assert refusal(path).isprintable()


def test_an_encoder_without_tokenizer_is_refused(tmp_path: Path):
    path = tiny_models.write_text_encoder(tmp_path / "qwen3.gguf", tokenizer=False)
    assert "qwen3.gguf has no tokenizer inside" in refusal(path)


def test_a_safetensors_language_model_of_another_kind_is_refused(tmp_path: Path):
    save_file(
        {"model.embed_tokens.weight": np.ones((8, 8), np.float32)}, tmp_path / "q.safetensors"
    )
    assert "put a GGUF of Qwen3-4B in its place" in refusal(tmp_path / "q.safetensors")


def test_the_instruct_release_is_taken_with_a_warning(model: Path):
    sizes = replace(tiny_models.EncoderSizes(), theta=5e6)
    tiny_models.write_text_encoder(model / "tiny_qwen3.gguf", sizes)
    encoder = find_model(model).text_encoder
    assert encoder.problem == ""
    assert encoder.warning.startswith("tiny_qwen3.gguf is Qwen3-4B-Instruct-2507")
    assert encoder.to_json()["warning"] == encoder.warning


def test_lumina_2_in_diffusers_names_is_refused_by_name(tmp_path: Path):
    name = "time_caption_embed.caption_embedder.1.weight"
    save_file({name: np.ones((8, 8), np.float32)}, tmp_path / "lumina.safetensors")
    assert refusal(tmp_path / "lumina.safetensors").startswith(
        "lumina.safetensors is a Lumina 2 transformer"
    )


@pytest.mark.parametrize(
    ("kind", "dtype", "scale"),
    [
        ("fp8", torch.float8_e4m3fn, "scale_weight"),
        ("int8", torch.int8, "weight_scale"),
        ("fp4", torch.uint8, "weight_scale_2"),
    ],
)
@pytest.mark.parametrize("part", ["transformer", "encoder"])
def test_formats_of_comfyui_alone_are_refused_by_name(
    tmp_path: Path, kind: str, dtype: torch.dtype, scale: str, part: str
):
    path = tmp_path / "z.safetensors"
    if part == "encoder":
        tiny_folders.write_text_encoder(path)
    else:
        tiny_folders.write_transformer(path)
    state = safetensors.torch.load_file(path)
    for name in [n for n in state if n.endswith(("w1.weight", "gate_proj.weight"))]:
        state[name] = state[name].to(dtype)
        state[name.replace("weight", scale)] = torch.ones(1)
    safetensors.torch.save_file(state, path)
    assert refusal(path).startswith(f"z.safetensors is quantised for ComfyUI alone ({kind} with")


def test_another_vae_is_refused(tmp_path: Path):
    state = tiny_models.vae_state() | {"post_quant_conv.weight": np.ones((4, 4), np.float32)}
    path = tiny_models.write_vae(tmp_path / "sd.safetensors", state=state)
    assert refusal(path).startswith("sd.safetensors is the VAE of another model")


def test_groups_that_do_not_divide_the_channels_are_refused(tmp_path: Path):
    sizes = replace(tiny_models.VaeSizes(), groups=32)
    path = tiny_models.write_vae(tmp_path / "ae.safetensors", sizes)
    assert "16 channels do not make 32 groups" in refusal(path)


def test_a_vae_that_says_nothing_has_fluxs_constants(tmp_path: Path):
    state = tiny_models.vae_state(replace(tiny_models.VaeSizes(), widths=(32, 32, 64, 64)))
    save_file(state, tmp_path / "ae.safetensors")
    file = open_part(tmp_path / "ae.safetensors")
    assert isinstance(file, VaeFile)
    assert file.dims == VaeDims(channels=16, blocks=2, groups=32, scaling=0.3611, shift=0.1159)


def test_a_stranger_is_named_by_its_tensors(tmp_path: Path):
    path = tmp_path / "lora.safetensors"
    save_file({"lora_A.weight": np.ones(3, np.float32)}, path)
    assert refusal(path).startswith("lora.safetensors is no part of Z-Image that this engine knows")
    assert "lora_A.weight" in refusal(path)


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("layers.1.feed_forward.w2.weight", (96, 255), r"has shape \[96, 255\] where \[96, 256\]"),
        ("layers.0.attention_norm1.weight", (95,), r"has shape \[95\] where \[96\]"),
        ("layers.0.attention.qkv.weight", (96, 96), r"where \[288, 96\]"),
        ("layers.0.attention.q_norm.weight", (24,), r"impossible dimensions"),
        ("x_embedder.weight", (96, 63), r"impossible dimensions"),
        ("x_embedder.weight", (96,), r"where \[any, any\]"),
        ("cap_embedder.1.bias", (0,), r"where a vector"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(tmp_path: Path, name: str, shape, words: str):
    state = tiny_models.transformer_state() | {name: np.ones(shape, np.float32)}
    path = tmp_path / "z.safetensors"
    save_file(state, path)
    with pytest.raises(UnsupportedModel, match=words):
        open_part(path)


def test_a_missing_layer_is_named(tmp_path: Path):
    state = {
        name: array
        for name, array in tiny_models.transformer_state().items()
        if not name.startswith("layers.0.")
    }
    state["layers.0.attention.q_norm.weight"] = np.ones(32, np.float32)
    path = tiny_models.write_transformer(tmp_path / "z.gguf", state)
    assert "lacks the tensor layers.0.attention.qkv.weight" in refusal(path)


def test_types_that_cannot_be_read_are_named(tmp_path: Path):
    state = tiny_models.transformer_state()
    state |= {"cap_embedder.0.weight": state["cap_embedder.0.weight"].astype(np.int8)}
    save_file(state, tmp_path / "int8.safetensors")
    assert "cap_embedder.0.weight is stored as I8, which is not read" in refusal(
        tmp_path / "int8.safetensors"
    )


def test_a_missing_directory_is_said(tmp_path: Path):
    with pytest.raises(ModelNotFound, match="nowhere does not exist; create it or name another"):
        find_model(tmp_path / "nowhere")


def test_a_file_is_no_directory(tmp_path: Path):
    (tmp_path / "model.gguf").touch()
    with pytest.raises(ModelNotFound, match="is a file; name the directory"):
        find_model(tmp_path / "model.gguf")


def test_an_unreadable_directory_is_said(tmp_path: Path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(ModelNotFound, match=r"loop cannot be read \(.*\); mend its permissions"):
        find_model(loop)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tiny_z_image.gguf", r"lacks the transformer \(a GGUF such as"),
        ("tiny_qwen3.gguf", r"lacks the text encoder \(a GGUF such as Qwen3-4B"),
        ("tiny_ae.safetensors", r"lacks the VAE \(a safetensors file such as"),
    ],
)
def test_a_missing_part_is_named_with_what_it_looks_like(model: Path, name: str, words: str):
    (model / name).unlink()
    with pytest.raises(ModelNotFound, match=words):
        find_model(model)


def test_a_truncated_part_is_the_reason_given(model: Path):
    path = model / "tiny_z_image.gguf"
    path.write_bytes(path.read_bytes()[:-1_000])
    with pytest.raises(MalformedFile, match=r"tiny_z_image\.gguf is truncated: tensor"):
        find_model(model)


def test_a_file_too_broken_to_be_known_is_the_reason_for_a_missing_part(model: Path):
    path = model / "tiny_ae.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(MalformedFile, match=r"tiny_ae\.safetensors is truncated"):
        find_model(model)


def test_a_broken_copy_beside_a_good_file_is_passed_over(model: Path):
    whole = (model / "tiny_z_image.gguf").read_bytes()
    (model / "download.gguf").write_bytes(whole[:-1_000])
    assert find_model(model).transformer.path.name == "tiny_z_image.gguf"


def test_two_files_for_one_part_are_both_named(model: Path):
    tiny_models.write_transformer(model / "other.gguf")
    with pytest.raises(AmbiguousModel) as caught:
        find_model(model)
    assert str(caught.value) == (
        "other.gguf and tiny_z_image.gguf could both be the transformer; keep one and move "
        "tiny_z_image.gguf, say, to another directory"
    )


def test_of_two_encoders_the_one_that_does_not_fit_is_to_go(model: Path):
    tiny_models.write_text_encoder(
        model / "qwen3_8b.gguf", replace(tiny_models.EncoderSizes(), width=128)
    )
    with pytest.raises(
        AmbiguousModel, match=r"move qwen3_8b\.gguf to another directory: the other"
    ):
        find_model(model)


def test_an_encoder_of_another_width_is_refused(model: Path):
    sizes = replace(tiny_models.EncoderSizes(), width=128)
    tiny_models.write_text_encoder(model / "tiny_qwen3.gguf", sizes)
    with pytest.raises(UnsupportedModel, match=r"is 128 wide and transformer .* expects 64"):
        find_model(model)


def test_a_vae_with_other_channels_is_refused(model: Path):
    sizes = replace(tiny_models.VaeSizes(), channels=4)
    tiny_models.write_vae(model / "tiny_ae.safetensors", sizes)
    with pytest.raises(UnsupportedModel, match="has latents of 4 channels"):
        find_model(model)


def test_looking_at_a_model_needs_no_torch(model: Path):
    program = (
        "import sys; from pathlib import Path; from engine.weights.discover import find_model\n"
        f"find_model(Path({str(model)!r}))\n"
        "sys.exit(' '.join({'torch', 'numpy'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "")
