"""Sentences on a terminal, broken between words; elsewhere each is one line."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.cells import cell_len

from console.language.lines import lines_of


def room_on(stream: TextIO) -> int | None:
    """Return how many columns a terminal has, None for what is none and takes lines as they are."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def hung_lines(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    """Yield a text in lines of `width` columns, that begin with `first` and then with `rest`.

    What is longer than a line, such as a command, is left whole.
    """
    found = lines_of(text, width - cell_len(rest))
    if found is None:
        yield from textwrap.wrap(
            text,
            width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return
    for number, line in enumerate(found):
        yield f"{rest if number else first}{line}"


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
        indent = len(line) - len(text)
        broken = lines_of(text, width - indent)
        said = text if broken is None else "\n".join(broken)
        console.print(Padding(Text(said), (0, 0, 0, indent), expand=False))
    stream.flush()
