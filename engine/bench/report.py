"""A measurement as a table for people and as a document for programs."""

from __future__ import annotations

from engine.bench.measure import Measurement

SCHEMA_VERSION = 1


def document(found: Measurement, quant: str, parameters: int) -> dict[str, object]:
    """Return the measurement as plain JSON values; seconds, bytes, operations per second."""
    return {
        "schema_version": SCHEMA_VERSION,
        "processor": found.machine.processor,
        "instructions": found.machine.instructions,
        "threads": found.machine.threads,
        "torch": found.machine.torch,
        "quant": quant,
        "parameters": parameters,
        "size": str(found.size),
        "strategies": found.strategies,
        "phases": [
            {"name": p.name, "seconds": round(p.seconds, 3), "peak_bytes": p.peak_bytes}
            for p in found.phases
        ],
        "operations_per_step": {"linear": found.work.linear, "attention": found.work.attention},
        "seconds_per_step": round(found.step_seconds, 3),
        "rate": round(found.rate),
        "ceilings": {
            "float32": round(found.ceilings.float32),
            "int8": round(found.ceilings.int8),
        },
        "share_of_ceiling": round(found.share, 3),
    }


def table(found: Measurement, quant: str, parameters: int) -> list[str]:
    """Return the lines to print."""
    kept = ", ".join(f"{part.replace('_', ' ')} {how}" for part, how in found.strategies.items())
    machine = found.machine
    lines = [
        f"{machine.processor}; {machine.threads} threads, {machine.instructions}, "
        f"torch {machine.torch}",
        f"{parameters / 1e9:.2f} G parameters in {quant}, {found.size}; kept: {kept}",
        "",
        "PHASE      SECONDS  PEAK GiB",
    ]
    lines += [
        f"{phase.name:9} {phase.seconds:8.2f}  {phase.peak_bytes / 2**30:8.2f}"
        for phase in found.phases
    ]
    operations = found.work.linear + found.work.attention
    lines += [
        "",
        f"one step: {operations / 1e12:.2f} T operations, of which linear layers "
        f"{found.work.linear / 1e12:.2f} at {found.rate / 1e9:.0f} G/s",
        f"matrix products alone: float32 {found.ceilings.float32 / 1e9:.0f} G/s, "
        f"int8 {found.ceilings.int8 / 1e9:.0f} G/s",
        f"share of the limit reached: {found.share:.0%}",
    ]
    return lines
