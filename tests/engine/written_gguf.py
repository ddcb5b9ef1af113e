"""GGUF files written by hand: full-size headers in little time, over data that are only a hole.

The gguf package needs the numbers themselves, which nobody has room for here.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.weights.tensors import GGML_TYPES, TensorType

ALIGNMENT = 32
STRING, ARRAY, INT32, UINT32, FLOAT32 = 8, 9, 5, 4, 6
_IDS = {kind.name: number for number, kind in GGML_TYPES.items()}
Value = str | int | float | Sequence[str] | Sequence[int]


@dataclass(frozen=True)
class Described:
    """A tensor of `shape` in torch's order, stored as the type named `kind`."""

    shape: tuple[int, ...]
    kind: str = "F32"

    @property
    def type(self) -> TensorType:
        return GGML_TYPES[_IDS[self.kind]]


def write(path: Path, metadata: Mapping[str, Value], tensors: Mapping[str, Described]) -> Path:
    """Write a file whose numbers are all zero and take no room on the disk."""
    pairs = b"".join(text(key) + value(v) for key, v in metadata.items())
    described, end = [], 0
    for name, tensor in tensors.items():
        extents = struct.pack(f"<{len(tensor.shape)}Q", *reversed(tensor.shape))
        place = struct.pack("<IQ", _IDS[tensor.kind], end)
        described.append(text(name) + struct.pack("<I", len(tensor.shape)) + extents + place)
        rows = 1
        for extent in tensor.shape[:-1]:
            rows *= extent
        end = aligned(end + rows * tensor.type.row_bytes(tensor.shape[-1]))
    counts = struct.pack("<IQQ", 3, len(tensors), len(metadata))
    header = b"GGUF" + counts + pairs + b"".join(described)
    with path.open("wb") as file:
        file.write(header)
        file.truncate(aligned(len(header)) + end)
    return path


def text(words: str) -> bytes:
    data = words.encode()
    return len(data).to_bytes(8, "little") + data


def value(v: Value) -> bytes:
    if isinstance(v, str):
        return struct.pack("<I", STRING) + text(v)
    if isinstance(v, float):
        return struct.pack("<If", FLOAT32, v)
    if isinstance(v, int):
        return struct.pack("<II", UINT32, v)
    if all(isinstance(item, str) for item in v):
        return struct.pack("<IIQ", ARRAY, STRING, len(v)) + b"".join(map(text, map(str, v)))
    return struct.pack(f"<IIQ{len(v)}i", ARRAY, INT32, len(v), *v)


def aligned(position: int) -> int:
    return -(-position // ALIGNMENT) * ALIGNMENT


def vocabulary(tokens: int, merges: int) -> dict[str, Value]:
    """Metadata with a vocabulary whose words are as long as Qwen's, which it is not."""
    return {
        "general.architecture": "qwen3",
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": [f"{n:x}" + "abcdefgh"[: n % 9] for n in range(tokens)],
        "tokenizer.ggml.token_type": [1] * tokens,
        "tokenizer.ggml.merges": [f"{n:x} {n % 97:x}" for n in range(merges)],
    }


def qwen3(width: int = 2560, kind: str = "Q4_K", layers: int = 36) -> dict[str, Described]:
    """The tensors of Qwen3-4B, or of a Qwen3 of another width."""
    tensors = {
        "token_embd.weight": Described((151_936, width), kind),
        "output_norm.weight": Described((width,)),
    }
    for layer in range(layers):
        tensors |= {
            f"blk.{layer}.attn_norm.weight": Described((width,)),
            f"blk.{layer}.attn_q.weight": Described((4096, width), kind),
            f"blk.{layer}.attn_k.weight": Described((1024, width), kind),
            f"blk.{layer}.attn_v.weight": Described((1024, width), kind),
            f"blk.{layer}.attn_q_norm.weight": Described((128,)),
            f"blk.{layer}.attn_k_norm.weight": Described((128,)),
            f"blk.{layer}.attn_output.weight": Described((width, 4096), kind),
            f"blk.{layer}.ffn_norm.weight": Described((width,)),
            f"blk.{layer}.ffn_gate.weight": Described((9728, width), kind),
            f"blk.{layer}.ffn_up.weight": Described((9728, width), kind),
            f"blk.{layer}.ffn_down.weight": Described((width, 9728), kind),
        }
    return tensors
