"""A model of random weights, of the real shapes but few layers, for measures of reading."""

from __future__ import annotations

import os
import subprocess
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


def write_prepared_model(stored: Path, prepared: Path) -> None:
    """Put the same model there, its transformer rounded by `engine convert`.

    Files that are there already are kept.
    """
    prepared.mkdir(exist_ok=True)
    for file in weight_files(stored):
        target = prepared / file.name
        if target.exists() and target.stat().st_mtime >= file.stat().st_mtime:
            continue
        target.unlink(missing_ok=True)
        if file.name.startswith("transformer"):
            command = [sys.executable, "-m", "engine", "convert", "--models", str(stored)]
            command += ["-o", str(target)]
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        else:
            os.link(file, target)


def weight_files(directory: Path) -> list[Path]:
    """Return the files of a model that have weights."""
    return [file for file in directory.iterdir() if file.suffix in (".gguf", ".safetensors")]
