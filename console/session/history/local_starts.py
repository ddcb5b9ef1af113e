"""The starts and lives of the engine on this machine, from what its session sees of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from console.language import tr
from console.model.cost.estimate import Window
from console.model.cost.life_records import InstanceRecord, Signs
from console.model.freshness import Freshness, Standing
from console.model.images import Run, RunState, Target
from console.model.service import ServiceSnapshot, ServiceState
from console.model.starts.reconstruction import LOCAL, local_start
from console.model.starts.snapshot import Setting
from console.model.starts.start import (
    ColdStart,
    Failure,
    FailureKind,
    Moment,
    WaitingRequest,
)
from console.model.text import SafeText
from console.session.history.keeper import HistoryKeeper
from console.store import Store, Topic
from console.terminal.sanitise import sanitise

SIGN: Final = timedelta(minutes=1)
"""How often it is kept that the engine still runs."""

PATH: Final = SafeText("/v1/images/generations")


@dataclass(slots=True)
class _Process:
    """One engine process: when it began, and what was seen of it since."""

    began: datetime
    pid: int | None = None
    start: ColdStart | None = None
    kept: Signs | None = None
    waiting: dict[int, datetime] = field(default_factory=dict)
    answered: dict[int, Window] = field(default_factory=dict)
    sent: dict[int, datetime] = field(default_factory=dict)

    @property
    def instance(self) -> SafeText:
        """What tells it apart from the engine of another console on this machine."""
        return LOCAL if self.pid is None else sanitise(f"{LOCAL}-{self.pid}")

    @property
    def ready(self) -> datetime | None:
        return None if self.start is None else self.start.moments.get(Moment.READY)


class LocalStarts:
    """Tells `keeper` of each start of the engine that `store` is about.

    `pictures` is the store that has the runs, which may be another. `clock` gives the time of day.
    """

    def __init__(
        self,
        store: Store,
        pictures: Store,
        keeper: HistoryKeeper,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._pictures = pictures
        self._keeper = keeper
        self._clock = clock
        self._process: _Process | None = None
        self._asked: dict[int, datetime] = {}
        store.subscribe(self._service_changed)
        pictures.subscribe(self._runs_changed)

    def began(self) -> None:
        """Take note that an engine process is being started now."""
        self.ended()
        self._process = _Process(self._clock())
        self._keeper.set_up(Setting(mounted=False))
        self._keeper.stand(Freshness(Standing.FRESH, self._process.began))
        self._runs_changed(Topic.RUNS)
        self._put(self._process)

    def ended(self) -> None:
        """Take note that the process has ended, if there was one."""
        process, self._process = self._process, None
        if process is not None:
            self._keeper.goes_on(None)
            self._live(process, self._clock(), ended=True, news=True)

    def _service_changed(self, topic: Topic) -> None:
        process, service = self._process, self._store.service
        if topic is not Topic.SERVICE or process is None or service.state is ServiceState.STOPPED:
            return
        if process.pid is None and service.pid is not None:
            process.pid = service.pid
        if service.state is ServiceState.FAILED:
            self._failed(process, service)
            self.ended()
        elif service.timeline:
            self._put(process)
            self._live(process, self._clock())

    def _runs_changed(self, topic: Topic) -> None:
        if topic is not Topic.RUNS:
            return
        now, process = self._clock(), self._process
        answered = 0 if process is None else len(process.answered)
        for run in self._pictures.runs:
            if run.target is not Target.LOCAL:
                continue
            if not run.over:
                self._asked.setdefault(run.number, now)
            if process is not None:
                self._follow(process, run, now)
        if process is not None and process.start is not None:
            self._put(process)
            if len(process.answered) > answered:
                self._live(process, now, news=True)

    def _follow(self, process: _Process, run: Run, now: datetime) -> None:
        """Take note of what a run has to do with a process."""
        number = run.number
        if not run.over and process.ready is None:
            process.waiting.setdefault(number, self._asked[number])
        if run.state is RunState.RUNNING:
            process.sent.setdefault(number, now)
        elif run.state is RunState.DONE and number in process.sent:
            process.answered.setdefault(number, Window(process.sent[number], now))
        elif run.over and number not in process.answered:
            process.waiting.pop(number, None)

    def _put(self, process: _Process) -> None:
        """Tell of the start of a process as it is known now."""
        timeline = self._store.service.timeline
        start = local_start(timeline, process.began, _waited(process), instance=process.instance)
        if start == process.start:
            return
        process.start = start
        over = start.ended is not None or start.failure is not None
        self._keeper.goes_on(None if over else start)
        if timeline or start.failure is not None:
            self._keeper.keep(start)

    def _failed(self, process: _Process, service: ServiceSnapshot) -> None:
        """Tell that a process ended before its engine was ready."""
        start = process.start
        if start is None or process.ready is not None or start.failure is not None:
            return
        says = service.problem or sanitise(tr("the process ended"))
        process.start = replace(start, failure=Failure(FailureKind.EXITED, self._clock(), says))
        self._keeper.keep(process.start)

    def _live(
        self, process: _Process, now: datetime, *, ended: bool = False, news: bool = False
    ) -> None:
        """Tell of the life of a process, if there is anything new to tell."""
        signs = Signs(
            revision=LOCAL,
            first_line=process.began,
            last_line=now,
            asked_for=process.began,
            loaded=process.ready,
            ended=now if ended else None,
        )
        kept = process.kept
        if news or kept is None or kept.loaded != signs.loaded or now - kept.last_line >= SIGN:
            process.kept = signs
            requests = tuple(process.answered.values())
            self._keeper.keep_life(InstanceRecord(process.instance, signs, requests))


def _waited(process: _Process) -> WaitingRequest | None:
    """Return the first request that waited for a process, answered or not."""
    if not process.waiting:
        return None
    number = min(process.waiting, key=lambda each: (process.waiting[each], each))
    arrived, answer = process.waiting[number], process.answered.get(number)
    if answer is None:
        return WaitingRequest(arrived, path=PATH)
    return WaitingRequest(arrived, (answer.end - arrived).total_seconds(), 200, PATH)
