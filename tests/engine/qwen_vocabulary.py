"""Qwen's real vocabulary in the forms that model files have it.

It is in the package dashscope as `qwen.tiktoken`: each token's bytes and its rank. Merges follow
from the ranks: a token is made of the two that are left when only earlier merges are allowed.
"""

from __future__ import annotations

import base64
import importlib.util
from functools import cache
from itertools import pairwise
from pathlib import Path

import written_gguf
from transformers import Qwen2Tokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

ROWS = 151_936
CONTROL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>"),
    *("<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>"),
    *("<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"),
)
USER_DEFINED = (
    *("<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"),
    *("<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>"),
    *("<think>", "</think>"),
)


def tiktoken_file() -> Path | None:
    """Return the file with the vocabulary, None if the package is not installed."""
    spec = importlib.util.find_spec("dashscope")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "resources/qwen.tiktoken"
    return path if path.is_file() else None


@cache
def vocabulary(path: Path) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the plain tokens, in GPT-2's letters for bytes, and the merges."""
    ranks = {}
    for line in path.read_bytes().splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    letters = bytes_to_unicode()

    def spelled(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    tokens = sorted(ranks, key=ranks.__getitem__)
    pairs = [_halves(token, ranks) for token in tokens if len(token) > 1]
    merges = tuple((spelled(first), spelled(second)) for first, second in pairs)
    return tuple(map(spelled, tokens)), merges


def _halves(token: bytes, ranks: dict[bytes, int]) -> tuple[bytes, bytes]:
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        joined = [ranks.get(a + b, ROWS) for a, b in pairwise(parts)]
        at = min(range(len(joined)), key=joined.__getitem__)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    first, second = parts
    return first, second


def write_gguf(path: Path, source: Path) -> Path:
    """Write the vocabulary as a GGUF of Qwen3 has it, padded to the embedding's rows."""
    plain, merges = vocabulary(source)
    tokens = [*plain, *CONTROL, *USER_DEFINED]
    types = [1] * len(plain) + [3] * len(CONTROL) + [4] * len(USER_DEFINED)
    padding = [f"[PAD{n}]" for n in range(len(tokens), ROWS)]
    metadata: dict[str, written_gguf.Value] = {
        "general.architecture": "qwen3",
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokens + padding,
        "tokenizer.ggml.token_type": types + [5] * len(padding),
        "tokenizer.ggml.merges": [" ".join(pair) for pair in merges],
    }
    return written_gguf.write(path, metadata, {})


def oracle(source: Path) -> Qwen2Tokenizer:
    """Build transformers' tokenizer from the same vocabulary."""
    plain, merges = vocabulary(source)
    tokenizer = Qwen2Tokenizer(
        vocab={token: index for index, token in enumerate(plain)}, merges=list(merges)
    )
    tokenizer.add_tokens(list(CONTROL), special_tokens=True)
    tokenizer.add_tokens(list(USER_DEFINED))
    return tokenizer
