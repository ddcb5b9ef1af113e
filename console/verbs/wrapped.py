"""Sentences on a terminal, broken between words; elsewhere each is one line."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import TextIO


def room_on(stream: TextIO) -> int | None:
    """Return how many columns a terminal has, None for what is none and takes lines as they are."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def print_wrapped(lines: Iterable[str], stream: TextIO, width: int | None) -> None:
    """Print lines of `width` columns at most, those that are indented with all that they have."""
    if width is None:
        print("\n".join(lines), file=stream, flush=True)
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(file=stream, highlight=False, width=width)
    for line in lines:
        text = line.lstrip(" ")
        console.print(Padding(Text(text), (0, 0, 0, len(line) - len(text)), expand=False))
    stream.flush()
