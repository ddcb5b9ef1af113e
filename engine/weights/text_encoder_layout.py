"""The text encoder's file: a Qwen3 GGUF with llama.cpp's names and the tokenizer inside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from engine.errors import UnsupportedModel
from engine.weights.layout import PartTensors
from engine.weights.tensors import Header

DEFAULT_EPSILON: Final = 1e-6
DEFAULT_THETA: Final = 1e6


@dataclass(frozen=True, slots=True)
class EncoderDims:
    """Sizes of a Qwen3 text encoder (Qwen3-4B's in brackets)."""

    width: int  # of a token [2560]
    layers: int  # that are run: all but the last [35]
    heads: int  # [32]
    kv_heads: int  # [8]
    head_dim: int  # [128]
    vocabulary: int  # rows of the embedding table [151936]
    epsilon: float  # of the norms [1e-6]
    theta: float  # of the rotary embedding [1e6]


@dataclass(frozen=True, slots=True)
class EncoderFile:
    """A text encoder's header, understood."""

    header: Header
    layout: str
    dims: EncoderDims
    tensors: PartTensors


def is_text_encoder(names: Collection[str]) -> bool:
    """Whether tensors of these names are a language model."""
    return "token_embd.weight" in names or "model.embed_tokens.weight" in names


def read_text_encoder(header: Header) -> EncoderFile:
    """Find the dimensions and the tensors of a text encoder.

    Raises `UnsupportedModel` for other language models, and for a file without the tokenizer.
    """
    name = header.path.name
    if "model.embed_tokens.weight" in header.tensors:
        raise UnsupportedModel(
            f"{name} is a text encoder without its tokenizer; use the GGUF file of Qwen3-4B, "
            "which has it inside"
        )
    architecture = header.text("general.architecture")
    if architecture not in (None, "qwen3") or "blk.0.attn_q_norm.weight" not in header.tensors:
        raise UnsupportedModel(
            f"{name} is a language model of the kind {architecture or 'unknown'}, and Z-Image "
            "reads its prompts with Qwen3-4B; put a GGUF of Qwen3-4B in its place"
        )
    if header.array("tokenizer.ggml.tokens", "string") is None:
        raise UnsupportedModel(
            f"{name} has no tokenizer inside; download a complete GGUF of Qwen3-4B"
        )
    tensors = PartTensors(header.path, {n: (t,) for n, t in header.tensors.items()})
    dims = _dimensions(header, tensors)
    for layer in range(dims.layers):
        _require_layer(tensors, f"blk.{layer}", dims)
    return EncoderFile(header, "Qwen3 text encoder, llama.cpp names", dims, tensors)


def _dimensions(header: Header, tensors: PartTensors) -> EncoderDims:
    vocabulary, width = tensors.matrix("token_embd.weight", None, None)
    head_dim = tensors.vector("blk.0.attn_q_norm.weight")
    query, _ = tensors.matrix("blk.0.attn_q.weight", None, width)
    key, _ = tensors.matrix("blk.0.attn_k.weight", None, width)
    epsilon = header.number("qwen3.attention.layer_norm_rms_epsilon")
    theta = header.number("qwen3.rope.freq_base")
    layers = header.integer("qwen3.block_count") or tensors.count("blk")
    heads, kv_heads = query // head_dim, key // head_dim
    fits = query % head_dim == 0 and key % head_dim == 0 and kv_heads > 0
    sane = (epsilon is None or epsilon > 0) and (theta is None or theta > 0)
    if not (fits and sane) or heads % kv_heads or head_dim % 2 or not 2 <= layers <= 1_000:
        raise UnsupportedModel(
            f"{header.path.name} has impossible dimensions: {layers} layers, {query} query and "
            f"{key} key numbers, heads of {head_dim}; put a GGUF of Qwen3-4B in its place"
        )
    return EncoderDims(
        width=width,
        layers=layers - 1,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        vocabulary=vocabulary,
        epsilon=DEFAULT_EPSILON if epsilon is None else epsilon,
        theta=DEFAULT_THETA if theta is None else theta,
    )


def _require_layer(tensors: PartTensors, name: str, dims: EncoderDims) -> None:
    query, key = dims.heads * dims.head_dim, dims.kv_heads * dims.head_dim
    tensors.vector(f"{name}.attn_norm.weight", dims.width)
    tensors.matrix(f"{name}.attn_q.weight", query, dims.width)
    tensors.matrix(f"{name}.attn_k.weight", key, dims.width)
    tensors.matrix(f"{name}.attn_v.weight", key, dims.width)
    tensors.vector(f"{name}.attn_q_norm.weight", dims.head_dim)
    tensors.vector(f"{name}.attn_k_norm.weight", dims.head_dim)
    tensors.matrix(f"{name}.attn_output.weight", dims.width, query)
    tensors.vector(f"{name}.ffn_norm.weight", dims.width)
    hidden, _ = tensors.matrix(f"{name}.ffn_gate.weight", None, dims.width)
    tensors.matrix(f"{name}.ffn_up.weight", hidden, dims.width)
    tensors.matrix(f"{name}.ffn_down.weight", dims.width, hidden)
