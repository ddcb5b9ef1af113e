"""Keeps what a session hears of starts and lives: on disk, and as what the screens know of them.

Lines are taken in at once, and whatever they tell is written about once a second, in a thread. A
disk that refuses takes nothing from the screens: what is told is shown all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from console.model.contexts import LOCAL
from console.model.cost.compute_cost import Shape
from console.model.cost.estimate import Window
from console.model.cost.instance_lives import Life
from console.model.cost.life_records import InstanceRecord
from console.model.freshness import LOADING, Freshness, Standing
from console.model.log.lines import LogRecord
from console.model.service import ServiceState
from console.model.starts.reconstruction import StartBook
from console.model.starts.snapshot import Setting, StartsSnapshot
from console.model.starts.start import ColdStart
from console.model.text import SafeText
from console.session.history import coverage
from console.session.history.database import History
from console.session.history.disk import Disk
from console.session.history.known_lives import Listener
from console.session.history.lives import Lives
from console.session.history.pending import Pending
from console.session.history.rows import StartKey, key_of
from console.session.history.shown import ShownStarts
from console.store import Store, Topic

WRITE_SECONDS: Final = 1.0
"""How long what is told waits to be written together with what comes next."""

SHOWN: Final = 200
"""How many starts are shown whole to begin with, and how many more at each wish."""

_RESUMED: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How well starts and lives are known; it is told together with those that it speaks of."""

    fresh: Freshness = LOADING
    problem: SafeText | None = None
    covered: tuple[Window, ...] = ()
    until: datetime | None = None


