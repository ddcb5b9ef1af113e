"""A cold start: the moments that are known of it, and what lies between them.

The moments come from three sources, each of which works without the others: the platform's lines
(an instance is started, its probe passed or failed), the lines of requests (when one arrived, how
long its answer took), and the engine's own events. A moment that nobody told is not known, and
what lies around it is said as one stretch that is not told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from console.language import tr, tr_later
from console.model.text import SafeText

_NOTHING: Final = SafeText("")


class Reason(StrEnum):
    """Why the instance was started, by the platform's own word."""

    AUTOSCALING = "AUTOSCALING"
    DEPLOYMENT_ROLLOUT = "DEPLOYMENT_ROLLOUT"
    MANUAL_OR_CUSTOMER_MIN_INSTANCE = "MANUAL_OR_CUSTOMER_MIN_INSTANCE"
    LOCAL = "LOCAL"
    """An engine on this machine, started by the console."""
    UNKNOWN = "UNKNOWN"


class Moment(StrEnum):
    """A moment of a start, in the order in which they come where nothing goes wrong.

    `PROBED` may come before or after `READY`: the platform's own probe passes once the port is
    open. `ANSWERED` is when the first request that waited for the start had its answer.
    """

    ARRIVED = "arrived"
    ASKED_FOR = "asked_for"
    CONTAINER_UP = "container_up"
    PORT_OPEN = "port_open"
    IMPORTS_DONE = "imports_done"
    WEIGHTS_READ = "weights_read"
    ON_DEVICE = "on_device"
    READY = "ready"
    PROBED = "probed"
    ANSWERED = "answered"


TOLD_BY_THE_ENGINE: Final = frozenset(
    {
        Moment.CONTAINER_UP,
        Moment.PORT_OPEN,
        Moment.IMPORTS_DONE,
        Moment.WEIGHTS_READ,
        Moment.ON_DEVICE,
    }
)
"""Moments on the way, which only an engine that speaks of its start tells."""


class StartPhase(StrEnum):
    """What a start spends its time on; each ends with the moment of the same place."""

    WAITING = tr_later("waiting")
    """The request arrived, and no instance was asked for yet."""
    CONTAINER = tr_later("container")
    """The platform finds a place, brings image and mounts there, and starts the process."""
    PORT = tr_later("open port")
    IMPORT = tr_later("import")
    WEIGHTS = tr_later("weights")
    DEVICE = tr_later("to device")
    WARM_UP = tr_later("warm-up")
    PROBE = tr_later("probe")
    """The engine was ready, and the platform did not know it yet."""
    ANSWER = tr_later("first answer")


class ProbeKind(StrEnum):
    """How the platform finds out that a container has started."""

    TCP = "TCP"
    HTTP = "HTTP"
    GRPC = "GRPC"


@dataclass(frozen=True, slots=True)
class Probe:
    """The start-up probe: of which kind, whether the platform's own, and after how many tries.

    `path` is what an HTTP probe asks for, where the platform says it.
    """

    kind: ProbeKind
    default: bool
    attempts: int = 1
    path: SafeText = _NOTHING


@dataclass(frozen=True, slots=True)
class FileRead:
    """One model file as it was read: `bytes`, waited for `seconds`, done at `ended`."""

    name: SafeText
    bytes: int
    seconds: float
    ended: datetime

    @property
    def rate(self) -> float | None:
        """Bytes a second; None where it took no time that could be measured."""
        return self.bytes / self.seconds if self.seconds > 0 else None


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request that waited for the start; `latency` is in seconds, from arrival to answer."""

    arrived: datetime
    latency: float | None = None
    status: int | None = None
    path: SafeText = _NOTHING
    trace: SafeText = _NOTHING

    @property
    def ended(self) -> datetime | None:
        """When it had its answer; None where that is not known."""
        return None if self.latency is None else self.arrived + timedelta(seconds=self.latency)


class FailureKind(StrEnum):
    """How a start failed."""

    OUT_OF_MEMORY = tr_later("out of memory")
    EXITED = tr_later("the container ended")
    NOT_RUN = tr_later("the container could not be run")
    PROBE = tr_later("the start-up probe gave up")
    ENGINE = tr_later("the engine cannot use the model")


@dataclass(frozen=True, slots=True)
class Failure:
    """That a start failed, when, and the words in which it was said."""

    kind: FailureKind
    at: datetime
    says: SafeText


class DoubtKind(StrEnum):
    """What in the sources of a start contradicts the rest of it."""

    PROBED_BEFORE_READY = tr_later("probe passed before the engine was ready")
    CLOCKS_DIFFER = tr_later("the engine's clock differs from the platform's")
    ANSWERED_BEFORE_READY = tr_later("a request was answered before the engine was ready")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A contradiction, and by how many seconds."""

    kind: DoubtKind
    seconds: float


