"""What is known about the service that the console looks at: facts, readiness, start-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.model.text import SafeText
from engine.schema import Phase, Readiness, StartupEvent


class ServiceState(StrEnum):
    """The one word that the console's status line says."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class ServiceSnapshot:
    """The service at one moment; absent facts are None and are shown as `–`.

    `problem` is one line: what is wrong, why, and how to mend it. `fetched_at` is the moment
    at which the service last answered, `source` says who did.
    """

    state: ServiceState = ServiceState.STOPPED
    source: str = "local"
    url: str | None = None
    pid: int | None = None
    model: SafeText | None = None
    models_directory: str | None = None
    readiness: Readiness | None = None
    timeline: tuple[StartupEvent, ...] = ()
    problem: SafeText | None = None
    fetched_at: datetime | None = None

    @property
    def ready_after(self) -> float | None:
        """Seconds from process start until the engine could make pictures, once known."""
        return next((event.at for event in self.timeline if event.phase is Phase.READY), None)
