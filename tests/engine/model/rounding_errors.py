"""How far a transformer's estimates move when its weights are rounded."""

from __future__ import annotations

from pathlib import Path

import loaded
import torch
from oracles import relative_error
from torch import Tensor

from engine import demo
from engine.model.linear import Strategy
from engine.model.transformer import Transformer
from engine.weights.discover import find_model

DEMO = find_model(demo.files_directory())
TIMES = (0.0, 0.5, 0.9)


def demo_embedding() -> Tensor:
    """The embedding of some tokens, by the demo model's text encoder."""
    encoder = loaded.text_encoder(DEMO.text_encoder.path)
    return encoder([5, 17, 30, 44, 100, 7, 60, 61, 62, 63])


def estimate(transformer: Transformer, embedding: Tensor, time: float) -> Tensor:
    latents = torch.randn(transformer.dims.channels, 16, 16, generator=torch.manual_seed(48))
    with torch.inference_mode():
        caption = transformer.caption(embedding)
        canvas = transformer.canvas(caption, 16, 16)
        (modulation,) = transformer.modulations([time])
        return transformer(latents, modulation, caption, canvas)


def error_of_rounding(path: Path, embedding: Tensor, how: Strategy) -> float:
    exact, rounded = loaded.transformer(path), loaded.transformer(path, how)
    return max(
        relative_error(estimate(rounded, embedding, time), estimate(exact, embedding, time))
        for time in TIMES
    )
