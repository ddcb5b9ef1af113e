"""Stock diffusers: its transformer and its VAE, as its documents say.

On a CPU that is the quantised transformer in float32; on a GPU bfloat16, and the transformer also
dense, of the same file's numbers. Run as a program it prints one JSON document, so that its memory
is its own. Its text encoder is left out: transformers unpacks the whole of it when it loads.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.bench.gpu.figures import Stock, StockFigures
from engine.bench.peers.turn import Task, Turn, run_module, threads_flag
from engine.schema import Size

if TYPE_CHECKING:
    import torch

    from engine.bench.gpu.device import Device

GGUF, DENSE = "gguf", "dense"

_CAPTION_TOKENS: Final = 32


def run(task: Task, picture: Path) -> Turn:
    """Run the steps and the decoder on the CPU, in a process of its own; raises `TurnFailed`.

    No picture is kept, because none is made: the prompt's embedding is random.
    """
    found = run_on("cpu", task, GGUF, (task.size,), turns=1)
    (figures,) = found.pictures
    seconds = {"load transformer": found.load, "step": figures.step, "decode": figures.decode}
    return Turn(seconds, figures.peak_bytes, {"diffusers": found.version})


def run_on(kind: str, task: Task, kept: str, sizes: tuple[Size, ...], turns: int) -> Stock:
    """Run steps and decoders of all sizes on a kind of device, in a process of its own.

    `kept` is `GGUF` or `DENSE`. Raises `TurnFailed`.
    """
    found = run_module(
        "engine.bench.peers.stock",
        *("--directory", str(task.directory), "--quant", task.quant, "--kept", kept),
        *("--device", kind, "--sizes", ",".join(map(str, sizes)), "--turns", str(turns)),
        *("--steps", str(task.steps), *threads_flag(task)),
    )
    return read(kept, found)


def read(kept: str, found: dict[str, Any]) -> Stock:
    """Return what the program's document says."""
    pictures = tuple(
        StockFigures(Size.parse(each["size"]), each["step"], each["decode"], each["peak_bytes"])
        for each in found["pictures"]
    )
    return Stock(kept, found["diffusers"], found["load"], pictures)


def main() -> None:
    """Measure as the command line says and print the document."""
    parser = argparse.ArgumentParser()
    for name in ("directory", "quant", "kept", "device", "sizes", "steps", "turns", "threads"):
        parser.add_argument(f"--{name}")
    given = parser.parse_args()
    print(json.dumps(_measure(given)))


def _measure(given: argparse.Namespace) -> dict[str, object]:
    import diffusers
    import torch

    from engine.bench.gpu.device import find_device
    from engine.model.loading import compute_dtype
    from engine.reference import reference_vae
    from engine.weights.discover import open_part
    from engine.weights.vae_layout import VaeFile

    if given.threads is not None:
        torch.set_num_threads(int(given.threads))
    directory, device = Path(given.directory), find_device(given.device)
    dtype = compute_dtype(torch.device(device.kind))
    sizes = [Size.parse(each) for each in given.sizes.split(",")]
    vae_file = open_part(directory / "vae.safetensors")
    assert isinstance(vae_file, VaeFile)
    with torch.inference_mode():
        before = time.perf_counter()
        path = directory / f"transformer-{given.quant}.gguf"
        transformer = _transformer(path, given.kept, dtype).to(device.kind)
        device.synchronise()
        loaded = time.perf_counter() - before
        steps = [_step(device, transformer, dtype, size, given) for size in sizes]
        del transformer
        device.release()
        vae = reference_vae(vae_file).to(device.kind, dtype)
        decoded = [_decode(device, vae, dtype, size, int(given.turns)) for size in sizes]
    return {
        "diffusers": diffusers.__version__,
        "load": loaded,
        "pictures": [
            {"size": str(size), "step": step, "decode": decode, "peak_bytes": peak}
            for size, (step, peak), decode in zip(sizes, steps, decoded, strict=True)
        ],
    }


def _transformer(path: Path, kept: str, dtype: torch.dtype) -> Any:
    """Return diffusers' transformer with the weights of a file kept as they are, or dense."""
    import diffusers

    from engine.reference import reference_transformer, transformer_config
    from engine.weights.discover import open_part
    from engine.weights.transformer_layout import TransformerFile

    file = open_part(path)
    assert isinstance(file, TransformerFile)
    if kept == DENSE:
        return reference_transformer(file, dtype)
    with tempfile.TemporaryDirectory() as folder:
        config = {"_class_name": "ZImageTransformer2DModel", **transformer_config(file.dims)}
        (Path(folder) / "config.json").write_text(json.dumps(config))
        return diffusers.ZImageTransformer2DModel.from_single_file(
            str(path),
            config=folder,
            quantization_config=diffusers.GGUFQuantizationConfig(compute_dtype=dtype),
            torch_dtype=dtype,
        ).eval()


def _step(
    device: Device, transformer: Any, dtype: torch.dtype, size: Size, given: argparse.Namespace
) -> tuple[float, int]:
    """Return the seconds of a step, and the most memory that was taken."""
    import torch

    steps = int(given.steps)
    latents = _latents(device, dtype, size)
    caption = torch.randn(_CAPTION_TOKENS, transformer.config.cap_feat_dim, dtype=dtype)
    caption = caption.to(device.kind)

    def work() -> None:
        for index in range(steps):
            transformer([latents], torch.tensor([index / steps], device=device.kind), [caption])

    device.forget_peak()
    return _seconds(device, work, int(given.turns)) / steps, device.peak_bytes()


def _decode(device: Device, vae: Any, dtype: torch.dtype, size: Size, turns: int) -> float:
    latents = _latents(device, dtype, size)[None, :, 0]
    return _seconds(device, lambda: vae.decode(latents), turns)


def _latents(device: Device, dtype: torch.dtype, size: Size) -> torch.Tensor:
    import torch

    from engine.weights.vae_layout import FACTOR

    sides = size.height // FACTOR, size.width // FACTOR
    return torch.randn(16, 1, *sides, dtype=dtype).to(device.kind)


def _seconds(device: Device, work: Callable[[], object], turns: int) -> float:
    """Return the median of some turns, after one to warm up where that is a GPU."""
    if device.kind != "cpu":
        work()
    found = []
    for _ in range(turns):
        device.synchronise()
        before = time.perf_counter()
        work()
        device.synchronise()
        found.append(time.perf_counter() - before)
    return statistics.median(found)


if __name__ == "__main__":
    main()
