"""What is known about the service that the console looks at: facts, readiness, start-up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from console.language import tr, tr_later
from console.model.access import Access
from console.model.freshness import Freshnesses
from console.model.metrics import ServiceMetrics
from console.model.storage import Weights
from console.model.text import SafeText
from engine.schema import Phase, Readiness, StartupEvent

if TYPE_CHECKING:
    from console.model.rollout import Rollout

_NOTHING: Final = SafeText("")
_UNASKED: Final = Freshnesses()


class ServiceState(StrEnum):
    """The one word that the console's status line says."""

    STOPPED = "stopped"
    CONNECTING = "connecting"
    DEPLOYING = "deploying"
    AT_ZERO = "at zero"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    DENIED = "denied"
    MISSING = "missing"

    @property
    def word(self) -> str:
        """The state as people read it."""
        return tr(_STATE_WORDS[self])


_STATE_WORDS: Final = {
    ServiceState.STOPPED: tr_later("stopped"),
    ServiceState.CONNECTING: tr_later("connecting"),
    ServiceState.DEPLOYING: tr_later("deploying"),
    ServiceState.AT_ZERO: tr_later("at zero"),
    ServiceState.STARTING: tr_later("starting"),
    ServiceState.READY: tr_later("ready"),
    ServiceState.FAILED: tr_later("failed"),
    ServiceState.UNREACHABLE: tr_later("unreachable"),
    ServiceState.DENIED: tr_later("denied"),
    ServiceState.MISSING: tr_later("missing"),
}


@dataclass(frozen=True, slots=True)
class ServiceSnapshot:
    """The service at one moment; absent facts are None and are shown as `–`.

    `problem` is one line: what is wrong, why, and how to mend it. `fetched_at` is the moment
    at which the service last answered, `source` says who did. `facts` is what Cloud Run says of
    a service there; `instances` is how many of its instances run and `instance` the one that
    started last, at `started_at`, as far as the log tells, and `starts` the seconds that each start
    took of which it tells all; `log_problem` says why it tells nothing. `weights` is what is in the
    bucket that it has its model from.
    `fresh` says how well each of these is known; while `paused` nothing is asked for.
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
    facts: ServiceFacts | None = None
    instances: int | None = None
    instance: SafeText | None = None
    started_at: datetime | None = None
    starts: tuple[float, ...] = ()
    log_problem: SafeText | None = None
    access: Access | None = None
    metrics: ServiceMetrics | None = None
    weights: Weights | None = None
    rollout: Rollout | None = None
    fresh: Freshnesses = _UNASKED
    paused: bool = False

    @property
    def ready_after(self) -> float | None:
        """Seconds from process start until the engine could make pictures, once known."""
        return next((event.at for event in self.timeline if event.phase is Phase.READY), None)


_LONGEST_SERVICE: Final = 49
_NAME_PARTS: Final = (
    ("project", re.compile(r"(?:[a-z0-9.-]{1,80}:)?[a-z][a-z0-9-]{0,61}[a-z0-9]|[0-9]{1,20}")),
    ("region", re.compile(r"[a-z][a-z0-9-]{0,61}[a-z0-9]")),
    ("service", re.compile(r"[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?")),
)
_CANNOT_BE: Final = {
    "project": tr_later(
        "{part!r} in {text!r} cannot be a project: write small letters, digits and hyphens, "
        "such as my-project/us-central1/z-image"
    ),
    "region": tr_later(
        "{part!r} in {text!r} cannot be a region: write small letters, digits and hyphens, "
        "such as my-project/us-central1/z-image"
    ),
    "service": tr_later(
        "{part!r} in {text!r} cannot be a service: write small letters, digits and hyphens, "
        "at most {most} of them, such as my-project/us-central1/z-image"
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class ServiceName:
    """A service on Google Cloud, as people write it: `PROJECT/REGION/SERVICE`."""

    project: str
    region: str
    service: str

    @classmethod
    def parse(cls, text: str) -> ServiceName:
        """Read `PROJECT/REGION/SERVICE`, or the resource name that Google's interfaces use.

        Raises `ValueError` with one line that says what is wrong and how to write it.
        """
        parts = text.strip().split("/")
        if parts[::2] == ["projects", "locations", "services"]:
            parts = parts[1::2]
        if len(parts) != len(_NAME_PARTS):
            raise ValueError(
                tr(
                    "{text!r} does not name a service: write PROJECT/REGION/SERVICE, "
                    "such as my-project/us-central1/z-image",
                    text=text,
                )
            )
        for part, (what, allowed) in zip(parts, _NAME_PARTS, strict=True):
            if not allowed.fullmatch(part):
                raise ValueError(tr(_CANNOT_BE[what], part=part, text=text, most=_LONGEST_SERVICE))
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.project}/{self.region}/{self.service}"

    @property
    def resource(self) -> str:
        """The name in the Cloud Run Admin API v2."""
        return f"projects/{self.project}/locations/{self.region}/services/{self.service}"


class ConditionState(StrEnum):
    """How far a condition is, as the Cloud Run Admin API v2 says it."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    RECONCILING = "reconciling"
    FAILED = "failed"
    SUCCEEDED = "succeeded"

    @property
    def word(self) -> str:
        """The state as people read it."""
        return tr(_CONDITION_WORDS[self])


