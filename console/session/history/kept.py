"""What is known of starts after some were told to the history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from console.model.starts.start import ColdStart
from console.session.history.rows import StartKey, key_of


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known now of the starts that were told.

    `believed` are those of which what was told is all that is known; `gone` are those that are not
    kept, since they are the same starts under another moment, of which less was known.
    """

    starts: tuple[ColdStart, ...] = ()
    believed: frozenset[StartKey] = frozenset()
    gone: frozenset[StartKey] = frozenset()

    @classmethod
    def all_of(cls, told: Iterable[Kept]) -> Kept:
        """Return what is known after one after the other was told."""
        starts: dict[StartKey, ColdStart] = {}
        believed: set[StartKey] = set()
        gone: set[StartKey] = set()
        for each in told:
            for key in each.gone:
                starts.pop(key, None)
            starts.update((key_of(start), start) for start in each.starts)
            gone |= each.gone
            believed = (believed - each.gone) | each.believed
        return cls(tuple(starts.values()), frozenset(believed), frozenset(gone - starts.keys()))
