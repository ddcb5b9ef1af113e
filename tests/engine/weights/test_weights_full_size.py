"""Headers of the real model at full size, in every publisher's mixture of types."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import full_size
import pytest
import tiny_models
import written_gguf
from safetensors.numpy import save_file
from written_gguf import Described

from engine.errors import UnsupportedModel
from engine.weights.discover import find_model, open_part
from engine.weights.text_encoder_layout import EncoderDims, EncoderFile
from engine.weights.transformer_layout import TransformerDims, TransformerFile

Z_IMAGE = TransformerDims(
    channels=16,
    dim=3840,
    heads=30,
    head_dim=128,
    layers=30,
    noise_refiners=2,
    context_refiners=2,
    caption_width=2560,
    frequencies=256,
)
# Tensors of the layers, then the refiners; architecture; whether the pads are vectors; bytes.
PUBLISHED = {
    "leejet Q4_0": ("Q4_0", "Q8_0", None, True),
    "leejet Q2_K": ("Q2_K", "Q8_0", None, True),
    "jayn7 Q4_K_M": ("Q5_K", "BF16", "lumina2", False),
    "unsloth Q3_K_M": ("Q3_K", "BF16", "lumina2", True),
    "IQ4_XS": ("IQ4_XS", "IQ4_NL", "z_image", True),
    "F16": ("F16", "F16", "lumina2", True),
}


def architecture(name: str | None) -> Mapping[str, str]:
    return {} if name is None else {"general.architecture": name}


@pytest.mark.parametrize("publisher", PUBLISHED)
def test_every_publishers_transformer_is_z_image(tmp_path: Path, publisher: str):
    kind, refiner, arch, flat = PUBLISHED[publisher]
    tensors = full_size.transformer(kind, refiner=refiner)
    tensors = full_size.flat_pads(tensors) if flat else tensors
    file = open_part(written_gguf.write(tmp_path / "z.gguf", architecture(arch), tensors))
    assert isinstance(file, TransformerFile)
    assert file.dims == Z_IMAGE
    assert len(file.header.tensors) == 453
    assert file.tensors.elements == 6_154_908_736


def test_the_leejet_layout_is_his_files_to_the_byte(tmp_path: Path):
    """The published Q8_0 file has 6,577,440,704 bytes."""
    tensors = full_size.flat_pads(full_size.transformer("Q8_0", refiner="Q8_0"))
    refined = {n: t for n, t in tensors.items() if "_refiner" in n and "adaLN" in n}
    tensors |= {n: Described(t.shape, "Q8_0") for n, t in refined.items() if n.endswith("weight")}
    path = written_gguf.write(tmp_path / "z_image_turbo-Q8_0.gguf", {}, tensors)
    assert path.stat().st_size == 6_577_440_704


def test_a_bfloat16_safetensors_transformer_is_z_image(tmp_path: Path):
    tensors = {n: Described(t.shape, "BF16") for n, t in full_size.transformer().items()}
    file = open_part(full_size.write_safetensors(tmp_path / "z.safetensors", tensors))
    assert isinstance(file, TransformerFile)
    assert file.dims == Z_IMAGE


def test_the_encoder_is_qwen3_4b(tmp_path: Path):
    file = open_part(full_size.write_encoder(tmp_path / "Qwen3-4B.gguf"))
    assert isinstance(file, EncoderFile)
    assert file.dims == EncoderDims(
        width=2560,
        layers=35,
        heads=32,
        kv_heads=8,
        head_dim=128,
        vocabulary=151_936,
        epsilon=pytest.approx(1e-6),
        theta=1e6,
    )


def test_qwen3_8b_is_refused_by_its_width(tmp_path: Path):
    written_gguf.write(tmp_path / "z.gguf", {}, full_size.transformer("Q4_K"))
    full_size.write_encoder(tmp_path / "Qwen3-8B.gguf", width=4096)
    save_file(tiny_models.vae_state(), tmp_path / "ae.safetensors", {"norm_num_groups": "4"})
    with pytest.raises(
        UnsupportedModel, match=r"Qwen3-8B\.gguf is 4096 wide and transformer .* expects 2560"
    ):
        find_model(tmp_path)
