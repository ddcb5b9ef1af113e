"""Which tensors the synthetic files have, stored as the published files store theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.bench.gguf_file import Planned, Value
from engine.bench.sizes import ModelSizes
from engine.bench.vocabulary import SPECIALS, merges, vocabulary
from engine.weights.tensors import BF16, F32, GGML_TYPES, TensorType

QUANTS: Final = {kind.name: kind for kind in GGML_TYPES.values() if kind.name in ("Q4_K", "Q8_0")}

_Q6_K: Final = next(kind for kind in GGML_TYPES.values() if kind.name == "Q6_K")
_NORMAL, _CONTROL = 1, 3
_FREQUENCIES, _TIME_WIDTH = 256, 1024


def transformer_tensors(sizes: ModelSizes, quant: TensorType) -> Iterator[Planned]:
    """Yield the transformer's: blocks quantised, embedders in bfloat16, vectors in float32."""
    dim, patch = sizes.dim, 4 * sizes.channels
    for pad in ("x_pad_token", "cap_pad_token"):
        yield Planned(pad, (1, dim), F32)
    yield _norm("cap_embedder.0.weight", sizes.encoder_width)
    yield from _biased("cap_embedder.1", dim, sizes.encoder_width, quant)
    yield from _biased("x_embedder", dim, patch, BF16)
    yield from _biased("t_embedder.mlp.0", _TIME_WIDTH, _FREQUENCIES, BF16)
    yield from _biased("t_embedder.mlp.2", sizes.condition, _TIME_WIDTH, BF16)
    for index in range(sizes.refiners):
        yield from _block(f"context_refiner.{index}", sizes, quant, modulated=False)
        yield from _block(f"noise_refiner.{index}", sizes, quant, modulated=True)
    for index in range(sizes.layers):
        yield from _block(f"layers.{index}", sizes, quant, modulated=True)
    yield from _biased("final_layer.adaLN_modulation.1", dim, sizes.condition, BF16)
    yield from _biased("final_layer.linear", patch, dim, BF16)


def text_encoder_tensors(sizes: ModelSizes, quant: TensorType) -> Iterator[Planned]:
    """Yield the text encoder's, mixed with Q6_K as in a Q4_K_M file where `quant` is Q4_K."""
    width, head = sizes.encoder_width, sizes.encoder_head_dim
    query, key = sizes.encoder_heads * head, sizes.encoder_key_heads * head
    better = _Q6_K if quant.name == "Q4_K" else quant
    yield Planned("token_embd.weight", (sizes.vocabulary, width), better)
    yield _norm("output_norm.weight", width)
    for layer in range(sizes.encoder_layers):
        name, kind = f"blk.{layer}", better if layer % 2 == 0 else quant
        for norm, length in (("attn", width), ("ffn", width), ("attn_q", head), ("attn_k", head)):
            yield _norm(f"{name}.{norm}_norm.weight", length)
        yield Planned(f"{name}.attn_q.weight", (query, width), quant)
        yield Planned(f"{name}.attn_k.weight", (key, width), quant)
        yield Planned(f"{name}.attn_v.weight", (key, width), kind)
        yield Planned(f"{name}.attn_output.weight", (width, query), quant)
        yield Planned(f"{name}.ffn_gate.weight", (sizes.encoder_feed_forward, width), quant)
        yield Planned(f"{name}.ffn_up.weight", (sizes.encoder_feed_forward, width), quant)
        yield Planned(f"{name}.ffn_down.weight", (width, sizes.encoder_feed_forward), kind)


