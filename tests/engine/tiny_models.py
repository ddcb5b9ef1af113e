"""Writes small random Z-Image models in the real file formats, in as many layouts as exist.

`write_model(directory)` is all that most tests need. Sizes are chosen so that everything happens
that happens in the real model: several heads, grouped key-value heads, both refiners, shortcut
convolutions, rows that every 32-wide quantisation can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import pre_tokenizers

State = dict[str, NDArray[np.float32]]
ChooseType = Callable[[str, tuple[int, ...]], Type]

SPECIAL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
USER_DEFINED_TOKENS = ("<think>", "</think>")
WORDS = (
    "user",
    "assistant",
    "Ġred",
    "Ġcircle",
    "Ġon",
    "Ġa",
    "Ġwhite",
    "Ġbackground",
    "çº¢èī²",
    "åľĨ",
)


@dataclass(frozen=True)
class TransformerSizes:
    dim: int = 96
    heads: int = 3
    layers: int = 2
    noise_refiners: int = 1
    context_refiners: int = 1
    caption_width: int = 64
    channels: int = 16

    @property
    def feed_forward(self) -> int:
        return int(self.dim / 3 * 8)

    @property
    def condition(self) -> int:
        return min(self.dim, 256)


@dataclass(frozen=True)
class EncoderSizes:
    width: int = 64
    layers: int = 3
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 32
    feed_forward: int = 96
    vocabulary: int = 320
    epsilon: float = 1e-6
    theta: float = 1e6


@dataclass(frozen=True)
class VaeSizes:
    widths: tuple[int, int, int, int] = (8, 16, 16, 32)
    blocks: int = 2
    channels: int = 16
    groups: int = 4
    scaling: float = 0.5
    shift: float = 0.1


class _Random:
    """Weights of a size that keeps activations near 1."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def matrix(self, *shape: int) -> NDArray[np.float32]:
        scale = 1 / np.sqrt(np.prod(shape[1:]))
        return (self._rng.standard_normal(shape) * scale).astype(np.float32)

    def vector(self, length: int, mean: float = 0.0) -> NDArray[np.float32]:
        return (mean + 0.2 * self._rng.standard_normal(length)).astype(np.float32)


def transformer_state(sizes: TransformerSizes = TransformerSizes(), seed: int = 1) -> State:
    """Return random weights by the original code's names, pads two-dimensional."""
    random, state = _Random(seed), State()
    head_dim = sizes.dim // sizes.heads
    patch = 4 * sizes.channels
    state["x_pad_token"] = random.vector(sizes.dim)[None]
    state["cap_pad_token"] = random.vector(sizes.dim)[None]
    state["cap_embedder.0.weight"] = random.vector(sizes.caption_width, 1)
    for name, rows, columns in (
        ("x_embedder", sizes.dim, patch),
        ("cap_embedder.1", sizes.dim, sizes.caption_width),
        ("t_embedder.mlp.0", 1024, 256),
        ("t_embedder.mlp.2", sizes.condition, 1024),
        ("final_layer.linear", patch, sizes.dim),
        ("final_layer.adaLN_modulation.1", sizes.dim, sizes.condition),
    ):
        state[f"{name}.weight"] = random.matrix(rows, columns)
        state[f"{name}.bias"] = random.vector(rows)
    groups = {
        "context_refiner": sizes.context_refiners,
        "noise_refiner": sizes.noise_refiners,
        "layers": sizes.layers,
    }
    for block in (f"{name}.{i}" for name, count in groups.items() for i in range(count)):
        state[f"{block}.attention.qkv.weight"] = random.matrix(3 * sizes.dim, sizes.dim)
        state[f"{block}.attention.out.weight"] = random.matrix(sizes.dim, sizes.dim)
        state[f"{block}.attention.q_norm.weight"] = random.vector(head_dim, 1)
        state[f"{block}.attention.k_norm.weight"] = random.vector(head_dim, 1)
        state[f"{block}.feed_forward.w1.weight"] = random.matrix(sizes.feed_forward, sizes.dim)
        state[f"{block}.feed_forward.w2.weight"] = random.matrix(sizes.dim, sizes.feed_forward)
        state[f"{block}.feed_forward.w3.weight"] = random.matrix(sizes.feed_forward, sizes.dim)
        for norm in ("attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2"):
            state[f"{block}.{norm}.weight"] = random.vector(sizes.dim, 1)
        if not block.startswith("context"):
            name = f"{block}.adaLN_modulation.0"
            state[f"{name}.weight"] = random.matrix(4 * sizes.dim, sizes.condition)
            state[f"{name}.bias"] = random.vector(4 * sizes.dim)
    return state


