"""`python -m engine inspect`: what each file of a directory or a bucket is; reads headers only.

torch is imported for `--plan` alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import ModelError, one_line
from engine.printable import printable
from engine.schema import SCHEMA_VERSION
from engine.settings import read_models
from engine.weights.discover import FileFacts, find_model, inspect_directory
from engine.weights.early import reading
from engine.weights.place import Place, place_of

_HEADINGS = ("FILE", "PART", "FORMAT", "LAYOUT", "SIZE", "PARAMETERS", "TYPES")


def inspect(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> int:
    """Print the table or the document; returns 0 if the directory holds a whole model, else 1."""
    models = read_models(flags.get("directory") or ".")
    directory = place_of(models, environ)
    with reading(directory):
        files = inspect_directory(directory)
        problem = _problem(directory)
        plan = _plan(directory) if flags.get("plan") and not problem else None
    if flags.get("json"):
        document = {
            "schema_version": SCHEMA_VERSION,
            "directory": str(directory),
            "complete": not problem,
            "problem": problem,
            "files": [file.to_json() for file in files],
            **({"plan": plan} if plan else {}),
        }
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_report(directory, files, problem)))
        if plan:
            print(_in_words(plan))
    return 1 if problem else 0


def _problem(directory: Place) -> str:
    try:
        find_model(directory)
    except ModelError as error:
        return one_line(error)
    return ""


def _plan(directory: Place) -> dict[str, Any]:
    """Return how the weights would be kept here and now, as plain JSON values."""
    import torch

    from engine.model.linear.byte_products import instructions
    from engine.model.loading import outlook

    device = "cuda" if torch.cuda.is_available() else "cpu"
    expected = outlook(find_model(directory), device)
    return {
        "device": device,
        "instructions": instructions(),
        "strategies": {str(part): str(how) for part, how in expected.strategies.items()},
        "bytes": expected.bytes,
    }


def _in_words(plan: Mapping[str, Any]) -> str:
    kept = ", ".join(f"{part.replace('_', ' ')} {how}" for part, how in plan["strategies"].items())
    memory = _scaled(plan["bytes"], "B")
    return f"Here, on {plan['device']} ({plan['instructions']}): {kept}; weights take {memory}."


def _report(directory: Place, files: Sequence[FileFacts], problem: str) -> list[str]:
    rows = [_row(directory, file) for file in files]
    lines = _table([_HEADINGS, *rows]) if files else []
    reasons = {_named(directory, file): None for file in files if file.problem}
    reasons |= {f"Warning: {printable(file.warning)}": None for file in files if file.warning}
    reasons[printable(problem) if problem else "The model is complete."] = None
    return [*lines, "", *reasons]


def _named(directory: Place, file: FileFacts) -> str:
    """Return what is wrong with a file; most reasons name the file themselves."""
    name, problem = _name(directory, file), printable(file.problem)
    return problem if problem.startswith(name) else f"{name}: {problem}"


def _name(directory: Place, file: FileFacts) -> str:
    return printable(str(file.path).removeprefix(f"{directory}/"))


def _row(directory: Place, file: FileFacts) -> tuple[str, ...]:
    shards = f" ({len(file.files)} files)" if len(file.files) > 1 else ""
    types = ", ".join(f"{name} × {count}" for name, count in file.types.items())
    return (
        _name(directory, file) + shards,
        str(file.part) if file.part else "–",
        file.format,
        printable(file.layout) or "–",
        _scaled(file.bytes, "B"),
        _scaled(file.parameters, "") if file.parameters else "–",
        printable(types) or "–",
    )


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _scaled(value: float, unit: str) -> str:
    for prefix in ("", "k", "M"):
        if value < 1_000:
            return f"{value:.3g} {prefix}{unit}".strip()
        value /= 1_000
    return f"{value:.3g} G{unit}"
