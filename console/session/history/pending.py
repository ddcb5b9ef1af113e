"""What is still to be written into the history."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from console.model.cost.compute_cost import Shape
from console.model.cost.estimate import Window
from console.model.cost.life_records import InstanceRecord
from console.model.starts.start import ColdStart
from console.model.text import SafeText
from console.session.history.coverage import joined
from console.session.history.database import History
from console.session.history.kept import Kept
from console.session.history.rows import StartKey


@dataclass(slots=True)
class Pending:
    """Facts that wait to be written together; `starts_told` says that lines told of a start.

    `starts` are those that this session saw, `read` those that it read of in the log afterwards.
    """

    starts_told: bool = False
    starts: dict[StartKey, ColdStart] = field(default_factory=dict)
    read: dict[StartKey, ColdStart] = field(default_factory=dict)
    lives: dict[SafeText, InstanceRecord] = field(default_factory=dict)
    shapes: dict[SafeText, Shape] = field(default_factory=dict)
    covered: list[Window] = field(default_factory=list)

    def write(self, history: History, context: str, ours: Set[StartKey] = frozenset()) -> Kept:
        """Write it, and return what is known of the starts now; raises `HistoryUnavailable`.

        `ours` are starts of which this session saw all that is known; those that are believed of
        what is returned are so from now on. What is covered comes last: what is not written before
        is read from the log again.
        """
        read = told = Kept()
        if self.lives:
            history.keep_lives(context, self.lives.values())
        if self.read:
            read = history.keep_starts(context, self.read.values())
        ours = ours - read.believed
        if self.starts:
            told = history.keep_starts(context, self.starts.values(), ours)
        for revision, shape in self.shapes.items():
            history.keep_shape(context, revision, shape)
        for each in self.covered:
            history.cover(context, each.start, each.end)
        kept = Kept.all_of((read, told))
        return Kept(kept.starts, frozenset(ours | told.believed), kept.gone)

    def followed_by(self, later: Pending) -> Pending:
        """Return all that is in this one and in a later one."""
        return Pending(
            self.starts_told or later.starts_told,
            {**self.starts, **later.starts},
            {**self.read, **later.read},
            {**self.lives, **later.lives},
            {**self.shapes, **later.shapes},
            list(joined((*self.covered, *later.covered))),
        )
