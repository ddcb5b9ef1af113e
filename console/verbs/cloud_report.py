"""A service on Google Cloud on plain output: as JSON values, and as rows for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from console.language import tr
from console.model.conditions import aspect, meaning
from console.model.freshness import Freshness, Freshnesses, age, note, short_reason
from console.model.metrics import Minutes, ServiceMetrics
from console.model.rollout import Rollout
from console.model.service import (
    Condition,
    ConditionState,
    ServiceFacts,
    ServiceSnapshot,
    TrafficShare,
)
from console.model.storage import Weights, weights_text

ABSENT: Final = "–"


def cloud_document(snapshot: ServiceSnapshot) -> dict[str, object]:
    """Return what is known of a service on Google Cloud; what is not known is null."""
    fresh = snapshot.fresh
    return {
        "service": None if snapshot.facts is None else _service(snapshot.facts),
        "instances": snapshot.instances,
        "access": None
        if snapshot.access is None
        else {"openness": str(snapshot.access.openness), "why": snapshot.access.why},
        "metrics": None if snapshot.metrics is None else _metrics(snapshot.metrics),
        "weights": None if snapshot.weights is None else _weights(snapshot.weights),
        "rollout": None if snapshot.rollout is None else _rollout(snapshot.rollout),
        "log_problem": snapshot.log_problem,
        "freshness": None if fresh == Freshnesses() else _freshnesses(fresh),
    }


def _service(facts: ServiceFacts) -> dict[str, object]:
    return {
        "name": str(facts.name),
        "latest_ready_revision": facts.latest_ready_revision,
        "latest_created_revision": facts.latest_created_revision,
        "reconciling": facts.reconciling,
        "image": facts.image,
        "cpu": facts.cpu,
        "memory": facts.memory,
        "gpu": facts.gpu,
        "concurrency": facts.concurrency,
        "timeout_seconds": facts.timeout,
        "min_instances": facts.min_instances,
        "max_instances": facts.max_instances,
        "manual_instances": facts.manual_instances,
        "ingress": facts.ingress,
        "service_account": facts.service_account,
        "updated": _moment(facts.updated),
        "volumes": [
            {"bucket": each.bucket, "path": each.path, "read_only": each.read_only}
            for each in facts.volumes
        ],
        "traffic": [
            {"percent": each.percent, "revision": each.revision, "tag": each.tag or None}
            for each in facts.traffic
        ],
        "ready": None if facts.ready is None else _condition(facts.ready),
        "conditions": [_condition(each) for each in facts.conditions],
    }


def _condition(condition: Condition) -> dict[str, object]:
    told = meaning(condition)
    return {
        "type": condition.type,
        "state": str(condition.state),
        "reason": condition.reason,
        "message": condition.message,
        "meaning": told.says,
        "mend": told.mend or None,
    }


def _metrics(metrics: ServiceMetrics) -> dict[str, object]:
    return {
        "measured_at": _moment(metrics.measured_at),
        "requests_last_hour": metrics.requests.total,
        "failures_last_hour": metrics.failures.total,
        "median_latency_seconds": _latest(metrics.median_latency),
        "slow_latency_seconds": _latest(metrics.slow_latency),
        "median_startup_seconds": _latest(metrics.startup),
    }


def _weights(weights: Weights) -> dict[str, object]:
    return {
        "bucket": weights.bucket,
        "objects": weights.objects,
        "bytes": weights.bytes,
        "kept_bytes": weights.kept_bytes,
        "complete": weights.complete,
    }


def _rollout(rollout: Rollout) -> dict[str, object]:
    return {
        "revision": rollout.revision,
        "serving": rollout.serving,
        "going_on": rollout.going_on,
        "cause": None if rollout.cause is None else rollout.cause.says,
        "mend": None if rollout.cause is None else rollout.cause.mend or None,
        "stages": [
            {
                "name": each.name,
                "state": str(each.state),
                "began": _moment(each.began),
                "ended": _moment(each.ended),
            }
            for each in rollout.stages
        ],
        "last_lines": [each.message for each in rollout.last_words],
    }


def _freshnesses(fresh: Freshnesses) -> dict[str, object]:
    return {
        "service": _freshness(fresh.service),
        "access": _freshness(fresh.access),
        "metrics": _freshness(fresh.metrics),
        "log": _freshness(fresh.log),
        "weights": _freshness(fresh.weights),
    }


def _freshness(known: Freshness) -> dict[str, object]:
    return {
        "standing": str(known.standing),
        "answered_at": _moment(known.at),
        "problem": known.problem,
        "permission": known.needs or None,
    }


def cloud_facts(
    snapshot: ServiceSnapshot, facts: ServiceFacts, now: datetime
) -> list[tuple[str, str]]:
    """Return what a person wants to know of a service, absent facts as a dash."""
    fresh, metrics = snapshot.fresh, snapshot.metrics
    rows = [
        (tr("service"), str(facts.name)),
        (tr("revision"), _revision(facts)),
        *_conditions(facts),
        (tr("image"), facts.image or ABSENT),
        (tr("shape"), _joined(facts.cpu and f"{facts.cpu} CPU", facts.memory, facts.gpu)),
        (tr("instances"), ABSENT if snapshot.instances is None else str(snapshot.instances)),
        (tr("access"), ABSENT if snapshot.access is None else str(snapshot.access)),
        (tr("traffic"), _joined(*(_share(facts, each) for each in facts.traffic if each.percent))),
        (tr("requests"), _requests(metrics) if metrics else _unknown(fresh.metrics)),
        (tr("models"), _models(snapshot, facts)),
        (tr("url"), snapshot.url or ABSENT),
        (tr("changed"), ABSENT if facts.updated is None else age(facts.updated, now)),
    ]
    for name, known in ((tr("known"), fresh.service), (tr("log"), fresh.log)):
        if said := note(known, now):
            why = known.problem
            rows.append((name, tr("{what}: {why}", what=said, why=why) if why else said))
    return rows


def _revision(facts: ServiceFacts) -> str:
    serving, made = facts.latest_ready_revision, facts.latest_created_revision
    if made is None or made == serving:
        return serving or ABSENT
    return tr("{serving}, and {made} is not ready", serving=serving or ABSENT, made=made)


def _conditions(facts: ServiceFacts) -> list[tuple[str, str]]:
    """Return one row where all is well, else a row for each condition that is not."""
    every = (*facts.conditions, *((facts.ready,) if facts.ready is not None else ()))
    unsettled = [each for each in every if each.state is not ConditionState.SUCCEEDED]
    if not unsettled:
        return [(tr("ready"), tr("yes: it can take requests") if every else ABSENT)]
    return [
        (aspect(each), tr("{what}: {why}", what=each.state.word, why=meaning(each)))
        for each in unsettled
    ]


def _share(facts: ServiceFacts, share: TrafficShare) -> str:
    revision = share.revision or facts.latest_ready_revision or tr("latest")
    return f"{share.percent} % {revision}"


def _requests(metrics: ServiceMetrics) -> str:
    total, failed = metrics.requests.total, metrics.failures.total
    if total is None:
        return tr("{absent} none measured in the last hour", absent=ABSENT)
    median, slow = _latest(metrics.median_latency), _latest(metrics.slow_latency)
    return _joined(
        tr("{number:,.0f} in the last hour", number=total),
        tr("{number:,.0f} failed", number=failed) if failed else None,
        f"p50 {median:.1f} s" if median is not None else None,
        f"p95 {slow:.1f} s" if slow is not None else None,
    )


def _models(snapshot: ServiceSnapshot, facts: ServiceFacts) -> str:
    """Return the buckets that instances see, and what is in the first as far as that is known."""
    places = tr(", ").join(
        tr("gs://{bucket} at {path}", bucket=each.bucket, path=each.path) for each in facts.volumes
    )
    if not places:
        return ABSENT
    weights = snapshot.weights
    said = short_reason(snapshot.fresh.weights) if weights is None else weights_text(weights)
    return _joined(said, places)


def _unknown(known: Freshness) -> str:
    return f"{ABSENT} {short_reason(known)}".rstrip()


def _latest(minutes: Minutes) -> float | None:
    latest = minutes.latest
    return None if latest is None else latest.value


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part) or ABSENT


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