def phases_text(phases: Sequence[StartPhase]) -> str:
    """Return phases that follow one another in words: `import`, or `open port to warm-up`."""
    first, last = phases[0], phases[-1]
    if first is last:
        return tr(first.value)
    return tr("{first} to {last}", first=tr(first.value), last=tr(last.value))


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """A stretch of a start; more than one phase in it means that they are not told apart."""

    phases: tuple[StartPhase, ...]
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.start).total_seconds()

    @property
    def name(self) -> str:
        """Its phases in words: `import`, or `open port to warm-up`."""
        return phases_text(self.phases)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """One start of one instance, as far as it is known; times are the platform's.

    `process` tells starts of the same instance apart where its container was started again: the
    moment at which it was asked for or first heard of. `moments` has those that are known, with
    the engine's shifted where its clock differs. `requests` are those that waited for it, oldest
    first. `kept_as` says how weights are kept in memory, in the engine's words. `first_image` is
    how many seconds the first picture itself took. `retries` counts the starts that failed
    before this one while the same requests waited.
    """

    instance: SafeText
    revision: SafeText = _NOTHING
    reason: Reason = Reason.UNKNOWN
    process: datetime
    moments: Mapping[Moment, datetime] = field(default_factory=lambda: MappingProxyType({}))
    files: tuple[FileRead, ...] = ()
    kept_as: SafeText = _NOTHING
    first_image: float | None = None
    requests: tuple[WaitingRequest, ...] = ()
    probe: Probe | None = None
    failure: Failure | None = None
    doubts: tuple[Doubt, ...] = ()
    retries: int = 0

    @property
    def waited(self) -> bool:
        """Whether somebody waited for it."""
        return bool(self.requests)

    @property
    def began(self) -> datetime:
        """When whoever wanted it began to wait, or else the first sign of it."""
        return min((*self.moments.values(), self.process))

    @property
    def usable(self) -> datetime | None:
        """When it could answer: the engine was ready and the probe had passed, as far as known.

        A probe that passed says nothing of an engine that told of its start and not of its end.
        """
        ready = self.moments.get(Moment.READY)
        if ready is None and not TOLD_BY_THE_ENGINE.isdisjoint(self.moments):
            return None
        known = (ready, self.moments.get(Moment.PROBED))
        return max((each for each in known if each is not None), default=None)

    @property
    def ended(self) -> datetime | None:
        """When it was over: with the first answer where somebody waited, else once usable.

        An answer that came before the engine was ready ends no start. None while it goes on, and
        where it failed.
        """
        if self.failure is not None:
            return None
        if not self.waited:
            return self.usable
        answered = self.moments.get(Moment.ANSWERED)
        return None if answered is None else max(answered, self.moments.get(Moment.READY, answered))

    @property
    def total(self) -> float | None:
        """How many seconds it took from beginning to end; None unless it came to its end."""
        ended = self.ended
        return None if ended is None else (ended - self.began).total_seconds()

    @property
    def bytes_read(self) -> int:
        """How many bytes of weights were read."""
        return sum(each.bytes for each in self.files)

    @property
    def reading(self) -> timedelta:
        """How long reading files took, one after the other."""
        return timedelta(seconds=sum(each.seconds for each in self.files))
