"""The transformer's file: which files hold one, its dimensions, its tensors by name.

Canonical names are those of the original code and of ComfyUI (`layers.0.attention.qkv.weight`);
diffusers' names and split query, key and value are understood too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from engine.errors import UnsupportedModel
from engine.weights.foreign import refuse_comfy_formats
from engine.weights.layout import PartTensors, stack_by_name
from engine.weights.prepared import prepared_limit
from engine.weights.tensors import Header

PATCH: Final = 2
ROUNDED: Final = (
    *(".attention.qkv.weight", ".attention.out.weight"),
    *(".feed_forward.w1.weight", ".feed_forward.w2.weight", ".feed_forward.w3.weight"),
)
"""How the names of weights end that may be rounded: many numbers, and little depends on each."""

_PREFIXES: Final = ("model.diffusion_model.", "diffusion_model.", "transformer.")
_RENAMES: Final = (
    ("all_x_embedder.2-1.", "x_embedder."),
    ("all_final_layer.2-1.", "final_layer."),
    (".attention.to_out.0.", ".attention.out."),
    (".attention.norm_q.", ".attention.q_norm."),
    (".attention.norm_k.", ".attention.k_norm."),
)
_SPLIT: Final = ("to_q", "to_k", "to_v")
_FOREIGN: Final = (
    ("control_", "a ControlNet for Z-Image, which this engine does not use"),
    ("siglip_", "Z-Image Omni, which this engine does not run"),
)
_LUMINA: Final = "time_caption_embed."  # as diffusers names it
_KIN: Final = ("control_", _LUMINA)


@dataclass(frozen=True, slots=True)
class TransformerDims:
    """Sizes of a Z-Image transformer (Z-Image-Turbo's in brackets)."""

    channels: int  # of the latents [16]
    dim: int  # of a token [3840]
    heads: int  # [30]
    head_dim: int  # [128]
    layers: int  # [30]
    noise_refiners: int  # [2]
    context_refiners: int  # [2]
    caption_width: int  # of the text encoder's output [2560]
    frequencies: int  # of the timestep's sinusoids [256]

    @property
    def rope_axes(self) -> tuple[int, int, int]:
        """How a head's numbers are shared among position in prompt, row and column [32, 48, 48]."""
        return self.head_dim // 4, self.head_dim * 3 // 8, self.head_dim * 3 // 8


@dataclass(frozen=True, slots=True)
class TransformerFile:
    """A transformer's header, understood."""

    header: Header
    layout: str
    dims: TransformerDims
    tensors: PartTensors
    native_size: tuple[int, int] | None


def is_transformer(names: Collection[str]) -> bool:
    """Whether tensors of these names are a diffusion transformer of the Lumina and Z-Image kin."""
    bare = {_without_prefix(name) for name in names}
    return "cap_embedder.1.weight" in bare or any(n.startswith(_KIN) for n in bare)


def read_transformer(header: Header) -> TransformerFile:
    """Find the dimensions and the tensors of a transformer.

    Raises `UnsupportedModel` for its relatives (Lumina 2, ControlNet) and for tensors that do not
    fit together, `MalformedFile` where layers are missing.
    """
    _refuse_relatives(header)
    entries = [(*_canonical(name), tensor) for name, tensor in header.tensors.items()]
    stacks, limit = stack_by_name(entries), prepared_limit(header)
    rounded = () if limit is None else [name for name in stacks if name.endswith(ROUNDED)]
    tensors = PartTensors(header, stacks, rounded, limit)
    dims = _dimensions(tensors)
    _require_all(tensors, dims)
    return TransformerFile(header, _layout_name(header), dims, tensors, _native_size(header))


def _without_prefix(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def _canonical(name: str) -> tuple[str, int]:
    """Return a tensor's canonical name and its place in the stack of that name."""
    name = _without_prefix(name)
    for old, new in _RENAMES:
        name = name.replace(old, new)
    for place, projection in enumerate(_SPLIT):
        if name.endswith(f".attention.{projection}.weight"):
            return name.replace(projection, "qkv"), place
    return name, 0


def _refuse_relatives(header: Header) -> None:
    bare = {_without_prefix(name) for name in header.tensors}
    for prefix, what in _FOREIGN:
        if any(name.startswith(prefix) for name in bare):
            raise UnsupportedModel(f"{header.path.name} is {what}; move it to another directory")
    lumina = "layers.0.adaLN_modulation.1.weight" in bare or "x_pad_token" not in bare
    if lumina or any(name.startswith(_LUMINA) for name in bare):
        raise UnsupportedModel(
            f"{header.path.name} is a Lumina 2 transformer, a relative of Z-Image; put a Z-Image "
            "transformer in its place, for example z_image_turbo-Q4_K.gguf"
        )
    refuse_comfy_formats(header, "z_image_turbo_bf16.safetensors or a GGUF of Z-Image-Turbo")


def _dimensions(tensors: PartTensors) -> TransformerDims:
    dim, patch_features = tensors.matrix("x_embedder.weight", None, None)
    head_dim = tensors.vector("layers.0.attention.q_norm.weight")
    _, caption_width = tensors.matrix("cap_embedder.1.weight", dim, None)
    _, frequencies = tensors.matrix("t_embedder.mlp.0.weight", None, None)
    if patch_features % (PATCH * PATCH) or dim % head_dim or head_dim % 16 or frequencies % 2:
        raise UnsupportedModel(
            f"{tensors.path.name} has impossible dimensions: patches of {patch_features} numbers, "
            f"width {dim}, heads of {head_dim}; choose a Z-Image file"
        )
    return TransformerDims(
        channels=patch_features // (PATCH * PATCH),
        dim=dim,
        heads=dim // head_dim,
        head_dim=head_dim,
        layers=tensors.count("layers"),
        noise_refiners=tensors.count("noise_refiner"),
        context_refiners=tensors.count("context_refiner"),
        caption_width=caption_width,
        frequencies=frequencies,
    )


def _require_all(tensors: PartTensors, dims: TransformerDims) -> None:
    patch_features = dims.channels * PATCH * PATCH
    tensors.vector("x_embedder.bias", dims.dim)
    tensors.vector("x_pad_token", dims.dim)
    tensors.vector("cap_pad_token", dims.dim)
    tensors.vector("cap_embedder.0.weight", dims.caption_width)
    tensors.vector("cap_embedder.1.bias", dims.dim)
    hidden, _ = tensors.matrix("t_embedder.mlp.0.weight", None, dims.frequencies)
    tensors.vector("t_embedder.mlp.0.bias", hidden)
    condition, _ = tensors.matrix("t_embedder.mlp.2.weight", None, hidden)
    tensors.vector("t_embedder.mlp.2.bias", condition)
    for index in range(dims.context_refiners):
        _require_block(tensors, f"context_refiner.{index}", dims, condition=None)
    for index in range(dims.noise_refiners):
        _require_block(tensors, f"noise_refiner.{index}", dims, condition)
    for index in range(dims.layers):
        _require_block(tensors, f"layers.{index}", dims, condition)
    tensors.matrix("final_layer.linear.weight", patch_features, dims.dim)
    tensors.vector("final_layer.linear.bias", patch_features)
    tensors.matrix("final_layer.adaLN_modulation.1.weight", dims.dim, condition)
    tensors.vector("final_layer.adaLN_modulation.1.bias", dims.dim)


def _require_block(
    tensors: PartTensors, name: str, dims: TransformerDims, condition: int | None
) -> None:
    tensors.matrix(f"{name}.attention.qkv.weight", 3 * dims.dim, dims.dim)
    tensors.matrix(f"{name}.attention.out.weight", dims.dim, dims.dim)
    tensors.vector(f"{name}.attention.q_norm.weight", dims.head_dim)
    tensors.vector(f"{name}.attention.k_norm.weight", dims.head_dim)
    hidden, _ = tensors.matrix(f"{name}.feed_forward.w1.weight", None, dims.dim)
    tensors.matrix(f"{name}.feed_forward.w3.weight", hidden, dims.dim)
    tensors.matrix(f"{name}.feed_forward.w2.weight", dims.dim, hidden)
    for norm in ("attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2"):
        tensors.vector(f"{name}.{norm}.weight", dims.dim)
    if condition is not None:
        tensors.matrix(f"{name}.adaLN_modulation.0.weight", 4 * dims.dim, condition)
        tensors.vector(f"{name}.adaLN_modulation.0.bias", 4 * dims.dim)


def _layout_name(header: Header) -> str:
    names = header.tensors.keys()
    naming = "diffusers" if any("all_x_embedder." in name for name in names) else "original"
    fused = any(name.endswith(".attention.qkv.weight") for name in names)
    if prepared_limit(header) is not None:
        return "Z-Image transformer, prepared for 8-bit integers"
    return f"Z-Image transformer, {naming} names, {'fused' if fused else 'split'} qkv"


def _native_size(header: Header) -> tuple[int, int] | None:
    width = header.integer("zimage.native_width")
    height = header.integer("zimage.native_height")
    return None if width is None or height is None else (width, height)
