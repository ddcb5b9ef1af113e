"""The text encoder's file: a Qwen3 GGUF with the tokenizer inside, or safetensors without.

Canonical names are llama.cpp's (`blk.0.attn_q.weight`); transformers' names
(`model.layers.0.self_attn.q_proj.weight`) are understood too.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from engine.errors import UnsupportedModel
from engine.weights.foreign import refuse_comfy_formats
from engine.weights.layout import PartTensors
from engine.weights.tensors import ArrayFacts, Header, shown

DEFAULT_EPSILON: Final = 1e-6
DEFAULT_THETA: Final = 1e6
INSTRUCT_THETA: Final = 5e6  # of the 2507 releases, which have the same shapes

_PREFIXES: Final = ("model.", "", "text_encoder.model.")
_WHOLE: Final = {
    "embed_tokens.weight": "token_embd.weight",
    "norm.weight": "output_norm.weight",
}
_LAYER: Final = re.compile(r"layers\.([0-9]{1,4})\.([a-z_.]+)\.weight")
_IN_LAYER: Final = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


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

    @property
    def warning(self) -> str:
        """One line if these are other weights than Z-Image was trained with, else empty."""
        if self.dims.theta != INSTRUCT_THETA:
            return ""
        return (
            f"{self.header.path.name} is Qwen3-4B-Instruct-2507 by its rope theta, other weights "
            "than Z-Image was trained with, so pictures will not be as meant; use plain Qwen3-4B"
        )


def is_text_encoder(names: Collection[str]) -> bool:
    """Whether tensors of these names are a language model."""
    return "token_embd.weight" in names or _embedding_prefix(names) is not None


def has_tokenizer(header: Header) -> bool:
    """Whether a file holds the tokenizer of a Qwen model, whatever else it holds."""
    kind, words = (header.metadata.get(f"tokenizer.ggml.{key}") for key in ("model", "pre"))
    tokens = header.metadata.get("tokenizer.ggml.tokens")
    return kind == "gpt2" and words == "qwen2" and isinstance(tokens, ArrayFacts)


def read_text_encoder(header: Header) -> EncoderFile:
    """Find the dimensions and the tensors of a text encoder.

    Raises `UnsupportedModel` for other language models, and for a GGUF without the tokenizer.
    """
    refuse_comfy_formats(header, "qwen_3_4b.safetensors or a GGUF of Qwen3-4B")
    naming = "llama.cpp" if "token_embd.weight" in header.tensors else "transformers"
    stacks = {_canonical(name): (t,) for name, t in header.tensors.items()}
    _refuse_others(header, stacks)
    if header.format == "gguf" and header.array("tokenizer.ggml.tokens", "string") is None:
        raise UnsupportedModel(
            f"{header.path.name} has no tokenizer inside; download a complete GGUF of Qwen3-4B"
        )
    tensors = PartTensors(header, stacks)
    dims = _dimensions(header, tensors)
    for layer in range(dims.layers):
        _require_layer(tensors, f"blk.{layer}", dims)
    return EncoderFile(header, f"Qwen3 text encoder, {naming} names", dims, tensors)


def _embedding_prefix(names: Collection[str]) -> str | None:
    return next((p for p in _PREFIXES if f"{p}embed_tokens.weight" in names), None)


def _canonical(name: str) -> str:
    """Return llama.cpp's name for transformers' one, any other name as it is."""
    for prefix in _PREFIXES:
        bare = name.removeprefix(prefix)
        if bare in _WHOLE:
            return _WHOLE[bare]
        match = _LAYER.fullmatch(bare)
        if match is not None and match[2] in _IN_LAYER:
            return f"blk.{match[1]}.{_IN_LAYER[match[2]]}.weight"
    return name


def _refuse_others(header: Header, names: Collection[str]) -> None:
    architecture = header.text("general.architecture")
    others = any(name.endswith("feedforward_layernorm.weight") for name in names)  # Gemma's
    if architecture not in (None, "qwen3") or "blk.0.attn_q_norm.weight" not in names or others:
        kind = shown(architecture or "unknown")
        raise UnsupportedModel(
            f"{header.path.name} is a language model of the kind {kind}, and Z-Image reads its "
            "prompts with Qwen3-4B; put a GGUF of Qwen3-4B in its place"
        )


def _dimensions(header: Header, tensors: PartTensors) -> EncoderDims:
    vocabulary, width = tensors.matrix("token_embd.weight", None, None)
    head_dim = tensors.vector("blk.0.attn_q_norm.weight")
    query, _ = tensors.matrix("blk.0.attn_q.weight", None, width)
    key, _ = tensors.matrix("blk.0.attn_k.weight", None, width)
    epsilon = _stated(header, "qwen3.attention.layer_norm_rms_epsilon", "rms_norm_eps")
    theta = _stated(header, "qwen3.rope.freq_base", "rope_theta")
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


def _stated(header: Header, key: str, config_key: str) -> float | None:
    """Return a number of a GGUF's metadata, or of the config beside a safetensors file."""
    return header.number(key if header.format == "gguf" else config_key)


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
