"""Sentences broken into lines of so many columns, in scripts with and without spaces."""

from __future__ import annotations

from textwrap import wrap

from console.language.lines import lines_of


def broken(text: str, width: int) -> list[str]:
    """Return a text in lines of at most `width` columns, broken between words or wide signs.

    Only a word that is longer than a line is broken itself.
    """
    found = lines_of(" ".join(text.split()), width)
    return wrap(text, width) if found is None else found
