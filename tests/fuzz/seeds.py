"""Small whole files of each kind for the fuzzer to damage, written by hand."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

ALIGNMENT = 32
F32 = 0


def seeds(directory: Path) -> dict[str, bytes]:
    """Return the bytes of valid files by name; `directory` is where the caller works."""
    directory.mkdir(parents=True, exist_ok=True)
    return {
        "transformer.gguf": gguf({"general.architecture": "lumina2"}, transformer()),
        "encoder.gguf": gguf(encoder_metadata(), encoder()),
        "transformer.safetensors": safetensors({"made": "by hand"}, transformer()),
        "encoder.safetensors": safetensors({}, {f"model.{n}": s for n, s in hf_encoder().items()}),
        "vae.safetensors": safetensors({"norm_num_groups": "1"}, vae()),
    }


Shapes = dict[str, tuple[int, ...]]


def gguf(metadata: Mapping[str, object], shapes: Shapes) -> bytes:
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(shapes), len(metadata))
    body = b"".join(text(key) + value(item) for key, item in metadata.items())
    end = 0
    for name, shape in shapes.items():
        extents = struct.pack(f"<{len(shape)}Q", *reversed(shape))
        body += text(name) + struct.pack("<I", len(shape)) + extents
        body += struct.pack("<IQ", F32, end)
        end += -(-4 * count(shape) // ALIGNMENT) * ALIGNMENT
    header = head + body
    return header + bytes(-len(header) % ALIGNMENT + end)


def text(words: str) -> bytes:
    return struct.pack("<Q", len(words.encode())) + words.encode()


def value(item: object) -> bytes:
    match item:
        case str():
            return struct.pack("<I", 8) + text(item)
        case int():
            return struct.pack("<II", 4, item)
        case float():
            return struct.pack("<If", 6, item)
        case [str(), *_]:
            return struct.pack("<IIQ", 9, 8, len(item)) + b"".join(map(text, item))
        case list():
            return struct.pack(f"<IIQ{len(item)}i", 9, 5, len(item), *item)
    raise TypeError(f"no metadata: {item!r}")


def safetensors(metadata: Mapping[str, str], shapes: Shapes) -> bytes:
    entries: dict[str, object] = {"__metadata__": dict(metadata)}
    end = 0
    for name, shape in shapes.items():
        size = 4 * count(shape)
        entries[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    header = json.dumps(entries).encode()
    return struct.pack("<Q", len(header)) + header + bytes(end)


def count(shape: tuple[int, ...]) -> int:
    product = 1
    for extent in shape:
        product *= extent
    return product


def transformer() -> Shapes:
    """The smallest transformer that there can be: heads of 16, one block of each kind."""
    shapes: Shapes = {
        "x_pad_token": (16,),
        "cap_pad_token": (1, 16),
        "cap_embedder.0.weight": (2,),
        **linear("cap_embedder.1", 16, 2),
        **linear("x_embedder", 16, 4),
        **linear("t_embedder.mlp.0", 2, 2),
        **linear("t_embedder.mlp.2", 2, 2),
        **linear("final_layer.linear", 4, 16),
        **linear("final_layer.adaLN_modulation.1", 16, 2),
    }
    for block in ("context_refiner.0", "noise_refiner.0", "layers.0"):
        shapes |= {
            f"{block}.attention.qkv.weight": (48, 16),
            f"{block}.attention.out.weight": (16, 16),
            f"{block}.attention.q_norm.weight": (16,),
            f"{block}.attention.k_norm.weight": (16,),
            f"{block}.feed_forward.w1.weight": (2, 16),
            f"{block}.feed_forward.w2.weight": (16, 2),
            f"{block}.feed_forward.w3.weight": (2, 16),
        }
        for norm in ("attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2"):
            shapes[f"{block}.{norm}.weight"] = (16,)
        if not block.startswith("context"):
            shapes |= linear(f"{block}.adaLN_modulation.0", 64, 2)
    return shapes


def linear(name: str, rows: int, columns: int) -> Shapes:
    return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}


def encoder_metadata() -> dict[str, object]:
    words = ["a", "b", "ab", "<|im_start|>", "<|im_end|>"]
    return {
        "general.architecture": "qwen3",
        "qwen3.block_count": 2,
        "qwen3.rope.freq_base": 1e6,
        "qwen3.attention.layer_norm_rms_epsilon": 1e-6,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": words,
        "tokenizer.ggml.token_type": [1, 1, 1, 3, 3],
        "tokenizer.ggml.merges": ["a b"],
        "tokenizer.chat_template": "{% for message in messages %}" * 30,
    }


def encoder() -> Shapes:
    shapes: Shapes = {"token_embd.weight": (5, 4), "output_norm.weight": (4,)}
    for block in ("blk.0", "blk.1"):
        shapes |= {
            f"{block}.attn_norm.weight": (4,),
            f"{block}.attn_q.weight": (4, 4),
            f"{block}.attn_k.weight": (2, 4),
            f"{block}.attn_v.weight": (2, 4),
            f"{block}.attn_q_norm.weight": (2,),
            f"{block}.attn_k_norm.weight": (2,),
            f"{block}.attn_output.weight": (4, 4),
            f"{block}.ffn_norm.weight": (4,),
            f"{block}.ffn_gate.weight": (3, 4),
            f"{block}.ffn_up.weight": (3, 4),
            f"{block}.ffn_down.weight": (4, 3),
        }
    return shapes


def hf_encoder() -> Shapes:
    names = (
        ("token_embd", "embed_tokens"),
        ("output_norm", "norm"),
        ("blk.", "layers."),
        ("attn_q_norm", "self_attn.q_norm"),
        ("attn_k_norm", "self_attn.k_norm"),
        ("attn_norm", "input_layernorm"),
        ("attn_output", "self_attn.o_proj"),
        ("attn_q.", "self_attn.q_proj."),
        ("attn_k.", "self_attn.k_proj."),
        ("attn_v.", "self_attn.v_proj."),
        ("ffn_norm", "post_attention_layernorm"),
        ("ffn_gate", "mlp.gate_proj"),
        ("ffn_up", "mlp.up_proj"),
        ("ffn_down", "mlp.down_proj"),
    )
    shapes = Shapes()
    for name, shape in encoder().items():
        for ours, theirs in names:
            name = name.replace(ours, theirs)
        shapes[name] = shape
    return shapes


def vae() -> Shapes:
    """A decoder of one channel everywhere."""
    shapes = conv("decoder.conv_in", 1)
    blocks = ["decoder.mid.block_1", "decoder.mid.block_2"]
    blocks += [f"decoder.up.{level}.block.0" for level in range(4)]
    for block in blocks:
        shapes |= norm(f"{block}.norm1") | norm(f"{block}.norm2")
        shapes |= conv(f"{block}.conv1", 1) | conv(f"{block}.conv2", 1)
    for level in (1, 2, 3):
        shapes |= conv(f"decoder.up.{level}.upsample.conv", 1)
    shapes |= norm("decoder.mid.attn_1.norm") | norm("decoder.norm_out")
    for projection in ("q", "k", "v", "proj_out"):
        shapes |= conv(f"decoder.mid.attn_1.{projection}", 1, size=1)
    return shapes | conv("decoder.conv_out", 3)


def conv(name: str, rows: int, size: int = 3) -> Shapes:
    return {f"{name}.weight": (rows, 1, size, size), f"{name}.bias": (rows,)}


def norm(name: str) -> Shapes:
    return {f"{name}.weight": (1,), f"{name}.bias": (1,)}
