"""`python -m engine convert`: a transformer whose weights are rounded beforehand."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from engine.cli.ending import ended_by_signal
from engine.errors import UnsupportedModel
from engine.settings import InvalidSetting, Settings
from engine.weights.discover import find_model, open_part
from engine.weights.early import reading
from engine.weights.place import place_of
from engine.weights.transformer_layout import TransformerFile

SCHEMA_VERSION = 1


def convert(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> int:
    """Write the file and say what it is; returns 0."""
    output = flags.get("output")
    wanted = flags.get("cpu") or "this"
    if not output or wanted not in ("this", "any"):
        raise InvalidSetting("--cpu is this or any: any takes integers every CPU is exact with")
    settings = Settings.from_sources(flags, environ)
    models = place_of(settings.models_directory(), environ)
    began = time.perf_counter()
    with ended_by_signal(), reading(models):
        file = open_part(find_model(models).transformer.path)
        assert isinstance(file, TransformerFile)
        limit = _limit(wanted)
        from engine.convert import prepare

        size = prepare(file, Path(output), limit, _Progress())
    document = {
        "schema_version": SCHEMA_VERSION,
        "file": output,
        "bytes": size,
        "original": str(file.header.path),
        "original_bytes": file.header.size,
        "limit": limit,
        "seconds": round(time.perf_counter() - began, 3),
    }
    if flags.get("json"):
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print(
            f"{output}: {size:,} bytes, integers up to {limit}, in {document['seconds']:.1f} s; "
            f"put it in the place of {file.header.path.name}"
        )
    return 0


def _limit(wanted: str) -> int:
    from engine.model.linear.byte_products import REDUCED_RANGE, quickest_product

    limit = quickest_product()[1]
    if limit == 0:
        raise UnsupportedModel(
            "8-bit weights need a CPU with AVX2 and torch's oneDNN; prepare the file on such a one"
        )
    return REDUCED_RANGE if wanted == "any" else limit


class _Progress:
    """Tells each tenth on standard error."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, done: int, total: int) -> None:
        tenth = 10 * done // max(1, total)
        if tenth > self._told:
            self._told = tenth
            print(f"engine: {tenth * 10} %", file=sys.stderr, flush=True)