_CONDITION_WORDS: Final = {
    ConditionState.UNKNOWN: tr_later("unknown"),
    ConditionState.PENDING: tr_later("pending"),
    ConditionState.RECONCILING: tr_later("reconciling"),
    ConditionState.FAILED: tr_later("failed"),
    ConditionState.SUCCEEDED: tr_later("succeeded"),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One aspect of being ready; `reason` is a word such as `HEALTH_CHECK_CONTAINER_ERROR`.

    `changed` is when the state was last entered.
    """

    type: SafeText
    state: ConditionState = ConditionState.UNKNOWN
    reason: SafeText = _NOTHING
    message: SafeText = _NOTHING
    severity: SafeText = _NOTHING
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrafficShare:
    """Who gets how many percent of the requests; `revision` None means the latest ready one."""

    percent: int
    revision: SafeText | None = None
    tag: SafeText = _NOTHING
    url: SafeText = _NOTHING


@dataclass(frozen=True, slots=True)
class Volume:
    """A bucket that instances see as a directory."""

    bucket: SafeText
    path: SafeText
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class StartupProbe:
    """What Cloud Run asks a container until it has started: `kind` is TCP, HTTP or GRPC.

    `period` is how many seconds lie between two tries, of which `failures` in a row are given;
    None is what nobody set.
    """

    kind: SafeText
    period: float | None = None
    failures: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What an instance runs and gets: image, limits as Kubernetes writes them, one GPU or none.

    `timeout` is in seconds, for a request. `cpu_always_allocated` means that the whole life of an
    instance is paid for, not only its requests, and `cpu_boost` that processors are lent for its
    start. `zonal_redundancy` is that of the GPU. None means that the service does not say.
    `volumes` are mounted, and `read_directly` is what the engine reads from a bucket itself.
    """

    image: SafeText | None = None
    cpu: SafeText | None = None
    memory: SafeText | None = None
    gpu: SafeText | None = None
    concurrency: int | None = None
    timeout: float | None = None
    port: int | None = None
    service_account: SafeText | None = None
    cpu_always_allocated: bool | None = None
    cpu_boost: bool | None = None
    startup_probe: StartupProbe | None = None
    zonal_redundancy: bool | None = None
    volumes: tuple[Volume, ...] = ()
    read_directly: SafeText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Workload):
    """One deployed version of a service; `created` is when it was made."""

    name: SafeText
    conditions: tuple[Condition, ...] = ()
    reconciling: bool = False
    created: datetime | None = None
    min_instances: int | None = None
    max_instances: int | None = None

    @property
    def ready(self) -> Condition | None:
        """The condition that sums up the others, if it is there."""
        return _condition("Ready", self.conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts(Workload):
    """A service as Cloud Run describes it, with what its newest revision template asks for.

    `ready` sums up `conditions`. `uri` is the address that Cloud Run made up, `url` the one to
    use. `traffic` is what holds now, not what was asked for. While `reconciling`, revisions,
    traffic and addresses may still change. `manual_instances` is set when the service does not
    scale by itself. `invoker_iam_disabled` means that nobody has to say who they are.
    """

    name: ServiceName
    url: SafeText | None = None
    uri: SafeText | None = None
    ready: Condition | None = None
    conditions: tuple[Condition, ...] = ()
    reconciling: bool = False
    latest_ready_revision: SafeText | None = None
    latest_created_revision: SafeText | None = None
    traffic: tuple[TrafficShare, ...] = ()
    min_instances: int | None = None
    max_instances: int | None = None
    manual_instances: int | None = None
    ingress: SafeText | None = None
    invoker_iam_disabled: bool = False
    launch_stage: SafeText | None = None
    generation: int | None = None
    created: datetime | None = None
    updated: datetime | None = None
    updated_by: SafeText | None = None


def _condition(name: str, conditions: tuple[Condition, ...]) -> Condition | None:
    return next((each for each in conditions if each.type == name), None)