def encoder_state(sizes: EncoderSizes = EncoderSizes(), seed: int = 2) -> State:
    """Return random weights by llama.cpp's names."""
    random, state = _Random(seed), State()
    query, key = sizes.heads * sizes.head_dim, sizes.kv_heads * sizes.head_dim
    state["token_embd.weight"] = random.matrix(sizes.vocabulary, sizes.width) * 8
    for block in (f"blk.{i}" for i in range(sizes.layers)):
        for name, rows, columns in (
            ("attn_q", query, sizes.width),
            ("attn_k", key, sizes.width),
            ("attn_v", key, sizes.width),
            ("attn_output", sizes.width, query),
            ("ffn_gate", sizes.feed_forward, sizes.width),
            ("ffn_up", sizes.feed_forward, sizes.width),
            ("ffn_down", sizes.width, sizes.feed_forward),
        ):
            state[f"{block}.{name}.weight"] = random.matrix(rows, columns)
        state[f"{block}.attn_norm.weight"] = random.vector(sizes.width, 1)
        state[f"{block}.ffn_norm.weight"] = random.vector(sizes.width, 1)
        state[f"{block}.attn_q_norm.weight"] = random.vector(sizes.head_dim, 1)
        state[f"{block}.attn_k_norm.weight"] = random.vector(sizes.head_dim, 1)
    state["output_norm.weight"] = random.vector(sizes.width, 1)
    return state


def vae_state(sizes: VaeSizes = VaeSizes(), seed: int = 3) -> State:
    """Return random weights of a decoder by the original code's names."""
    random, state = _Random(seed), State()

    def norm(name: str, width: int) -> None:
        state[f"{name}.weight"] = random.vector(width, 1)
        state[f"{name}.bias"] = random.vector(width)

    def conv(name: str, rows: int, columns: int, size: int = 3) -> None:
        state[f"{name}.weight"] = random.matrix(rows, columns, size, size)
        state[f"{name}.bias"] = random.vector(rows)

    def residual(name: str, before: int, after: int) -> None:
        norm(f"{name}.norm1", before)
        conv(f"{name}.conv1", after, before)
        norm(f"{name}.norm2", after)
        conv(f"{name}.conv2", after, after)
        if before != after:
            conv(f"{name}.nin_shortcut", after, before, 1)

    width = sizes.widths[-1]
    conv("decoder.conv_in", width, sizes.channels)
    residual("decoder.mid.block_1", width, width)
    norm("decoder.mid.attn_1.norm", width)
    for projection in ("q", "k", "v", "proj_out"):
        conv(f"decoder.mid.attn_1.{projection}", width, width, 1)
    residual("decoder.mid.block_2", width, width)
    for level in (3, 2, 1, 0):
        for block in range(sizes.blocks):
            residual(f"decoder.up.{level}.block.{block}", width, sizes.widths[level])
            width = sizes.widths[level]
        if level:
            conv(f"decoder.up.{level}.upsample.conv", width, width)
    norm("decoder.norm_out", width)
    conv("decoder.conv_out", 3, width)
    return state


def vocabulary() -> tuple[list[str], list[int], list[str]]:
    """Return tokens, their GGUF types and the merges of a small byte-level BPE."""
    tokens, merges = sorted(pre_tokenizers.ByteLevel.alphabet()), []
    for word in WORDS:
        piece = word[0]
        for letter in word[1:]:
            if piece + letter not in tokens:
                merges.append(f"{piece} {letter}")
                tokens.append(piece + letter)
            piece += letter
    types = [1] * len(tokens) + [3] * len(SPECIAL_TOKENS) + [4] * len(USER_DEFINED_TOKENS)
    return [*tokens, *SPECIAL_TOKENS, *USER_DEFINED_TOKENS], types, merges


def all_f32(name: str, shape: tuple[int, ...]) -> Type:
    return Type.F32


def matrices_as(kind: Type) -> ChooseType:
    """Store matrices as `kind` where its blocks allow it, everything else as F32."""

    def choose(name: str, shape: tuple[int, ...]) -> Type:
        fits = shape[-1] % gguf.GGML_QUANT_SIZES[kind][0] == 0
        return kind if len(shape) > 1 and shape[0] > 1 and fits else Type.F32

    return choose


def everything_as(kind: Type) -> ChooseType:
    """Store whatever the blocks of `kind` allow as `kind`: norms, biases and pads too."""

    def choose(name: str, shape: tuple[int, ...]) -> Type:
        return kind if shape[-1] % gguf.GGML_QUANT_SIZES[kind][0] == 0 else Type.F32

    return choose


# Where a block's fp16 scale and minimum lie, and how large its numbers are for a scale of 1 when
# all other bits are random; the minimum is so much larger than the scale that the mean is 0.
_K_TYPES = {
    Type.Q2_K: (80, 82, 1.5, 18.0),
    Type.Q3_K: (108, None, 0.0, 42.0),
    Type.Q4_K: (0, 2, 7.5, 255.0),
    Type.Q5_K: (0, 2, 15.5, 520.0),
    Type.Q6_K: (208, None, 0.0, 1370.0),
}


