"""The VAE's file: a FLUX autoencoder of which only the decoder is read.

Canonical names are those of the original code (`decoder.up.3.block.0.conv1.weight`); diffusers'
names (`decoder.up_blocks.0.resnets.0.conv1.weight`) are understood too.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from engine.errors import UnsupportedModel
from engine.weights.layout import PartTensors
from engine.weights.tensors import Header, TensorFacts

FACTOR: Final = 8
LEVELS: Final = 4
DEFAULT_GROUPS: Final = 32
DEFAULT_SCALING: Final = 0.3611
DEFAULT_SHIFT: Final = 0.1159

_PREFIXES: Final = ("first_stage_model.", "vae.")
_RENAMES: Final = (
    ("decoder.mid_block.resnets.0.", "decoder.mid.block_1."),
    ("decoder.mid_block.resnets.1.", "decoder.mid.block_2."),
    ("decoder.mid_block.attentions.0.group_norm.", "decoder.mid.attn_1.norm."),
    ("decoder.mid_block.attentions.0.to_q.", "decoder.mid.attn_1.q."),
    ("decoder.mid_block.attentions.0.to_k.", "decoder.mid.attn_1.k."),
    ("decoder.mid_block.attentions.0.to_v.", "decoder.mid.attn_1.v."),
    ("decoder.mid_block.attentions.0.to_out.0.", "decoder.mid.attn_1.proj_out."),
    (".conv_shortcut.", ".nin_shortcut."),
    ("decoder.conv_norm_out.", "decoder.norm_out."),
)
_UP_BLOCK: Final = re.compile(r"decoder\.up_blocks\.([0-3])\.(?:resnets|upsamplers\.0)\.")


@dataclass(frozen=True, slots=True)
class VaeDims:
    """Sizes and constants of a VAE decoder (FLUX.1's in brackets)."""

    channels: int  # of the latents [16]
    blocks: int  # residual blocks in each of the four levels [3]
    groups: int  # of the group norms [32]
    scaling: float  # latents are (z - shift) * scaling [0.3611]
    shift: float  # [0.1159]


@dataclass(frozen=True, slots=True)
class VaeFile:
    """A VAE's header, understood."""

    header: Header
    layout: str
    dims: VaeDims
    tensors: PartTensors


def is_vae(names: Collection[str]) -> bool:
    """Whether tensors of these names are an image autoencoder."""
    return any(_without_prefix(name) == "decoder.conv_in.weight" for name in names)


def read_vae(header: Header) -> VaeFile:
    """Find the dimensions and the decoder's tensors of a VAE.

    Raises `UnsupportedModel` for autoencoders of other models.
    """
    stacks: dict[str, tuple[TensorFacts, ...]] = {
        _canonical(name): (tensor,) for name, tensor in header.tensors.items()
    }
    tensors = PartTensors(header, stacks)
    if "post_quant_conv.weight" in tensors:
        raise UnsupportedModel(
            f"{header.path.name} is the VAE of another model (it has a post_quant_conv); put "
            "FLUX's ae.safetensors in its place"
        )
    dims = _dimensions(header, tensors)
    _require_all(tensors, dims)
    diffusers = any("decoder.up_blocks." in name for name in header.tensors)
    layout = f"FLUX VAE, {'diffusers' if diffusers else 'original'} names"
    return VaeFile(header, layout, dims, tensors)


def _without_prefix(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def _canonical(name: str) -> str:
    name = _without_prefix(name)
    for old, new in _RENAMES:
        name = name.replace(old, new)
    if match := _UP_BLOCK.match(name):
        level = LEVELS - 1 - int(match[1])
        rest = name[match.end() :]
        kind = "upsample" if "upsamplers" in match[0] else "block"
        return f"decoder.up.{level}.{kind}.{rest}"
    return name


def _dimensions(header: Header, tensors: PartTensors) -> VaeDims:
    _, channels, _, _ = tensors.matrix("decoder.conv_in.weight", None, None, 3, 3)
    groups = header.number("norm_num_groups")
    scaling = header.number("scaling_factor")
    shift = header.number("shift_factor")
    dims = VaeDims(
        channels=channels,
        blocks=tensors.count("decoder.up.0.block"),
        groups=DEFAULT_GROUPS if groups is None else int(groups),
        scaling=DEFAULT_SCALING if scaling is None else scaling,
        shift=DEFAULT_SHIFT if shift is None else shift,
    )
    levels = tensors.count("decoder.up")
    if levels != LEVELS or dims.blocks < 1 or dims.groups < 1 or not dims.scaling:
        raise UnsupportedModel(
            f"{header.path.name} is the VAE of another model: {levels} levels of {dims.blocks} "
            f"blocks, {dims.groups} groups, scaling {dims.scaling}; put FLUX's ae.safetensors in "
            "its place"
        )
    return dims


def _require_all(tensors: PartTensors, dims: VaeDims) -> None:
    width, _, _, _ = tensors.matrix("decoder.conv_in.weight", None, dims.channels, 3, 3)
    tensors.vector("decoder.conv_in.bias", width)
    _require_block(tensors, "decoder.mid.block_1", width, dims)
    _require_attention(tensors, "decoder.mid.attn_1", width, dims)
    _require_block(tensors, "decoder.mid.block_2", width, dims)
    for level in reversed(range(LEVELS)):
        for block in range(dims.blocks):
            width = _require_block(tensors, f"decoder.up.{level}.block.{block}", width, dims)
        if level:
            tensors.matrix(f"decoder.up.{level}.upsample.conv.weight", width, width, 3, 3)
            tensors.vector(f"decoder.up.{level}.upsample.conv.bias", width)
    _require_norm(tensors, "decoder.norm_out", width, dims)
    tensors.matrix("decoder.conv_out.weight", 3, width, 3, 3)
    tensors.vector("decoder.conv_out.bias", 3)


def _require_block(tensors: PartTensors, name: str, width: int, dims: VaeDims) -> int:
    """Require a residual block that takes `width` channels; return how many it gives."""
    _require_norm(tensors, f"{name}.norm1", width, dims)
    out, _, _, _ = tensors.matrix(f"{name}.conv1.weight", None, width, 3, 3)
    tensors.vector(f"{name}.conv1.bias", out)
    _require_norm(tensors, f"{name}.norm2", out, dims)
    tensors.matrix(f"{name}.conv2.weight", out, out, 3, 3)
    tensors.vector(f"{name}.conv2.bias", out)
    if out != width:
        tensors.pointwise(f"{name}.nin_shortcut.weight", out, width)
        tensors.vector(f"{name}.nin_shortcut.bias", out)
    return out


def _require_attention(tensors: PartTensors, name: str, width: int, dims: VaeDims) -> None:
    _require_norm(tensors, f"{name}.norm", width, dims)
    for projection in ("q", "k", "v", "proj_out"):
        tensors.pointwise(f"{name}.{projection}.weight", width, width)
        tensors.vector(f"{name}.{projection}.bias", width)


def _require_norm(tensors: PartTensors, name: str, width: int, dims: VaeDims) -> None:
    tensors.vector(f"{name}.weight", width)
    tensors.vector(f"{name}.bias", width)
    if width % dims.groups:
        raise UnsupportedModel(
            f"{tensors.path.name}: {width} channels do not make {dims.groups} groups; state "
            "norm_num_groups in its __metadata__ or put FLUX's ae.safetensors in its place"
        )
