"""Texts in columns, counted in cells of the terminal: a Chinese character takes two."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def to_the_right(text: str, width: int) -> str:
    """Return a text at the right edge of exactly `width` cells, cut where it is longer."""
    cells = cell_len(text)
    return " " * (width - cells) + text if cells <= width else set_cell_size(text, width)
