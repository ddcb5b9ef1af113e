"""The lives of instances as the database and the lines of this session tell them, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from console.model.cost.instance_lives import Life
from console.model.cost.life_records import InstanceRecord, LifeRecords
from console.model.log.lines import LogRecord, Origin
from console.model.text import SafeText

_OFTEN_ENOUGH: Final = timedelta(seconds=5)
"""How well it is known that an instance still writes: it makes no difference to what it costs."""

_YEARS: Final = range(1970, 9000)
"""Times of other years cannot be reckoned with, and are nonsense."""


class Lives:
    """Takes in lines one by one; what the database knows is joined with what they tell."""

    def __init__(self) -> None:
        self._records = LifeRecords()
        self._kept: dict[SafeText, InstanceRecord] = {}
        self._known: dict[SafeText, tuple[SafeText, Life]] = {}
        self._heard: dict[SafeText, datetime] = {}
        self._put: dict[SafeText, InstanceRecord] = {}
        self._by_revision: Mapping[SafeText, tuple[Life, ...]] | None = None

    def note(self, record: LogRecord) -> bool:
        """Take in a line, and say whether it told anything of its instance."""
        name = record.provenance.instance
        if not name or record.time.year not in _YEARS:
            return False
        if record.provenance.origin is Origin.APPLICATION and not record.event:
            # Thousands of lines a second come by here.
            heard = self._heard.get(name)
            if heard is not None and abs(record.time - heard) < _OFTEN_ENOUGH:
                return False
            self._heard[name] = record.time
        self._records.note(record)
        return True

    def put(self, record: InstanceRecord) -> None:
        """Take in an instance that no lines tell of."""
        self._put[record.instance] = record

    def recall(self, kept: Iterable[InstanceRecord]) -> None:
        """Take in what the database knows."""
        for each in kept:
            self._kept[each.instance] = each
            if each.instance not in self._known:
                self._know(each)

    def take_changed(self) -> tuple[InstanceRecord, ...]:
        """Return what was told since this was called last, without what was known before."""
        changed = (*self._records.take_changed(), *self._put.values())
        self._put.clear()
        for each in changed:
            kept = self._kept.get(each.instance)
            self._know(each if kept is None else kept.joined(each))
        return changed

    @property
    def by_revision(self) -> Mapping[SafeText, tuple[Life, ...]]:
        """The lives of each revision, oldest first, as far as they were taken."""
        if self._by_revision is None:
            result: dict[SafeText, list[Life]] = {}
            for revision, life in sorted(self._known.values(), key=lambda each: each[1].start):
                result.setdefault(revision, []).append(life)
            self._by_revision = {revision: tuple(each) for revision, each in result.items()}
        return self._by_revision

    def _know(self, record: InstanceRecord) -> None:
        self._known[record.instance] = (record.signs.revision, record.life)
        self._by_revision = None