def _stored(array: NDArray[np.float32], kind: Type) -> NDArray[np.generic]:
    """Quantise; for the K types, which the gguf package only reads, make random blocks instead."""
    if kind not in _K_TYPES:
        return gguf.quants.quantize(array, kind)
    block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    rng = np.random.default_rng(array.size)
    blocks = rng.integers(0, 256, (array.size // block, block_bytes), np.uint8)
    scale_at, least_at, ratio, spread = _K_TYPES[kind]
    scale = np.float32(array.std() / spread)
    blocks[:, scale_at : scale_at + 2] = np.array([scale], np.float16).view(np.uint8)
    if least_at is not None:
        blocks[:, least_at : least_at + 2] = np.array([scale * ratio], np.float16).view(np.uint8)
    return blocks.reshape(*array.shape[:-1], -1)


def write_gguf(
    path: Path,
    state: Mapping[str, NDArray[np.float32]],
    *,
    architecture: str | None,
    types: ChooseType = all_f32,
    metadata: Callable[[gguf.GGUFWriter], None] = lambda writer: None,
) -> Path:
    writer = gguf.GGUFWriter(path, architecture or "none")
    if architecture is None:
        del writer.kv_data[0]["general.architecture"]
    metadata(writer)
    for name, array in state.items():
        kind = types(name, array.shape)
        data = _stored(np.ascontiguousarray(array), kind)
        writer.add_tensor(name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_transformer(
    path: Path,
    state: State | None = None,
    *,
    types: ChooseType = all_f32,
    architecture: str | None = "lumina2",
    prefix: str = "",
    flat_pads: bool = True,
    diffusers_names: bool = False,
    native_size: tuple[int, int] | None = (64, 64),
) -> Path:
    state = dict(transformer_state() if state is None else state)
    if flat_pads:
        state |= {name: state[name].reshape(-1) for name in ("x_pad_token", "cap_pad_token")}
    if diffusers_names:
        state = diffusers_transformer_names(state)

    def metadata(writer: gguf.GGUFWriter) -> None:
        if native_size is not None:
            writer.add_uint32("zimage.native_width", native_size[0])
            writer.add_uint32("zimage.native_height", native_size[1])

    state = {prefix + name: array for name, array in state.items()}
    return write_gguf(path, state, architecture=architecture, types=types, metadata=metadata)


def diffusers_transformer_names(state: Mapping[str, NDArray[np.float32]]) -> State:
    """Return a transformer's weights by diffusers' names, query, key and value apart."""
    renamed = State()
    for name, array in state.items():
        if name.endswith(".attention.qkv.weight"):
            for projection, rows in zip("qkv", np.split(array, 3), strict=True):
                renamed[name.replace("qkv", f"to_{projection}")] = rows
            continue
        name = name.replace("attention.out.", "attention.to_out.0.")
        name = name.replace("q_norm", "norm_q").replace("k_norm", "norm_k")
        if name.startswith(("x_embedder.", "final_layer.")):
            first, rest = name.split(".", 1)
            name = f"all_{first}.2-1.{rest}"
        renamed[name] = array
    return renamed


def write_text_encoder(
    path: Path,
    sizes: EncoderSizes = EncoderSizes(),
    state: State | None = None,
    *,
    types: ChooseType = all_f32,
    tokenizer: bool = True,
) -> Path:
    def metadata(writer: gguf.GGUFWriter) -> None:
        writer.add_block_count(sizes.layers)
        writer.add_layer_norm_rms_eps(sizes.epsilon)
        writer.add_rope_freq_base(sizes.theta)
        if tokenizer:
            tokens, token_types, merges = vocabulary()
            writer.add_tokenizer_model("gpt2")
            writer.add_tokenizer_pre("qwen2")
            writer.add_token_list(tokens)
            writer.add_token_types(token_types)
            writer.add_token_merges(merges)

    state = encoder_state(sizes) if state is None else state
    return write_gguf(path, state, architecture="qwen3", types=types, metadata=metadata)


def write_vae(
    path: Path,
    sizes: VaeSizes = VaeSizes(),
    state: State | None = None,
    *,
    dtype: type[np.floating] = np.float32,
) -> Path:
    state = vae_state(sizes) if state is None else state
    metadata = {
        "norm_num_groups": str(sizes.groups),
        "scaling_factor": str(sizes.scaling),
        "shift_factor": str(sizes.shift),
    }
    save_file({name: array.astype(dtype) for name, array in state.items()}, path, metadata)
    return path


def write_model(directory: Path, *, types: ChooseType = all_f32) -> Path:
    """Write a whole model, 64x64 by nature, that makes a picture in a few milliseconds."""
    directory.mkdir(parents=True, exist_ok=True)
    write_transformer(directory / "tiny_z_image.gguf", types=types)
    write_text_encoder(directory / "tiny_qwen3.gguf", types=types)
    write_vae(directory / "tiny_ae.safetensors")
    return directory
