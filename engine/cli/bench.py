"""`python -m engine bench`: how fast this machine makes pictures, on synthetic weights."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from engine.bench.files import write_model
from engine.bench.sizes import FULL, SMALL
from engine.bench.tensors import QUANTS, transformer_tensors
from engine.cli.generate import read_request
from engine.schema import Size
from engine.settings import InvalidSetting, Settings


def bench(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> int:
    """Write the files that are not there, measure, and print; returns the exit code."""
    settings = Settings.from_sources(flags, environ)
    small = bool(flags.get("small"))
    request = read_request(
        {
            "prompt": "-",
            "size": flags.get("size") or ("64x64" if small else "512x512"),
            "steps": flags.get("steps") or "1",
        }
    )
    sizes, name = (SMALL, "small") if small else (FULL, "full")
    quant = QUANTS.get(flags.get("quant") or "Q4_K")
    if quant is None:
        raise InvalidSetting(f"--quant is {flags.get('quant')!r:.40}: choose Q4_K or Q8_0")
    base = Path(flags.get("directory") or Path(tempfile.gettempdir()) / "zimage-bench")
    directory = base / f"{name}-{quant.name}"
    before = time.perf_counter()
    written = write_model(directory, sizes, quant)
    seconds = time.perf_counter() - before
    print(
        f"files in {directory}: {written / 1e9:.2f} GB written in {seconds:.1f} s", file=sys.stderr
    )

    import torch

    from engine.bench.measure import measure
    from engine.bench.report import document, table

    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    size = request.size or Size(512, 512)
    found = measure(directory, sizes, size, request.steps, settings.linear)
    parameters = sum(tensor.count for tensor in transformer_tensors(sizes, quant))
    if flags.get("json"):
        print(json.dumps(document(found, quant.name, parameters), indent=2))
    else:
        print("\n".join(table(found, quant.name, parameters)))
    return 0
