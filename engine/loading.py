"""From a directory or a bucket of model files to a pipeline that makes pictures."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine import libraries
from engine.errors import EngineError
from engine.schema import Phase
from engine.timeline import Timeline
from engine.weights.discover import find_model
from engine.weights.early import begin_reading, reading
from engine.weights.place import Place

if TYPE_CHECKING:
    from engine.pipeline import Pipeline


# Whether there is a GPU is asked before torch is there to say it.
_NVIDIA: Final = Path("/dev/nvidiactl")


class DeviceUnavailable(EngineError):
    """The device that was asked for is not there."""


def load_pipeline(
    models: Place,
    *,
    device: str,
    threads: int | None,
    timeline: Timeline,
    linear: str = "auto",
    one_prompt: bool = False,
) -> Pipeline:
    """Load the model in `models`, telling `timeline` how far it is; imports torch.

    `device` is `auto`, `cpu` or `cuda`; `threads` None leaves their number to torch; `linear` is
    `auto` or a `Strategy`, see `engine.model.plan`; with `one_prompt`, nothing is kept for a second
    one. Raises `engine.errors.ModelError` for files that cannot be used, before torch is imported
    where that shows in their headers, and `DeviceUnavailable`.
    """
    libraries.read_ahead()
    with reading(models):
        files = find_model(models)
        for facts in (files.transformer, files.text_encoder, files.vae):
            if facts.warning:
                logging.getLogger(__name__).warning(facts.warning)
        begin_reading(
            files,
            one_prompt=one_prompt,
            as_stored=linear == "packed",
            on_gpu=device != "cpu" and _NVIDIA.exists(),
        )

        began = time.perf_counter()
        import torch

        imported = time.perf_counter()
        from engine.pipeline import Pipeline

        rest = time.perf_counter() - imported
        words = f"torch in {imported - began:.2f} s, the rest in {rest:.2f} s"
        timeline.reached(Phase.IMPORTS_DONE, message=words)
        if threads is not None:
            torch.set_num_threads(threads)
        pipeline = Pipeline.load(
            files,
            device=choose_device(device, cuda=torch.cuda.is_available()),
            on_file=timeline.file_read,
            on_progress=timeline.progress,
            linear=linear,
            one_prompt=one_prompt,
        )
    kept, converting = _kept(pipeline.strategies), pipeline.converting
    timeline.reached(Phase.ON_DEVICE, message=kept, seconds=converting)
    return pipeline


def _kept(strategies: Mapping[str, str]) -> str:
    return ", ".join(f"{part.replace('_', ' ')} {how}" for part, how in strategies.items())


def choose_device(device: str, *, cuda: bool) -> str:
    """Return `cpu` or `cuda` for `auto`, `cpu` or `cuda`, given whether there is a GPU.

    Raises `DeviceUnavailable`.
    """
    if device == "cuda" and not cuda:
        raise DeviceUnavailable(
            "device cuda is not available: torch sees no NVIDIA GPU here; use --device cpu"
        )
    if device == "auto":
        return "cuda" if cuda else "cpu"
    return device
