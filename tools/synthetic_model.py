"""A model of random weights, of the real shapes but few layers, for measures of reading."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent


def write_synthetic_model(directory: Path, layers: int) -> int:
    """Write three files in Q4_K, 100 MB for each of the transformer's layers; return their bytes.

    Files that are there already are kept.
    """
    sys.path.insert(0, str(ROOT))
    from engine.bench.files import write_model
    from engine.bench.sizes import ModelSizes
    from engine.weights.tensors import GGML_TYPES

    sizes = ModelSizes(layers=layers, refiners=1, encoder_layers=4, vocabulary=20_000)
    write_model(directory, sizes, GGML_TYPES[12])
    return sum(file.stat().st_size for file in directory.iterdir() if file.suffix != ".crc32c")
