"""What was measured, as a table, and which limits it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from images.building import Built
from images.serving import Served

# Bytes, decimal: a CPU image unpacked, and what may be sent to build one.
LARGEST_CPU: Final = 1_200_000_000
LARGEST_CONTEXT: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that a check found out; `stored` is the CPU image's bytes in a registry."""

    cpu: Built
    gpu: Built
    stored: int
    runs: tuple[Served, ...]


def broken_limits(measured: Measured) -> list[str]:
    """Return a line for each limit that is broken."""
    broken = []
    if measured.cpu.size > LARGEST_CPU:
        broken.append(
            f"the CPU image has {megabytes(measured.cpu.size)}, more than {megabytes(LARGEST_CPU)}"
        )
    broken += [
        f"{megabytes(each.context)} are sent to build {each.what}, more than "
        f"{megabytes(LARGEST_CONTEXT)}: something is missing in .dockerignore"
        for each in (measured.cpu, measured.gpu)
        if each.context > LARGEST_CONTEXT
    ]
    first, *others = measured.runs
    broken += [
        f"the picture {each.how} is another one than {first.how}"
        for each in others
        if each.pixels != first.pixels
    ]
    return broken


def table(measured: Measured) -> str:
    """Return sizes and seconds for people."""
    rows = [
        ("built", "unpacked", "sent to build", "seconds"),
        *[
            (each.what, megabytes(each.size), _sent(each.context), f"{each.seconds:.1f}")
            for each in (measured.cpu, measured.gpu)
        ],
    ]
    layers = [("layers of the CPU image", "unpacked")]
    layers += [(each.made_by, megabytes(each.size)) for each in measured.cpu.layers]
    layers.append(("compressed, in a registry", megabytes(measured.stored)))
    runs: list[tuple[str, ...]] = [("run", "port", "ready", "first picture", "end")]
    runs += [
        (each.how, *_seconds(each.port, each.ready, each.picture, each.end))
        for each in measured.runs
    ]
    return "\n\n".join(_aligned(each) for each in (rows, layers, runs))


def megabytes(size: int) -> str:
    """Return bytes in MB, decimal."""
    return f"{size / 1e6:,.1f} MB"


def _sent(size: int) -> str:
    # A second build is sent what has changed since the first: nothing.
    return megabytes(size) if size >= 100_000 else "the same"


def _seconds(*values: float) -> tuple[str, ...]:
    return tuple(f"{value:.2f} s" for value in values)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *[cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)],
            ]
        )
        for row in rows
    )
