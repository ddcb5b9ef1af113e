"""The three files have the names, types and metadata of the published full-size ones."""

from pathlib import Path

import gguf
import pytest
import torch
from safetensors import safe_open

from engine.demo import architecture, export
from engine.demo.tokenizer_training import (
    TEMPLATE,
    Vocabulary,
    build_tokenizer,
    train_vocabulary,
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return train_vocabulary(seed=0, corpus=500)


@pytest.fixture(scope="module")
def transformer() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return architecture.build_transformer().state_dict()


def facts(reader: gguf.GGUFReader) -> dict[str, object]:
    return {field.name: field.contents() for field in reader.fields.values()}


def test_transformer_file_is_a_lumina2_gguf_with_fused_attention(
    tmp_path: Path, transformer: dict[str, torch.Tensor]
):
    export.export_transformer(tmp_path / "t.gguf", transformer)
    reader = gguf.GGUFReader(tmp_path / "t.gguf")
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    assert facts(reader)["general.architecture"] == "lumina2"
    assert facts(reader)["zimage.native_width"] == facts(reader)["zimage.native_height"] == 128
    assert tensors["layers.0.attention.qkv.weight"].shape.tolist() == [192, 576]
    assert tensors["layers.0.attention.qkv.weight"].tensor_type.name == "Q8_0"
    assert tensors["noise_refiner.0.attention.q_norm.weight"].tensor_type.name == "F32"
    assert tensors["x_pad_token"].shape.tolist() == [192, 1]
    assert tensors["final_layer.adaLN_modulation.1.weight"].tensor_type.name == "Q8_0"
    assert not any("to_q" in name or "all_" in name for name in tensors)
    assert not any(name.startswith("context_refiner") and "adaLN" in name for name in tensors)


def test_fused_rows_are_queries_then_keys_then_values(transformer: dict[str, torch.Tensor]):
    written = dict(export.transformer_tensors(transformer))
    parts = written["layers.1.attention.qkv.weight"].chunk(3)
    for name, part in zip("qkv", parts, strict=True):
        assert torch.equal(part, transformer[f"layers.1.attention.to_{name}.weight"])


def test_text_encoder_file_is_a_qwen3_gguf_with_its_tokenizer(
    tmp_path: Path, vocabulary: Vocabulary
):
    encoder = architecture.build_text_encoder(len(vocabulary.tokens))
    export.export_text_encoder(tmp_path / "e.gguf", encoder.state_dict(), vocabulary)
    reader = gguf.GGUFReader(tmp_path / "e.gguf")
    stated, names = facts(reader), {tensor.name for tensor in reader.tensors}
    assert stated["general.architecture"] == "qwen3"
    assert (stated["qwen3.attention.head_count"], stated["qwen3.attention.head_count_kv"]) == (4, 2)
    assert stated["qwen3.rope.freq_base"] == 1e6
    assert (stated["tokenizer.ggml.model"], stated["tokenizer.ggml.pre"]) == ("gpt2", "qwen2")
    assert stated["tokenizer.ggml.tokens"] == vocabulary.tokens
    assert stated["tokenizer.ggml.merges"] == vocabulary.merges
    assert vocabulary.tokens[stated["tokenizer.ggml.eos_token_id"]] == "<|im_end|>"
    assert stated["tokenizer.ggml.token_type"][-4:] == [1, 3, 3, 3]
    assert {"token_embd.weight", "output_norm.weight", "blk.3.ffn_down.weight"} <= names
    assert {"blk.0.attn_q_norm.weight", "blk.0.attn_output.weight"} <= names
    assert not any("proj" in name or "layers" in name for name in names)


def test_vae_file_has_ldm_names_and_states_its_three_facts(tmp_path: Path):
    vae = architecture.build_vae().state_dict()
    export.export_vae(tmp_path / "a.safetensors", vae, 0.5, -0.125)
    with safe_open(tmp_path / "a.safetensors", "pt") as file:
        assert file.metadata() == {
            "norm_num_groups": "4",
            "scaling_factor": "0.5",
            "shift_factor": "-0.125",
        }
        written = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert len(written) == len(vae)
    assert written["decoder.mid.attn_1.proj_out.weight"].shape == (64, 64, 1, 1)
    # The level of full resolution is the last of diffusers' decoder and the first of LDM's.
    assert torch.equal(
        written["decoder.up.0.block.1.conv1.weight"],
        vae["decoder.up_blocks.3.resnets.1.conv1.weight"].half(),
    )
    assert {"encoder.down.1.block.0.nin_shortcut.weight", "decoder.norm_out.bias"} <= set(written)


def test_tokens_cover_any_text_and_the_template_is_kept_whole(vocabulary: Vocabulary):
    tokenizer = build_tokenizer(vocabulary)
    for prompt in ("a red circle", "左上角的红色圆形", "naïve ☂ 龘\t42"):
        text = TEMPLATE.format(prompt=prompt)
        ids = tokenizer.encode(text).ids
        assert tokenizer.decode(ids, skip_special_tokens=False) == text
        assert ids.count(tokenizer.token_to_id("<|im_start|>")) == 2


def test_the_vocabulary_is_learnt_the_same_twice(vocabulary: Vocabulary):
    assert train_vocabulary(seed=0, corpus=500) == vocabulary


def test_what_is_stored_differs_little_from_what_was_trained(
    transformer: dict[str, torch.Tensor],
):
    stored = export.as_stored(transformer)
    for name, weight in transformer.items():
        assert (stored[name] - weight).norm() <= 0.01 * weight.norm() + 1e-9