class HistoryKeeper:
    """Keeps the starts and lives of `context` in the history at `path`, in memory without one.

    It writes what is known of starts into `store`; `trouble` hears in one line what is wrong with
    the history, once. `clock` gives the time of day. It is a `KnownLives` for whoever reckons
    costs.
    """

    def __init__(
        self,
        store: Store,
        context: str,
        clock: Callable[[], datetime],
        trouble: Callable[[str], None],
        path: Path | None = None,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        self._store = store
        self._context = context
        self._clock = clock
        self._write_seconds = write_seconds
        self._disk = Disk(path, context, clock, trouble)
        self._book = StartBook()
        self._seen: dict[StartKey, ColdStart] = {}
        self._lives = Lives()
        self._shapes: dict[SafeText, Shape] = {}
        self._standing = self._told = _Standing()
        self._shown = ShownStarts(SHOWN)
        self._pending = Pending()
        self._here: ColdStart | None = None
        self._setting = Setting()
        self._listeners: list[Listener] = []
        self._wake = asyncio.Event()
        self.loaded = asyncio.Event()

    def note(self, record: LogRecord) -> None:
        """Take in a line of the log."""
        told = self._book.note(record)
        lives = self._lives.note(record)
        if told or lives:
            self._pending.starts_told |= told
            self._wake.set()

    def note_life(self, record: LogRecord) -> None:
        """Take in a line for the life alone of the instance that it is of."""
        if self._lives.note(record):
            self._wake.set()

    def keep_life(self, record: InstanceRecord) -> None:
        """Take in an instance that no line of a log tells of."""
        self._lives.put(record)
        self._wake.set()

    def keep(self, start: ColdStart) -> None:
        """Take in a start that was seen, and that no line of a log tells of."""
        self._pending.starts[key_of(start)] = start
        self._wake.set()

    def keep_read(self, starts: Iterable[ColdStart]) -> None:
        """Take in starts that were read of in the log afterwards."""
        self._pending.read.update({key_of(each): each for each in starts})
        self._wake.set()

    def goes_on(self, start: ColdStart | None) -> None:
        """Take note of the start that goes on, where no line tells of it."""
        if start != self._here:
            self._here = start
            self._wake.set()

    def keep_shape(self, revision: SafeText, shape: Shape) -> None:
        """Take note of what instances of a revision get."""
        if self._shapes.get(revision) != shape:
            self._shapes[revision] = shape
            self._pending.shapes[revision] = shape
            self._wake.set()

    def cover(self, start: datetime, end: datetime) -> None:
        """Take note that every line was taken in that the log received from `start` to `end`."""
        if end > start:
            self._pending.covered.append(Window(start, end))
            covered = coverage.joined((*self.covered, Window(start, end)))
            self._stand(covered=covered)

    def live_until(self, moment: datetime) -> None:
        """Take note that what is covered until `moment` is all that there is by now."""
        self._stand(until=max(self._standing.until or moment, moment))

    def stand(self, fresh: Freshness, problem: SafeText | None = None) -> None:
        """Take note of how well the starts are known, and of what is not read."""
        self._stand(fresh=fresh, problem=problem)

    def set_up(self, setting: Setting) -> None:
        """Take note of what of the deployment matters for its starts."""
        if setting != self._setting:
            self._setting = setting
            self._wake.set()

    @property
    def covered(self) -> tuple[Window, ...]:
        """The stretches of time of which every line was taken in, in this session or before."""
        return self._standing.covered

    @property
    def lives(self) -> Mapping[SafeText, tuple[Life, ...]]:
        """The lives of each revision since the first of last month, oldest first."""
        return self._lives.by_revision

    @property
    def known_since(self) -> datetime | None:
        """From when on every line that tells of lives was read, until now; None: not known yet."""
        told = self._told
        return None if told.until is None else coverage.known_since(told.covered, told.until)

    @property
    def shapes(self) -> Mapping[SafeText, Shape]:
        """The shape of each revision that was ever seen, by the revision's name."""
        return self._shapes

    def unfinished(self, before: datetime) -> datetime | None:
        """Return when the first start began, shortly `before`, that is not known to its end."""
        return self._shown.unfinished(before, _RESUMED)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after lives, shapes or what is covered changed; returns what ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    async def run(self) -> None:
        """Load what was kept, and keep what comes, until cancelled; then `close` it."""
        self._store.subscribe(self._service_changed)
        await self._disk.open()
        await self._load()
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._take()
            await asyncio.sleep(self._write_seconds)

    async def more(self) -> bool:
        """Show older starts, as many again; says whether there were any."""
        oldest = self._shown.oldest
        if oldest is None:
            return False
        older = await self._disk.ask(
            lambda history, context: history.starts(context, before=oldest, limit=SHOWN)
        )
        older = older or ()
        self._shown.limit += len(older)
        self._shown.put(older)
        self._publish()
        return bool(older)

    def close(self) -> None:
        """Write what is left, if it can be written; nothing is kept any more."""
        self._disk.close(self._collect())

    async def _load(self) -> None:
        """Take in what was kept, the newest starts first."""
        now, ask = self._clock(), self._disk.ask
        newest = await ask(lambda history, context: history.starts(context, limit=SHOWN)) or ()
        self._shown.recall(newest, {})
        if len(newest) == SHOWN:
            # The figures of thousands take a moment more.
            self._publish()
        self._shown.recall((), await ask(History.timings) or {})
        since = last_month(now)
        self._lives.recall(await ask(lambda history, context: history.lives(context, since)) or ())
        self._shapes = {**(await ask(History.shapes) or {}), **self._shapes}
        covered = await ask(History.covered) or ()
        self._stand(covered=coverage.joined((*covered, *self.covered)))
        await ask(lambda history, context: history.prune(context, now))
        self.loaded.set()
        self._publish()
        self._tell()

    async def _take(self) -> None:
        """Write what is new, and show it."""
        new, standing = self._collect(), self._standing
        kept = await self._disk.write(new)
        self._told = standing
        self._shown.put(kept.starts, kept.gone)
        self._shown.goes_on(self._here or self._book.going_on)
        self._publish()
        self._tell()

    def _collect(self) -> Pending:
        """Return what is to be written, as it is now."""
        pending, self._pending = self._pending, Pending()
        if pending.starts_told:
            for each in self._book.starts:
                if self._seen.get(key_of(each)) != each:
                    self._seen[key_of(each)] = pending.starts[key_of(each)] = each
        for record in self._lives.take_changed():
            pending.lives[record.instance] = record
        return pending

    def _stand(self, **known: Any) -> None:
        self._standing = replace(self._standing, **known)
        self._wake.set()

    def _publish(self) -> None:
        shown = self._shown
        self._store.set_starts(
            StartsSnapshot(
                starts=shown.starts,
                timings=shown.timings,
                in_all=len(shown.timings),
                going_on=shown.going_on,
                setting=self._setting,
                fresh=self._freshness,
                problem=self._disk.problem or self._told.problem,
            )
        )

    @property
    def _freshness(self) -> Freshness:
        """How well the starts are known: no better than the log is."""
        service, fresh = self._store.service, self._told.fresh
        log = service.fresh.log
        if log.troubled:
            return replace(log, at=fresh.at)
        lost = service.state is ServiceState.FAILED and self._context != LOCAL
        if lost and service.problem is not None:
            return fresh.failed(Standing.ERROR, service.problem, None)
        return fresh

    def _service_changed(self, topic: Topic) -> None:
        if topic is Topic.SERVICE and self._freshness != self._store.starts.fresh:
            self._wake.set()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def last_month(now: datetime) -> datetime:
    """Return the beginning of the month before, a day earlier for all time zones."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first - timedelta(days=1)).replace(day=1) - timedelta(days=1)
