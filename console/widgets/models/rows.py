"""Rows that everything about model files is said in."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from console.language.lines import breaks
from console.model.models.parts import ModelPart
from console.widgets.costs.amounts import left

ABSENT: Final = "–"
LABEL: Final = 10


def part_words(part: ModelPart | None) -> str:
    """Return what a part is called, `–` for a file that is none."""
    return ABSENT if part is None else part.words


def labelled(label: str, text: str | Content, width: int, room: int = LABEL) -> list[Content]:
    """Return rows of which the first begins with `label`, in `room` cells."""
    first, *rest = wrapped(text, width - room)
    head = Content.assemble(left(label, room, "$text-muted"), first)
    return [head, *(Content.assemble(" " * room, each) for each in rest)]


def wrapped(text: str | Content, width: int, style: str = "") -> list[Content]:
    """Return text in rows of `width` cells; a `str` is never parsed."""
    content = Content.styled(text, style) if isinstance(text, str) else text
    rows: list[Content] = []
    for line in content.split("\n", allow_blank=True):
        found = breaks(line.plain, max(width, 10))
        if found is None:
            rows += line.wrap(max(width, 10))
        else:
            rows += [each.rstrip() for each in line.divide(found)]
    return rows or [Content("")]
