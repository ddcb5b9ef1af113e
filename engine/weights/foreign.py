"""Formats that other programs alone can compute with, told by the tensors that they add."""

from __future__ import annotations

from typing import Final

from engine.errors import UnsupportedModel
from engine.weights.tensors import Header

# What ComfyUI stores beside a weight: its scales, and how it is quantised.
_SCALES: Final = (
    *(".weight_scale", ".weight_scale_2", ".scale_weight"),
    *(".input_scale", ".scale_input", ".comfy_quant"),
)
_MARK: Final = "scaled_fp8"
_BITS: Final = {"F8_E4M3": "fp8", "F8_E5M2": "fp8", "I8": "int8", "U8": "fp4", "F4": "fp4"}


def refuse_comfy_formats(header: Header, instead: str) -> None:
    """Raise `UnsupportedModel` if weights are stored with ComfyUI's own scales.

    `instead` names a file that can be used.
    """
    scaled = {
        name.removesuffix(ending)
        for name in header.tensors
        for ending in _SCALES
        if name.endswith(ending)
    }
    if not scaled and not any(name.endswith(_MARK) for name in header.tensors):
        return
    kinds = {
        _BITS[tensor.type.name]
        for name, tensor in header.tensors.items()
        if tensor.type.name in _BITS and name.endswith(".weight")
    }
    what = " and ".join(sorted(kinds)) or "scaled numbers"
    raise UnsupportedModel(
        f"{header.path.name} is quantised for ComfyUI alone ({what} with scales of its own); "
        f"use {instead} in its place"
    )
