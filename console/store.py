"""What is known now: immutable snapshots, and the listeners that hear when one was replaced.

No Textual here, and no I/O: a session writes, screens read. Everything happens on the event loop's
thread, and listeners are called at once, so they must be quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from console.model.images import MadePicture, Run
from console.model.log.lines import LogEntry, LogRecord, Severity
from console.model.log.store import LogStore
from console.model.service import ServiceSnapshot
from console.model.text import SafeText

if TYPE_CHECKING:
    from console.model.cost.snapshot import CostSnapshot
    from console.model.deploy.snapshot import DeploySnapshot
    from console.model.models.snapshot import ModelsSnapshot
    from console.model.starts.snapshot import StartsSnapshot

Listener = Callable[["Topic"], None]


class Topic(StrEnum):
    """What changed."""

    SERVICE = "service"
    LOGS = "logs"
    RUNS = "runs"
    GALLERY = "gallery"
    BESIDE = "beside"
    STARTS = "starts"
    COST = "cost"
    MODELS = "models"
    DEPLOY = "deploy"


class Store:
    """The current snapshots; `runs` is newest last, `gallery` newest first.

    `beside` is the engine on this machine while a service elsewhere is looked after; None until
    it was asked for.
    """

    def __init__(self, logs: LogStore | None = None) -> None:
        self.service = ServiceSnapshot()
        self.logs = LogStore() if logs is None else logs
        self.runs: tuple[Run, ...] = ()
        self.gallery: tuple[MadePicture, ...] = ()
        self.beside: ServiceSnapshot | None = None
        self._listeners: list[Listener] = []

    # What these are made of takes its time to be imported, and the first frame shows none of it.

    @cached_property
    def starts(self) -> StartsSnapshot:
        """What is known about cold starts."""
        from console.model.starts.snapshot import StartsSnapshot

        return StartsSnapshot()

    @cached_property
    def cost(self) -> CostSnapshot:
        """What is known about costs."""
        from console.model.cost.snapshot import CostSnapshot

        return CostSnapshot()

    @cached_property
    def models(self) -> ModelsSnapshot:
        """What is known about model files."""
        from console.model.models.snapshot import ModelsSnapshot

        return ModelsSnapshot()

    @cached_property
    def deploy(self) -> DeploySnapshot:
        """What is known about the deployment."""
        from console.model.deploy.snapshot import DeploySnapshot

        return DeploySnapshot()

    def told(self, topic: Topic) -> bool:
        """Say whether anything was ever put in about `STARTS`, `COST`, `MODELS` or `DEPLOY`."""
        return topic.value in vars(self)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every change; returns the function that ends this."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def set_service(self, service: ServiceSnapshot) -> None:
        """Replace what is known about the service; an equal snapshot is no news."""
        if service != self.service:
            self.service = service
            self._notify(Topic.SERVICE)

    def set_beside(self, engine: ServiceSnapshot) -> None:
        """Replace what is known about the engine beside the service."""
        if engine != self.beside:
            self.beside = engine
            self._notify(Topic.BESIDE)

    def set_starts(self, starts: StartsSnapshot) -> None:
        """Replace what is known about cold starts."""
        if starts != self.starts:
            self.starts = starts
            self._notify(Topic.STARTS)

    def set_cost(self, cost: CostSnapshot) -> None:
        """Replace what is known about costs."""
        if cost != self.cost:
            self.cost = cost
            self._notify(Topic.COST)

    def set_models(self, models: ModelsSnapshot) -> None:
        """Replace what is known about model files."""
        if models != self.models:
            self.models = models
            self._notify(Topic.MODELS)

    def set_deploy(self, deploy: DeploySnapshot) -> None:
        """Replace what is known about the deployment."""
        if deploy != self.deploy:
            self.deploy = deploy
            self._notify(Topic.DEPLOY)

    def add_log(
        self,
        time: datetime,
        severity: Severity,
        message: SafeText,
        event: str = "",
        fields: Mapping[str, object] | None = None,
    ) -> LogEntry:
        """Add a log line and return its entry."""
        entry = self.logs.append(time, severity, message, event, fields)
        self._notify(Topic.LOGS)
        return entry

    def add_record(self, record: LogRecord) -> LogEntry:
        """Add a line that a source delivered, at its time, and return its entry."""
        entry = self.logs.add(record)
        self._notify(Topic.LOGS)
        return entry

    def add_records(self, records: Iterable[LogRecord]) -> None:
        """Add lines that a source delivered, each at its time."""
        if self.logs.add_all(records):
            self._notify(Topic.LOGS)

    def put_run(self, run: Run) -> None:
        """Add a run, or replace the one with the same number; an equal one is no news."""
        if run in self.runs:
            return
        others = [known for known in self.runs if known.number != run.number]
        self.runs = tuple(sorted([*others, run], key=lambda known: known.number))
        self._notify(Topic.RUNS)

    def add_picture(self, picture: MadePicture) -> None:
        """Put a picture in front of the gallery."""
        self.gallery = (picture, *self.gallery)
        self._notify(Topic.GALLERY)

    def _notify(self, topic: Topic) -> None:
        for listener in tuple(self._listeners):
            listener(topic)
