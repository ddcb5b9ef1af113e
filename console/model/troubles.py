"""What went wrong lately: what was said in passing, and why something asked for was not answered.

A line that is said in passing is gone after some seconds; here it stays, up to a bound.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from console.model.freshness import Freshness
from console.model.text import SafeText

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong, at `at` for the last time.

    `source` is a template: what it is about. `again_at` is when it is asked for again, `needs` the
    permission that is missing. `times` counts how often it went wrong in a row, and `over` says
    that it went right since.
    """

    at: datetime
    source: str
    text: SafeText
    error: bool = True
    again_at: datetime | None = None
    needs: str = ""
    times: int = 1
    over: bool = False


class Troubles:
    """The last `MOST` of them."""

    def __init__(self) -> None:
        self._kept: deque[Trouble] = deque(maxlen=MOST)

    @property
    def newest_first(self) -> tuple[Trouble, ...]:
        """All that are kept, the newest first."""
        return tuple(sorted(self._kept, key=lambda each: each.at)[::-1])

    def said(self, text: SafeText, source: str, at: datetime, *, error: bool) -> None:
        """Keep what was said in passing; the same again is counted."""
        self._keep(Trouble(at, source, text, error))

    def look(self, standings: Mapping[str, Freshness], at: datetime) -> None:
        """Keep what went wrong with what is asked for, by the template of its name."""
        for source, known in standings.items():
            present = self._present(source)
            if not known.troubled or known.problem is None:
                if present is not None:
                    self._replace(present, replace(present, again_at=None, over=True))
            elif present is None or present.text != known.problem:
                found = Trouble(at, source, known.problem, True, known.again_at, known.needs)
                if present is not None:
                    self._replace(present, replace(present, again_at=None, over=True))
                self._keep(found)
            elif known.again_at is not None and known.again_at != present.again_at:
                # It was asked for once more, in vain.
                again = replace(present, at=at, again_at=known.again_at, times=present.times + 1)
                self._replace(present, again)

    def _present(self, source: str) -> Trouble | None:
        """Return what is wrong with `source` now."""
        asked = (each for each in reversed(self._kept) if each.source == source)
        last = next(asked, None)
        return None if last is None or last.over else last

    def _keep(self, trouble: Trouble) -> None:
        last = next((each for each in reversed(self._kept) if _same(each, trouble)), None)
        if last is not None:
            self._kept.remove(last)
            trouble = replace(trouble, times=last.times + 1)
        self._kept.append(trouble)

    def _replace(self, before: Trouble, after: Trouble) -> None:
        place = self._kept.index(before)
        self._kept[place] = after


def _same(one: Trouble, other: Trouble) -> bool:
    return (one.source, one.text, one.error) == (other.source, other.text, other.error)
