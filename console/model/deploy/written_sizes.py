"""Numbers of a deployment as somebody writes them; each reader raises `ValueError` in one line."""

from __future__ import annotations

from typing import Final

from console.language import tr

LARGEST_NUMBER: Final = 3_600
_MOST_CPUS: Final = 64
_MOST_GIB: Final = 1_000


def read_count(text: str) -> int:
    """Read how many of something, or how many seconds."""
    if not (text.isascii() and text.isdigit() and int(text[:7]) <= LARGEST_NUMBER):
        raise ValueError(
            tr(
                "{text!r} is no number from 0 to {largest_number}",
                text=text[:20],
                largest_number=LARGEST_NUMBER,
            )
        )
    return int(text)


def read_cpus(text: str) -> str:
    """Read how many processors an instance has."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= _MOST_CPUS):
        raise ValueError(tr("{text!r} is no number of processors, such as 8", text=text[:20]))
    return text


def read_memory(text: str) -> str:
    """Read the memory of an instance, and return it as `16Gi`."""
    number = text.removesuffix("B").removesuffix("Gi")
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:5]) <= _MOST_GIB):
        raise ValueError(tr("{text!r} is no memory in GiB, such as 32Gi", text=text[:20]))
    return f"{int(number)}Gi"
