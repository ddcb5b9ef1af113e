"""Stock diffusers: its quantised transformer and its VAE, in float32, as its documents say.

Run as a program it prints one JSON document, so that its memory is its own. Its text encoder is
left out: transformers unpacks the whole of it when it loads.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from engine.bench.peers.turn import Task, Turn, run_module, threads_flag
from engine.schema import Size

_CAPTION_TOKENS = 32


def run(task: Task, picture: Path) -> Turn:
    """Run the steps and the decoder in a process of its own; raises `TurnFailed`.

    No picture is kept, because none is made: the prompt's embedding is random.
    """
    found = run_module(
        "engine.bench.peers.stock",
        *("--directory", str(task.directory), "--quant", task.quant),
        *("--size", str(task.size), "--steps", str(task.steps), *threads_flag(task)),
    )
    seconds, peak = found["seconds"], found["peak_bytes"]
    assert isinstance(seconds, dict)
    assert isinstance(peak, int)
    return Turn(seconds, peak, found)


def main() -> None:
    """Measure as the command line says and print the document."""
    parser = argparse.ArgumentParser()
    for name in ("directory", "quant", "size", "steps", "threads"):
        parser.add_argument(f"--{name}")
    given = parser.parse_args()
    print(json.dumps(_measure(given)))


def _measure(given: argparse.Namespace) -> dict[str, object]:
    import diffusers
    import torch

    from engine.bench.measure import peak_bytes
    from engine.reference import reference_vae, transformer_config
    from engine.weights.discover import open_part
    from engine.weights.transformer_layout import TransformerFile
    from engine.weights.vae_layout import FACTOR, VaeFile

    if given.threads is not None:
        torch.set_num_threads(int(given.threads))
    size, steps = Size.parse(given.size), int(given.steps)
    path = Path(given.directory) / f"transformer-{given.quant}.gguf"
    file, vae_file = open_part(path), open_part(Path(given.directory) / "vae.safetensors")
    assert isinstance(file, TransformerFile)
    assert isinstance(vae_file, VaeFile)
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        config = {"_class_name": "ZImageTransformer2DModel", **transformer_config(file.dims)}
        (Path(folder) / "config.json").write_text(json.dumps(config))
        before = time.perf_counter()
        transformer = diffusers.ZImageTransformer2DModel.from_single_file(
            str(path),
            config=folder,
            quantization_config=diffusers.GGUFQuantizationConfig(compute_dtype=torch.float32),
            torch_dtype=torch.float32,
        ).eval()
        loaded = time.perf_counter() - before
        latents = torch.randn(16, 1, size.height // FACTOR, size.width // FACTOR)
        caption = torch.randn(_CAPTION_TOKENS, file.dims.caption_width)
        before = time.perf_counter()
        for index in range(steps):
            transformer([latents], torch.tensor([index / steps]), [caption])
        step = (time.perf_counter() - before) / steps
        peak = peak_bytes()
        del transformer
        vae = reference_vae(vae_file)
        before = time.perf_counter()
        vae.decode(latents[None, :, 0])
        decode = time.perf_counter() - before
    return {
        "diffusers": diffusers.__version__,
        "seconds": {"load transformer": loaded, "step": step, "decode": decode},
        "peak_bytes": peak,
    }


if __name__ == "__main__":
    main()
