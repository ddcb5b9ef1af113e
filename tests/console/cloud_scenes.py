"""Moments in the life of a service on Google Cloud, for tests that look at screens.

It is five past twelve in all of them, and what is not as it should be began three minutes ago.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import google.api_core.exceptions as google
from console_scenes import TIMELINE
from scene_words import once_a_language, said

from console.language import tr
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
from console.model.text import SafeText
from console.sources.base import SourceError
from console.sources.google_errors import Asked, refusals
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


def called_by(*members: str, check_is_off: bool = False) -> Access:
    """Who may call, as the console tells it where the policy names these."""
    grant = Grant(SafeText("roles/run.invoker"), tuple(map(SafeText, members)))
    return access(check_is_off=check_is_off, ingress=None, policy=Policy((grant,)))


@once_a_language
def at_zero() -> ServiceSnapshot:
    return ServiceSnapshot(
        state=ServiceState.AT_ZERO,
        source="sandbox",
        url=FACTS.url,
        facts=FACTS,
        instances=0,
        instance=SafeText("00abc"),
        started_at=THEN,
        timeline=TIMELINE,
        fetched_at=NOW,
        access=called_by("user:ada@example.com"),
        metrics=METRICS,
        fresh=ALL_FRESH,
    )


@once_a_language
def awake() -> ServiceSnapshot:
    return replace(at_zero(), state=ServiceState.READY, instances=1)


@once_a_language
def waking() -> ServiceSnapshot:
    return replace(
        awake(),
        state=ServiceState.STARTING,
        timeline=TIMELINE[:4],
        readiness=Readiness(False, Phase.WEIGHTS_READ, 0),
    )


@once_a_language
def split() -> ServiceSnapshot:
    return replace(
        awake(),
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
        access=called_by(check_is_off=True),
    )


def without(kind: str, standing: Standing, problem: str, needs: str = "") -> Freshnesses:
    """Everything fresh but one thing, which was answered last three minutes ago."""
    stale = Freshness(standing, THEN, SafeText(problem), SOON, needs)
    known: dict[str, Any] = {kind: stale}
    return replace(ALL_FRESH, **known)


def refused(
    error: google.GoogleAPICallError, permission: str = "run.services.get", what: str = ""
) -> SafeText:
    """What the console says where Google refuses to tell of the service."""
    words = what or tr("read service {service}", service=FACTS.name)
    try:
        with refusals(Asked(words, "sandbox", "run.googleapis.com", permission)):
            raise error
    except SourceError as told:
        return told.message


def no_role() -> SafeText:
    return refused(google.Forbidden(""))


def log_denied() -> SafeText:
    what = said(f"read the log of {FACTS.name}", f"读取 {FACTS.name} 的日志")
    return refused(google.Forbidden(""), "logging.logEntries.list", what)


def no_login() -> SafeText:
    mend = said("run `gcloud auth login`", "请运行 `gcloud auth login`")
    why = said("the token has expired", "令牌已过期")
    return SafeText(tr("Google Cloud does not know who asks: {why}; {mend}", why=why, mend=mend))


def service_silent() -> SafeText:
    return said(
        f"cannot read service {FACTS.name}: run.googleapis.com is out of reach",
        f"无法读取服务 {FACTS.name}：无法连接 run.googleapis.com",
    )


def log_silent() -> SafeText:
    return said("the log is out of reach", "无法连接日志")


def metrics_denied() -> SafeText:
    return said(
        "permission monitoring.timeSeries.list is missing", "缺少权限 monitoring.timeSeries.list"
    )


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


@once_a_language
def rolling() -> ServiceSnapshot:
    return replace(
        awake(),
        facts=replace(FACTS, latest_created_revision=NEW, reconciling=True, updated=THEN),
        rollout=Rollout(NEW, OLD, stages(DONE, DONE, StageState.GOING_ON, TO_COME, TO_COME)),
    )


@once_a_language
def rolled() -> ServiceSnapshot:
    return replace(
        awake(),
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
NO_PORT = (
    "The user-provided container failed to start and listen on the port defined provided by the "
    "PORT=7860 environment variable within the allocated timeout."
)


@once_a_language
def broken() -> ServiceSnapshot:
    """A roll-out failed, for a reason whose mend is cut short in English."""
    cause = failure("", NO_PORT)
    short = "have it listen on 0.0.0.0:7860, give a slow start a longer start-up probe"
    why = tr(
        "the last roll-out failed and the revision before serves on: {why}",
        why=said(cause.says, str(cause)),
    )
    ended = stages(DONE, DONE, StageState.FAILED, TO_COME, TO_COME)
    return replace(
        at_zero(),
        problem=SafeText(why),
        facts=replace(
            FACTS,
            latest_created_revision=NEW,
            updated=THEN,
            ready=condition("Ready", ConditionState.FAILED),
        ),
        rollout=Rollout(NEW, OLD, ended, Meaning(cause.says, said(short, cause.mend)), LAST_WORDS),
    )


@once_a_language
def offline() -> ServiceSnapshot:
    silent = without("service", Standing.ERROR, service_silent())
    return replace(
        at_zero(),
        state=ServiceState.UNREACHABLE,
        problem=service_silent(),
        log_problem=log_silent(),
        fresh=replace(silent, log=Freshness(Standing.ERROR, THEN, log_silent(), SOON)),
    )


@once_a_language
def access_denied() -> ServiceSnapshot:
    why = said("permission is missing", "缺少权限")
    return replace(
        awake(),
        access=Access(Openness.UNKNOWN, why),
        fresh=without("access", Standing.DENIED, "no", "run.services.getIamPolicy"),
    )


SNAPSHOTS: dict[str, Callable[[], ServiceSnapshot]] = {
    "connecting": lambda: ServiceSnapshot(state=ServiceState.CONNECTING, source="sandbox"),
    "remembered": lambda: replace(
        at_zero(),
        state=ServiceState.CONNECTING,
        instances=None,
        metrics=None,
        fresh=Freshnesses(*[Freshness(Standing.STALE, THEN)] * 2),
    ),
    "zero": at_zero,
    "waking": waking,
    "awake": awake,
    "split": split,
    "rolling": rolling,
    "rolled": rolled,
    "broken": broken,
    "denied": lambda: asked_in_vain(ServiceState.DENIED, Standing.DENIED, no_role()),
    "denied-later": lambda: replace(
        at_zero(),
        state=ServiceState.DENIED,
        problem=no_role(),
        fresh=without("service", Standing.DENIED, no_role(), "run.services.get"),
    ),
    "logged-out": lambda: replace(
        at_zero(),
        state=ServiceState.DENIED,
        problem=no_login(),
        fresh=without("service", Standing.DENIED, no_login()),
    ),
    "missing": lambda: asked_in_vain(
        ServiceState.MISSING, Standing.ABSENT, refused(google.NotFound(""))
    ),
    "offline": offline,
    "service-silent": lambda: replace(
        awake(), fresh=without("service", Standing.ERROR, service_silent())
    ),
    "log-denied": lambda: replace(
        awake(),
        instances=None,
        log_problem=log_denied(),
        fresh=without("log", Standing.DENIED, log_denied(), "logging.logEntries.list"),
    ),
    "metrics-denied": lambda: replace(
        awake(),
        metrics=None,
        fresh=without("metrics", Standing.DENIED, metrics_denied(), "monitoring.timeSeries.list"),
    ),
    "access-denied": access_denied,
    "paused": lambda: replace(
        awake(), paused=True, fresh=replace(ALL_FRESH, service=replace(FRESH, at=THEN))
    ),
}


def cloud_scene(name: str) -> Store:
    """A store as it is at one of the `SNAPSHOTS`, with the lines of a start that failed."""
    store = Store()
    store.set_service(SNAPSHOTS[name]())
    for line in LAST_WORDS:
        store.add_record(line)
    return store


def clock() -> Callable[[], datetime]:
    """A clock that stands still at five past twelve."""
    return lambda: NOW
