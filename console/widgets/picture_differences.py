"""What two pictures differ in, in words: what they were made from, and how long that took."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final

from textual.content import Content

from console.language import tr
from console.model.images import MadePicture
from console.widgets.prompt import one_line

_LONGEST: Final = 40
"""Cells for what was written in one prompt and not in the other."""


def differences(one: MadePicture, other: MadePicture) -> list[str]:
    """Return what differs, each as `seed 1 → 2`, and seconds if those of both are known."""
    found = []
    if one.prompt != other.prompt:
        found.append(tr("prompt {change}", change=_change(one.prompt, other.prompt)))
    if one.size != other.size:
        found.append(tr("size {one} → {other}", one=one.size, other=other.size))
    if one.steps != other.steps:
        found.append(tr("steps {one} → {other}", one=one.steps, other=other.steps))
    if one.seed != other.seed:
        found.append(tr("seed {one} → {other}", one=one.seed, other=other.seed))
    if not found:
        found.append(tr("made from the same"))
    if one.seconds is not None and other.seconds is not None:
        found.append(tr("{one:.1f} s → {other:.1f} s", one=one.seconds, other=other.seconds))
    return found


def _change(before: str, after: str) -> str:
    """Return the words that went and the words that came, as `−red +dark blue`."""
    old, new = one_line(before).split(), one_line(after).split()
    said = []
    for kind, first, end, begin, finish in SequenceMatcher(None, old, new, False).get_opcodes():
        if kind != "equal":
            said += [f"−{' '.join(old[first:end])}"] if end > first else []
            said += [f"+{' '.join(new[begin:finish])}"] if finish > begin else []
    return Content(" ".join(said)).truncate(_LONGEST, ellipsis=True).plain
