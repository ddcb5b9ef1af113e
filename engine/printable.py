"""Text from outside (names, paths, messages of libraries), made safe to show."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return `text` with everything that a terminal could take for a command replaced."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def printable_line(text: str) -> str:
    """Return `text` on one line, whatever line breaks it has, and safe as by `printable`."""
    return printable(" ".join(text.split()))
