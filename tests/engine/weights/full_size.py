"""Z-Image-Turbo's files at full size as their publishers describe them, over a hole of zeros."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import written_gguf
from written_gguf import Described

GROUPS = {"noise_refiner": 2, "context_refiner": 2, "layers": 30}


def transformer(kind: str = "F32", *, refiner: str = "F32") -> dict[str, Described]:
    """The 453 tensors of the original code, pads with two dimensions.

    Matrices of the 30 layers are stored as `kind`, those of the refiners as `refiner`.
    """
    tensors = {
        "x_pad_token": Described((1, 3840)),
        "cap_pad_token": Described((1, 3840)),
        "cap_embedder.0.weight": Described((2560,)),
    }
    for name, rows, columns in (
        ("x_embedder", 3840, 64),
        ("t_embedder.mlp.0", 1024, 256),
        ("t_embedder.mlp.2", 256, 1024),
        ("cap_embedder.1", 3840, 2560),
        ("final_layer.linear", 64, 3840),
        ("final_layer.adaLN_modulation.1", 3840, 256),
    ):
        tensors |= {
            f"{name}.weight": Described((rows, columns)),
            f"{name}.bias": Described((rows,)),
        }
    for group, count in GROUPS.items():
        for block in (f"{group}.{index}" for index in range(count)):
            tensors |= _block(block, kind if group == "layers" else refiner)
    return tensors


def _block(name: str, kind: str) -> dict[str, Described]:
    tensors = {
        f"{name}.attention.qkv.weight": Described((11_520, 3840), kind),
        f"{name}.attention.out.weight": Described((3840, 3840), kind),
        f"{name}.attention.q_norm.weight": Described((128,)),
        f"{name}.attention.k_norm.weight": Described((128,)),
        f"{name}.feed_forward.w1.weight": Described((10_240, 3840), kind),
        f"{name}.feed_forward.w2.weight": Described((3840, 10_240), kind),
        f"{name}.feed_forward.w3.weight": Described((10_240, 3840), kind),
    }
    for norm in ("attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2"):
        tensors[f"{name}.{norm}.weight"] = Described((3840,))
    if not name.startswith("context"):
        tensors[f"{name}.adaLN_modulation.0.weight"] = Described((15_360, 256), kind)
        tensors[f"{name}.adaLN_modulation.0.bias"] = Described((15_360,))
    return tensors


def flat_pads(tensors: Mapping[str, Described]) -> dict[str, Described]:
    return dict(tensors) | {name: Described((3840,)) for name in ("x_pad_token", "cap_pad_token")}


def write_safetensors(path: Path, tensors: Mapping[str, Described]) -> Path:
    """Write a header by hand; the numbers are zero and take no room on the disk."""
    entries, end = {}, 0
    for name, tensor in tensors.items():
        size = tensor.type.block_bytes
        for extent in tensor.shape:
            size *= extent
        entries[name] = {
            "dtype": tensor.kind,
            "shape": tensor.shape,
            "data_offsets": [end, end + size],
        }
        end += size
    header = json.dumps(entries).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + end)
    return path


def write_encoder(path: Path, width: int = 2560) -> Path:
    """Write a Qwen3 GGUF with a vocabulary of a few words."""
    metadata = written_gguf.vocabulary(100, 10) | {
        "qwen3.block_count": 36,
        "qwen3.rope.freq_base": 1e6,
        "qwen3.attention.layer_norm_rms_epsilon": 1e-6,
    }
    return written_gguf.write(path, metadata, written_gguf.qwen3(width))
