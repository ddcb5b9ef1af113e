"""A comparison as a table for people and as a document for programs."""

from __future__ import annotations

import math

from engine.bench.peers.compare import OURS, Comparison

SCHEMA_VERSION = 1


def document(found: Comparison) -> dict[str, object]:
    """Return the comparison as plain JSON values: seconds, bytes, ours divided by theirs, dB.

    Pictures that are equal have no number of dB.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "programs": {
            name: {
                "turns": [
                    {"seconds": turn.seconds, "peak_bytes": turn.peak_bytes, **turn.details}
                    for turn in turns
                ],
                "median_seconds": {p: _rounded(found.seconds(name, p)) for p in found.phases},
                "peak_bytes": found.peak_bytes(name),
            }
            for name, turns in found.turns.items()
        },
        "ratios": {
            name: {p: _rounded(found.ratio(name, p)) for p in found.phases}
            | {"peak_bytes": round(found.peak_bytes(OURS) / found.peak_bytes(name), 3)}
            for name in found.turns
            if name != OURS
        },
        "agreement_psnr": {
            name: None if math.isinf(value) else round(value, 2)
            for name, value in found.agreement.items()
        },
    }


def table(found: Comparison) -> list[str]:
    """Return the lines to print: a column of seconds for us, two for each other program."""
    others = [name for name in found.turns if name != OURS]
    lines = [f"{'':20} {OURS:>10}" + "".join(f" {name:>22} {'ratio':>6}" for name in others)]
    for phase in found.phases:
        line = f"{phase + ', s':20} {_shown(found.seconds(OURS, phase), 10)}"
        for name in others:
            line += f" {_shown(found.seconds(name, phase), 22)}"
            line += f" {_shown(found.ratio(name, phase), 6)}"
        lines.append(line)
    peaks = {name: found.peak_bytes(name) / 2**30 for name in found.turns}
    line = f"{'peak, GiB':20} {_shown(peaks[OURS], 10)}"
    for name in others:
        line += f" {_shown(peaks[name], 22)} {_shown(peaks[OURS] / peaks[name], 6)}"
    lines += [line, "", "ratio: ours divided by theirs, of the medians of all turns"]
    for name, value in found.agreement.items():
        lines.append(f"our picture and that of {name}: {value:.1f} dB PSNR")
    return lines


def _shown(value: float | None, width: int) -> str:
    return f"{'–' if value is None else f'{value:.2f}':>{width}}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
