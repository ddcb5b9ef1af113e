"""A model as a function from prompt to picture, through the engine's own pipeline."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.demo import files_directory
from engine.demo.judge import Pixels
from engine.pipeline import Pipeline
from engine.schema import Done, GenerationRequest
from engine.weights.discover import find_model

Painter = Callable[[str, int], Pixels]
"""Makes the picture [height, width, 3] of a prompt with a noise seed."""


def engine_painter(models: Path | None) -> Painter:
    """Load the model of a directory, the bundled one by default; it paints at its own size."""
    pipeline = Pipeline.load(find_model(models or files_directory()))

    def paint(prompt: str, seed: int) -> Pixels:
        *_, last = pipeline.generate(GenerationRequest(prompt, seed=seed))
        assert isinstance(last, Done)
        picture = last.picture
        pixels = np.frombuffer(picture.rgb, dtype=np.uint8)
        return pixels.reshape(picture.height, picture.width, 3)

    return paint
