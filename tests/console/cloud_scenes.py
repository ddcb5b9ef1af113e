"""Moments in the life of a service on Google Cloud, for tests that look at screens.

It is five past twelve in all of them, and what is not as it should be began three minutes ago.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console_scenes import TIMELINE

from console.language import ENGLISH, spoken
from console.model.access import Access, Grant, Openness, Policy, access
from console.model.conditions import Meaning, failure
from console.model.freshness import Freshness, Freshnesses, Standing
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.metrics import HOUR, Minutes, ServiceMetrics
from console.model.rollout import Rollout, Stage, StageState
from console.model.service import (
    Condition,
    ConditionState,
    ServiceFacts,
    ServiceName,
    ServiceSnapshot,
    ServiceState,
    TrafficShare,
    Volume,
)
from console.model.serving import serving
from console.model.text import SafeText
from console.store import Store
from engine.schema import Phase, Readiness

NOW = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
THEN = NOW - timedelta(minutes=3)
SOON = NOW + timedelta(seconds=12)
OLD, NEW = SafeText("zimage-00001-abc"), SafeText("zimage-00002-xyz")
SUCCEEDED = ConditionState.SUCCEEDED


def condition(name: str, state: ConditionState = SUCCEEDED, message: str = "") -> Condition:
    return Condition(SafeText(name), state, message=SafeText(message), changed=THEN)


FACTS = ServiceFacts(
    name=ServiceName("sandbox", "local-1", "zimage"),
    url=SafeText("http://127.0.0.1:40321"),
    ready=condition("Ready"),
    conditions=(condition("ConfigurationsReady"), condition("RoutesReady")),
    latest_ready_revision=OLD,
    latest_created_revision=OLD,
    traffic=(TrafficShare(100, OLD),),
    image=SafeText("local-1-docker.pkg.dev/sandbox/zimage/demo@sha256:9f1c2e3a4b5c6d7e8f90"),
    cpu=SafeText("4"),
    memory=SafeText("16Gi"),
    gpu=SafeText("nvidia-l4"),
    cpu_always_allocated=True,
    concurrency=8,
    timeout=300.0,
    min_instances=0,
    max_instances=1,
    ingress=SafeText("ALL"),
    service_account=SafeText("zimage@sandbox.iam.gserviceaccount.com"),
    volumes=(Volume(SafeText("sandbox-models"), SafeText("/models"), True),),
    updated=NOW - timedelta(days=2),
)


def minutes(*values: float | None) -> Minutes:
    return Minutes(THEN, (*(None,) * (HOUR - len(values)), *values))


METRICS = ServiceMetrics(
    fetched_at=NOW,
    requests=minutes(*[None] * 6, 1, 0, 0, 2, 6, 9, 4, 0, 0, 0, 3, 8, 5, 2, 0, 1, 2),
    failures=minutes(1, 0),
    revisions=(),
    median_latency=minutes(2.1),
    slow_latency=minutes(41.0),
    active=minutes(1),
    idle=minutes(0),
    billable=minutes(60),
    startup=minutes(6.3),
)
FRESH = Freshness(Standing.FRESH, NOW)
ALL_FRESH = Freshnesses(FRESH, FRESH, FRESH, FRESH)
AT_ZERO = ServiceSnapshot(
    state=ServiceState.AT_ZERO,
    source="sandbox",
    url=FACTS.url,
    facts=FACTS,
    instances=0,
    instance=SafeText("00abc"),
    started_at=THEN,
    timeline=TIMELINE,
    fetched_at=NOW,
    access=Access(Openness.PRIVATE, SafeText("1 named by policy")),
    metrics=METRICS,
    fresh=ALL_FRESH,
)
AWAKE = replace(AT_ZERO, state=ServiceState.READY, instances=1)
WAKING = replace(
    AWAKE,
    state=ServiceState.STARTING,
    timeline=TIMELINE[:4],
    readiness=Readiness(False, Phase.WEIGHTS_READ, 0),
)
SPLIT = replace(
    AWAKE,
    facts=replace(
        FACTS,
        latest_ready_revision=NEW,
        latest_created_revision=NEW,
        traffic=(
            TrafficShare(90, OLD),
            TrafficShare(10, NEW),
            TrafficShare(0, NEW, SafeText("next")),
        ),
        min_instances=1,
        max_instances=3,
        invoker_iam_disabled=True,
    ),
    access=Access(Openness.PUBLIC, SafeText("callers are not checked")),
)


def without(kind: str, standing: Standing, problem: str, needs: str = "") -> Freshnesses:
    """Everything fresh but one thing, which was answered last three minutes ago."""
    stale = Freshness(standing, THEN, SafeText(problem), SOON, needs)
    known: dict[str, Any] = {kind: stale}
    return replace(ALL_FRESH, **known)


SERVICE_SILENT = "cannot read service sandbox/local-1/zimage: run.googleapis.com is out of reach"
LOG_DENIED = (
    "cannot read the log of sandbox/local-1/zimage: permission logging.logEntries.list is missing; "
    "have roles/logging.viewer granted in sandbox"
)
NO_ROLE = (
    "cannot read service sandbox/local-1/zimage: permission run.services.get is missing; "
    "have roles/run.viewer granted in sandbox"
)
NO_LOGIN = "Google Cloud does not know who asks: the token has expired; run `gcloud auth login`"
METRICS_DENIED = "permission monitoring.timeSeries.list is missing"


def asked_in_vain(state: ServiceState, standing: Standing, problem: str) -> ServiceSnapshot:
    """What a first question that went wrong leaves."""
    known = Freshnesses(service=Freshness(standing, None, SafeText(problem), SOON))
    return ServiceSnapshot(state=state, source="sandbox", problem=SafeText(problem), fresh=known)


def stages(*states: StageState) -> tuple[Stage, ...]:
    names = ("Creating revision", "Starting an instance", "Start-up probe", "Routing traffic")
    began = (0, 1, 4, 10, 0)
    ended = (1, 4, 10, 12, 12)
    return tuple(
        Stage(
            name,
            state,
            THEN + timedelta(seconds=began[place]),
            None if state is StageState.GOING_ON else THEN + timedelta(seconds=ended[place]),
        )
        for place, (name, state) in enumerate(zip((*names, "Ready"), states, strict=True))
    )


DONE, TO_COME = StageState.DONE, StageState.TO_COME
ROLLING = replace(
    AWAKE,
    facts=replace(FACTS, latest_created_revision=NEW, reconciling=True, updated=THEN),
    rollout=Rollout(NEW, OLD, stages(DONE, DONE, StageState.GOING_ON, TO_COME, TO_COME)),
)
ROLLED = replace(
    AWAKE,
    facts=replace(FACTS, latest_created_revision=NEW, latest_ready_revision=NEW, updated=THEN),
    rollout=Rollout(NEW, NEW, stages(*[DONE] * 5)),
)
LAST_WORDS = tuple(
    LogRecord(
        THEN + timedelta(seconds=place),
        severity,
        SafeText(text),
        provenance=Provenance(origin=Origin.PLATFORM, revision=NEW),
    )
    for place, (severity, text) in enumerate(
        (
            (Severity.INFO, "Starting new instance. Reason: DEPLOYMENT_ROLLOUT - Instance started"),
            (Severity.ERROR, "engine: the model directory /models is empty"),
            (Severity.WARNING, "Container called exit(1)."),
            (Severity.ERROR, "Default STARTUP TCP probe failed 1 time consecutively"),
        )
    )
)
CAUSE = Meaning(
    SafeText("the container did not open port 7860 in time"),
    SafeText("have it listen on 0.0.0.0:7860, give a slow start a longer start-up probe"),
)
NO_PORT = (
    "The user-provided container failed to start and listen on the port defined provided by the "
    "PORT=7860 environment variable within the allocated timeout."
)
BROKEN_FACTS = replace(
    FACTS,
    latest_created_revision=NEW,
    updated=THEN,
    ready=replace(condition("Ready", ConditionState.FAILED), message=SafeText(NO_PORT)),
)
BROKEN = replace(
    AT_ZERO,
    problem=SafeText(f"the last roll-out failed and the revision before serves on: {CAUSE.says}"),
    facts=replace(
        FACTS,
        latest_created_revision=NEW,
        updated=THEN,
        ready=condition("Ready", ConditionState.FAILED),
    ),
    rollout=Rollout(
        NEW, OLD, stages(DONE, DONE, StageState.FAILED, TO_COME, TO_COME), CAUSE, LAST_WORDS
    ),
)

SNAPSHOTS: dict[str, ServiceSnapshot] = {
    "connecting": ServiceSnapshot(state=ServiceState.CONNECTING, source="sandbox"),
    "remembered": replace(
        AT_ZERO,
        state=ServiceState.CONNECTING,
        instances=None,
        metrics=None,
        fresh=Freshnesses(*[Freshness(Standing.STALE, THEN)] * 2),
    ),
    "zero": AT_ZERO,
    "waking": WAKING,
    "awake": AWAKE,
    "split": SPLIT,
    "rolling": ROLLING,
    "rolled": ROLLED,
    "broken": BROKEN,
    "denied": asked_in_vain(ServiceState.DENIED, Standing.DENIED, NO_ROLE),
    "denied-later": replace(
        AT_ZERO,
        state=ServiceState.DENIED,
        problem=SafeText(NO_ROLE),
        fresh=without("service", Standing.DENIED, NO_ROLE, "run.services.get"),
    ),
    "logged-out": replace(
        AT_ZERO,
        state=ServiceState.DENIED,
        problem=SafeText(NO_LOGIN),
        fresh=without("service", Standing.DENIED, NO_LOGIN),
    ),
    "missing": asked_in_vain(
        ServiceState.MISSING,
        Standing.ABSENT,
        "cannot read service sandbox/local-1/zimage: there is none; check the name, or deploy it",
    ),
    "offline": replace(
        AT_ZERO,
        state=ServiceState.UNREACHABLE,
        problem=SafeText(SERVICE_SILENT),
        log_problem=SafeText("the log is out of reach"),
        fresh=replace(
            without("service", Standing.ERROR, SERVICE_SILENT),
            log=Freshness(Standing.ERROR, THEN, SafeText("the log is out of reach"), SOON),
        ),
    ),
    "service-silent": replace(AWAKE, fresh=without("service", Standing.ERROR, SERVICE_SILENT)),
    "log-denied": replace(
        AWAKE,
        instances=None,
        log_problem=SafeText(LOG_DENIED),
        fresh=without("log", Standing.DENIED, LOG_DENIED, "logging.logEntries.list"),
    ),
    "metrics-denied": replace(
        AWAKE,
        metrics=None,
        fresh=without("metrics", Standing.DENIED, METRICS_DENIED, "monitoring.timeSeries.list"),
    ),
    "access-denied": replace(
        AWAKE,
        access=Access(Openness.UNKNOWN, SafeText("permission is missing")),
        fresh=without("access", Standing.DENIED, "no", "run.services.getIamPolicy"),
    ),
    "paused": replace(
        AWAKE, paused=True, fresh=replace(ALL_FRESH, service=replace(FRESH, at=THEN))
    ),
}


def in_words_of_now(service: ServiceSnapshot) -> ServiceSnapshot:
    """The same, with what the console says itself in the language that is spoken."""
    if spoken() == ENGLISH:
        return service
    known, rolling = service.access, service.rollout
    if known is not None and known.openness is not Openness.UNKNOWN:
        member = Grant(SafeText("roles/run.invoker"), (SafeText("user:ada@example.com"),))
        public = known.openness is Openness.PUBLIC
        known = access(check_is_off=public, ingress=None, policy=Policy((member,)))
    if rolling is not None and rolling.cause is not None:
        rolling = replace(rolling, cause=failure("", NO_PORT))
        problem = serving(service, BROKEN_FACTS, None, NOW).problem
        service = replace(service, problem=problem)
    return replace(service, access=known, rollout=rolling)


def cloud_scene(name: str) -> Store:
    """A store as it is at one of the `SNAPSHOTS`, with the lines of a start that failed."""
    store = Store()
    store.set_service(in_words_of_now(SNAPSHOTS[name]))
    for line in LAST_WORDS:
        store.add_record(line)
    return store


def clock() -> Callable[[], datetime]:
    """A clock that stands still at five past twelve."""
    return lambda: NOW
