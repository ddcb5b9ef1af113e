"""The demo model's three files, in the formats and with the names of the published full-size ones.

Transformer: GGUF with the original (fused) names. Text encoder: GGUF with llama.cpp's qwen3 names
and the tokenizer in its metadata. Autoencoder: safetensors with the names of the LDM code base.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Kind
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from engine.demo import architecture
from engine.demo.pictures import NATIVE_SIDE
from engine.demo.tokenizer_training import END_OF_TEXT, SPECIALS, TURN_END, Vocabulary

TRANSFORMER_FILE = "z_image_demo-Q8_0.gguf"
TEXT_ENCODER_FILE = "qwen3_demo-Q8_0.gguf"
VAE_FILE = "ae_demo.safetensors"

_Q8_BLOCK = 32
_TOKEN_NORMAL, _TOKEN_CONTROL = 1, 3

_TRANSFORMER_NAMES = (
    (r"^all_x_embedder\.2-1", "x_embedder"),
    (r"^all_final_layer\.2-1", "final_layer"),
    (r"attention\.to_out\.0", "attention.out"),
    (r"attention\.norm_(q|k)", r"attention.\1_norm"),
)
_TEXT_NAMES = (
    (r"^embed_tokens", "token_embd"),
    (r"^norm", "output_norm"),
    (r"^layers\.", "blk."),
    (r"self_attn\.(q|k)_norm", r"attn_\1_norm"),
    (r"self_attn\.(q|k|v)_proj", r"attn_\1"),
    (r"self_attn\.o_proj", "attn_output"),
    (r"mlp\.(gate|up|down)_proj", r"ffn_\1"),
    (r"input_layernorm", "attn_norm"),
    (r"post_attention_layernorm", "ffn_norm"),
)
_VAE_NAMES = (
    (r"down_blocks\.(\d+)\.resnets", r"down.\1.block"),
    (r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample"),
    (r"up_blocks\.(\d+)\.resnets", r"up.\1.block"),
    (r"up_blocks\.(\d+)\.upsamplers\.0", r"up.\1.upsample"),
    (r"conv_shortcut", "nin_shortcut"),
    (r"mid_block\.resnets\.0", "mid.block_1"),
    (r"mid_block\.resnets\.1", "mid.block_2"),
    (r"mid_block\.attentions\.0\.group_norm", "mid.attn_1.norm"),
    (r"mid_block\.attentions\.0\.to_(q|k|v)", r"mid.attn_1.\1"),
    (r"mid_block\.attentions\.0\.to_out\.0", "mid.attn_1.proj_out"),
    (r"conv_norm_out", "norm_out"),
)


def export_transformer(path: Path, state: Mapping[str, Tensor]) -> None:
    """Write a transformer's diffusers state as a Q8_0 GGUF with fused q, k and v."""
    writer = gguf.GGUFWriter(path, "lumina2")
    writer.add_name("Z-Image console demo model")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_uint32("zimage.native_width", NATIVE_SIDE)
    writer.add_uint32("zimage.native_height", NATIVE_SIDE)
    for name, weight in transformer_tensors(state):
        _add(writer, name, weight)
    _finish(writer)


def export_text_encoder(path: Path, state: Mapping[str, Tensor], vocabulary: Vocabulary) -> None:
    """Write a text encoder's transformers state and its tokenizer as a Q8_0 GGUF."""
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_name("Z-Image console demo text encoder")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_block_count(architecture.TEXT_LAYERS)
    writer.add_context_length(architecture.TEXT_CONTEXT)
    writer.add_embedding_length(architecture.TEXT_WIDTH)
    writer.add_feed_forward_length(architecture.TEXT_FEED_FORWARD)
    writer.add_head_count(architecture.TEXT_HEADS)
    writer.add_head_count_kv(architecture.TEXT_KEY_HEADS)
    writer.add_key_length(architecture.HEAD_SIZE)
    writer.add_value_length(architecture.HEAD_SIZE)
    writer.add_rope_freq_base(architecture.ROPE_BASE)
    writer.add_layer_norm_rms_eps(architecture.TEXT_NORM_EPS)
    _add_tokenizer(writer, vocabulary)
    for name, weight in state.items():
        _add(writer, _renamed(name, _TEXT_NAMES), weight)
    _finish(writer)


def export_vae(path: Path, state: Mapping[str, Tensor], scaling: float, shift: float) -> None:
    """Write an autoencoder's diffusers state as fp16 safetensors.

    Scaling and shift are those of the latents, as the diffusion sees them: (latent - shift) *
    scaling; they and the number of norm groups are stated as metadata.
    """
    tensors = {name: weight.half().contiguous() for name, weight in vae_tensors(state)}
    facts = {
        "norm_num_groups": str(architecture.VAE_GROUPS),
        "scaling_factor": repr(scaling),
        "shift_factor": repr(shift),
    }
    save_file(tensors, path, metadata=facts)


def transformer_tensors(state: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yield the original names and weights of a transformer's diffusers state."""
    for name, weight in state.items():
        if ".to_k." in name or ".to_v." in name:
            continue
        if ".to_q." in name:
            parts = [state[name.replace(".to_q.", f".to_{part}.")] for part in "qkv"]
            yield name.replace(".to_q.", ".qkv."), torch.cat(parts)
        else:
            yield _renamed(name, _TRANSFORMER_NAMES), weight


def vae_tensors(state: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yield the LDM names and weights of an autoencoder's diffusers state."""
    last = len(architecture.VAE_CHANNELS) - 1
    for name, weight in state.items():
        renamed = _renamed(name, _VAE_NAMES)
        # The LDM decoder counts its levels from the picture, diffusers from the latents.
        renamed = re.sub(r"up\.(\d+)", lambda match: f"up.{last - int(match[1])}", renamed)
        linear = "attn_1" in renamed and weight.ndim == 2
        yield renamed, weight[:, :, None, None] if linear else weight


def _add_tokenizer(writer: gguf.GGUFWriter, vocabulary: Vocabulary) -> None:
    kinds = [_TOKEN_CONTROL if token in SPECIALS else _TOKEN_NORMAL for token in vocabulary.tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(vocabulary.merges)
    writer.add_eos_token_id(vocabulary.tokens.index(TURN_END))
    writer.add_pad_token_id(vocabulary.tokens.index(END_OF_TEXT))
    writer.add_add_bos_token(False)


def _renamed(name: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def as_stored(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a state as it will be read back from a GGUF of this module."""
    return {
        name: torch.from_numpy(gguf.quants.dequantize(_blocks(weight), Kind.Q8_0))
        if _is_packed(weight)
        else weight.float()
        for name, weight in state.items()
    }


def _is_packed(weight: Tensor) -> bool:
    """Tell whether a tensor is stored in Q8_0: a matrix whose rows are whole blocks."""
    return weight.ndim == 2 and weight.shape[0] > 1 and weight.shape[1] % _Q8_BLOCK == 0


def _blocks(weight: Tensor) -> NDArray[np.uint8]:
    packed: NDArray[np.uint8] = gguf.quants.quantize(weight.detach().float().numpy(), Kind.Q8_0)
    return packed


def _add(writer: gguf.GGUFWriter, name: str, weight: Tensor) -> None:
    """Add a tensor: matrices of whole blocks as Q8_0, everything else in float32."""
    if _is_packed(weight):
        writer.add_tensor(name, _blocks(weight), raw_dtype=Kind.Q8_0)
    else:
        writer.add_tensor(name, weight.detach().float().numpy())


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