def text_encoder_metadata(sizes: ModelSizes) -> dict[str, Value]:
    """Return a Qwen3 file's metadata, with as many tokens as the model has, mostly idle."""
    tokens, special = vocabulary(sizes.vocabulary), set(SPECIALS.values())
    return {
        "general.architecture": "qwen3",
        "qwen3.block_count": sizes.encoder_layers,
        "qwen3.context_length": 40_960,
        "qwen3.embedding_length": sizes.encoder_width,
        "qwen3.feed_forward_length": sizes.encoder_feed_forward,
        "qwen3.attention.head_count": sizes.encoder_heads,
        "qwen3.attention.head_count_kv": sizes.encoder_key_heads,
        "qwen3.attention.key_length": sizes.encoder_head_dim,
        "qwen3.attention.value_length": sizes.encoder_head_dim,
        "qwen3.attention.layer_norm_rms_epsilon": 1e-6,
        "qwen3.rope.freq_base": 1e6,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [_CONTROL if t in special else _NORMAL for t in tokens],
        "tokenizer.ggml.merges": merges(),
    }


def vae_tensors(sizes: ModelSizes) -> Iterator[Planned]:
    """Yield the decoder half of the VAE's, in float32, from the latents to the picture."""
    widths = sizes.vae_widths
    yield from _convolution("decoder.conv_in", widths[0], sizes.channels, 3)
    for name in ("block_1", "block_2"):
        yield from _residual(f"decoder.mid.{name}", widths[0], widths[0])
    yield from _norm_and_bias("decoder.mid.attn_1.norm", widths[0])
    for name in ("q", "k", "v", "proj_out"):
        yield from _convolution(f"decoder.mid.attn_1.{name}", widths[0], widths[0], 1)
    before = widths[0]
    for level, width in zip((3, 2, 1, 0), widths, strict=True):
        for block in range(sizes.vae_blocks):
            yield from _residual(f"decoder.up.{level}.block.{block}", width, before)
            before = width
        if level:
            yield from _convolution(f"decoder.up.{level}.upsample.conv", width, width, 3)
    yield from _norm_and_bias("decoder.norm_out", before)
    yield from _convolution("decoder.conv_out", 3, before, 3)


def _block(
    name: str, sizes: ModelSizes, quant: TensorType, *, modulated: bool
) -> Iterator[Planned]:
    head = sizes.dim // sizes.heads
    layers = ("attention.qkv", "attention.out", "feed_forward.w1", "feed_forward.w3")
    for layer, shape in zip((*layers, "feed_forward.w2"), sizes.layer_shapes(), strict=True):
        yield Planned(f"{name}.{layer}.weight", shape, quant)
    yield _norm(f"{name}.attention.q_norm.weight", head)
    yield _norm(f"{name}.attention.k_norm.weight", head)
    for norm in ("attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2"):
        yield _norm(f"{name}.{norm}.weight", sizes.dim)
    if modulated:
        yield from _biased(f"{name}.adaLN_modulation.0", 4 * sizes.dim, sizes.condition, quant)


def _biased(name: str, rows: int, columns: int, kind: TensorType) -> Iterator[Planned]:
    yield Planned(f"{name}.weight", (rows, columns), kind)
    yield Planned(f"{name}.bias", (rows,), F32)


def _norm(name: str, length: int) -> Planned:
    return Planned(name, (length,), F32, mean=1.0)


def _norm_and_bias(name: str, length: int) -> Iterator[Planned]:
    yield _norm(f"{name}.weight", length)
    yield Planned(f"{name}.bias", (length,), F32)


def _convolution(name: str, rows: int, columns: int, side: int) -> Iterator[Planned]:
    deviation = (columns * side * side) ** -0.5
    yield Planned(f"{name}.weight", (rows, columns, side, side), F32, deviation=deviation)
    yield Planned(f"{name}.bias", (rows,), F32)


def _residual(name: str, width: int, before: int) -> Iterator[Planned]:
    yield from _norm_and_bias(f"{name}.norm1", before)
    yield from _convolution(f"{name}.conv1", width, before, 3)
    yield from _norm_and_bias(f"{name}.norm2", width)
    yield from _convolution(f"{name}.conv2", width, width, 3)
    if width != before:
        yield from _convolution(f"{name}.nin_shortcut", width, before, 1)
