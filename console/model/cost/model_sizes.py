"""How large published files of Z-Image-Turbo are, to say what another quantisation would cost.

The sizes are those of the files that can be fetched. An operator's own files are measured, not
looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from console.model.models import published
from console.model.models.published import PublishedFile


def _by_size(files: Iterable[PublishedFile]) -> Mapping[str, int]:
    return {each.quantisation: each.size for each in sorted(files, key=lambda file: file.size)}


TRANSFORMER: Final = _by_size(published.TRANSFORMERS)
"""Bytes of the transformer, by quantisation, from the smallest."""

TEXT_ENCODER: Final = _by_size(published.ENCODERS)
"""Bytes of the text encoder, by quantisation, from the smallest."""

VAE: Final = published.VAE.size
"""Bytes of the VAE in float32."""


def model_bytes(transformer: str, text_encoder: str) -> int | None:
    """Return the bytes of a whole model, or None if such files were never published."""
    if transformer not in TRANSFORMER or text_encoder not in TEXT_ENCODER:
        return None
    return TRANSFORMER[transformer] + TEXT_ENCODER[text_encoder] + VAE
