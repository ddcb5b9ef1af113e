"""How large published files of Z-Image-Turbo are, to say what another quantisation would cost.

Sizes of GGUF files are as their publishers give them, to ten megabytes; the bfloat16 and float32
ones are those of Comfy-Org's files. An operator's own files are measured, not looked up.

Sources: https://huggingface.co/jayn7/Z-Image-Turbo-GGUF, https://huggingface.co/Qwen/Qwen3-4B-GGUF,
https://huggingface.co/Comfy-Org/z_image_turbo
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_MB: Final = 10**6

TRANSFORMER: Final[Mapping[str, int]] = {
    "Q3_K_S": 3790 * _MB,
    "Q3_K_M": 4120 * _MB,
    "Q4_K_S": 4660 * _MB,
    "Q4_K_M": 4980 * _MB,
    "Q5_K_S": 5190 * _MB,
    "Q5_K_M": 5520 * _MB,
    "Q6_K": 5910 * _MB,
    "Q8_0": 7220 * _MB,
    "BF16": 12_300 * _MB,
}
"""Bytes of the transformer, by quantisation, from the smallest."""

TEXT_ENCODER: Final[Mapping[str, int]] = {
    "Q4_K_M": 2500 * _MB,
    "Q5_K_M": 2890 * _MB,
    "Q8_0": 4280 * _MB,
    "BF16": 8040 * _MB,
}
"""Bytes of the text encoder, by quantisation, from the smallest."""

VAE: Final = 335_304_388
"""Bytes of the VAE in float32."""


def model_bytes(transformer: str, text_encoder: str) -> int | None:
    """Return the bytes of a whole model, or None if such files were never published."""
    if transformer not in TRANSFORMER or text_encoder not in TEXT_ENCODER:
        return None
    return TRANSFORMER[transformer] + TEXT_ENCODER[text_encoder] + VAE
