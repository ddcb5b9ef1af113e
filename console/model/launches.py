"""What the log tells of the newest instance of each revision: the moments of its start."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from console.model.log.lines import LogRecord, Origin
from console.model.starts.platform_words import PROBE_PASSED, STARTING
from console.model.text import SafeText

LAST_WORDS: Final = 40
"""How many lines of the newest instance are kept of each revision."""

_NOTHING: Final = SafeText("")
_KNOWN: Final = 8


@dataclass(slots=True)
class Launch:
    """What the log tells of the newest instance of a revision."""

    instance: SafeText = _NOTHING
    began: datetime | None = None
    first_words: datetime | None = None
    probed: datetime | None = None
    lines: deque[LogRecord] = field(default_factory=lambda: deque(maxlen=LAST_WORDS))

    @property
    def moments(self) -> tuple[object, ...]:
        """The instance and the moments of its start."""
        return self.instance, self.began, self.first_words, self.probed


class Launches:
    """The newest instances of the latest revisions that lines told of."""

    def __init__(self) -> None:
        self._known: dict[SafeText, Launch] = {}

    def note(self, record: LogRecord) -> bool:
        """Take in a line, and say whether it told of a moment of a start."""
        revision = record.provenance.revision
        if not revision:
            return False
        known = self._known.get(revision)
        started = known is not None and known.first_words is not None
        if known is not None and started and record.provenance.origin is not Origin.PLATFORM:
            # Thousands of lines a second come by here.
            known.lines.append(record)
            return False
        before = self._known.pop(revision, None) or Launch()
        moments = before.moments
        after = self._known[revision] = self._after(before, record)
        if len(self._known) > _KNOWN:
            del self._known[next(iter(self._known))]
        return after.moments != moments

    def of(self, revision: SafeText | None) -> Launch | None:
        """Return what is known of a revision."""
        return None if revision is None else self._known.get(revision)

    def _after(self, launch: Launch, record: LogRecord) -> Launch:
        instance, origin = record.provenance.instance, record.provenance.origin
        platform = origin is Origin.PLATFORM
        if instance and instance != launch.instance:
            if platform and STARTING.match(record.message):
                launch = Launch(instance, began=record.time)
            elif not launch.instance:
                launch.instance = instance
        if platform and PROBE_PASSED.match(record.message) and launch.probed is None:
            launch.probed = record.time
        if origin is Origin.APPLICATION and launch.first_words is None:
            launch.first_words = record.time
        launch.lines.append(record)
        return launch
