"""What is known of a service on Google Cloud as rows, and what is wrong with it as a story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from textual.content import Content

from console.language import tr
from console.model.access import Openness
from console.model.conditions import aspect, meaning
from console.model.freshness import Standing, rough_age, short_reason
from console.model.metrics import Minutes, ServiceMetrics
from console.model.service import (
    Condition,
    ConditionState,
    ServiceFacts,
    ServiceSnapshot,
    ServiceState,
    TrafficShare,
)
from console.model.storage import weights_text
from console.widgets.service_badge import badge, doing
from console.widgets.spark import share_bar, spark

ABSENT = "–"
_SPARK_WIDTH = 20
_BAR_WIDTH = 10
_DIGEST = 12
_GLYPHS = {
    ConditionState.SUCCEEDED: ("✓", "$success"),
    ConditionState.FAILED: ("✗", "$error"),
    ConditionState.UNKNOWN: ("?", "$text-muted"),
}
_GOING_ON = ("◔", "$warning")

Fact = tuple[str, Content]


def cloud_facts(
    service: ServiceSnapshot, facts: ServiceFacts, now: datetime, *, bars: bool = True
) -> list[Fact]:
    """Return the facts, those that matter most first; with `bars` traffic may take several."""
    return [
        (tr("state"), _state(service, facts)),
        (tr("revision"), _revision(facts, now)),
        (tr("shape"), _known(_shape(facts))),
        (tr("scale"), Content(_scale(facts, service.instances))),
        (tr("requests"), _requests(service, now, _SPARK_WIDTH if bars else _SPARK_WIDTH // 2)),
        (tr("latency"), _latency(service)),
        (tr("access"), _access(service)),
        (tr("start"), _last_start(service, now)),
        (tr("limits"), _known(_limits(facts))),
        *_traffic(facts, bars=bars),
        (tr("image"), _known(image_text(facts.image))),
        (tr("models"), _models(service, facts)),
        (tr("url"), _known(service.url)),
        (tr("account"), _known(facts.service_account)),
        (tr("paid"), _known(_paid(facts))),
    ]


def cloud_story(service: ServiceSnapshot, now: datetime) -> Content:
    """Return what a person should know now: what goes on, or what is wrong and the mend."""
    lines: list[Content] = []
    if service.problem is not None:
        lines.append(Content.styled(service.problem, "$error"))
    known = service.fresh.service
    if known.troubled and known.problem not in (None, service.problem):
        lines.append(Content.styled(f"▲ {known.problem}", "$warning"))
    if service.problem is None and service.facts is not None and service.rollout is None:
        lines += [_unsettled(each) for each in service.facts.conditions if not _succeeded(each)]
    if service.state is ServiceState.STARTING:
        lines.append(Content.styled(doing(service), "$warning"))
    if service.state is ServiceState.CONNECTING:
        lines.append(Content.styled(tr("asking Google Cloud …"), "$text-muted"))
    return Content("\n").join(lines)


def in_columns(left: Content, right: Content, width: int) -> Content:
    """Put the lines of two blocks beside each other, each in half of `width`."""
    half = (width - 2) // 2
    first, second = left.split("\n"), right.split("\n")
    rows = []
    for place in range(max(len(first), len(second))):
        one = first[place] if place < len(first) else Content("")
        other = second[place] if place < len(second) else Content("")
        rows.append(
            Content.assemble(
                one.truncate(half, ellipsis=True, pad=True),
                "  ",
                other.truncate(width - half - 2, ellipsis=True),
            )
        )
    return Content("\n").join(rows)


def _state(service: ServiceSnapshot, facts: ServiceFacts) -> Content:
    parts: list[Content | str] = [badge(service)]
    for each in facts.conditions:
        if each.type == "Ready":
            continue
        glyph, style = _GLYPHS.get(each.state, _GOING_ON)
        parts += ["  ", Content.styled(glyph, style), f" {aspect(each)}"]
    return Content.assemble(*parts)


def _succeeded(condition: Condition) -> bool:
    return condition.state is ConditionState.SUCCEEDED


def _unsettled(condition: Condition) -> Content:
    glyph, style = _GLYPHS.get(condition.state, _GOING_ON)
    said = tr("{aspect}: {meaning}", aspect=aspect(condition), meaning=meaning(condition))
    return Content.styled(f"{glyph} {said}", style)


def _revision(facts: ServiceFacts, now: datetime) -> Content:
    """Return the revision that serves, and the one that is to, if it is another."""
    serving, made = facts.latest_ready_revision, facts.latest_created_revision
    if made is not None and made != serving:
        return Content.assemble(serving or ABSENT, (" → ", "$text-muted"), (made, "$warning"))
    changed = "" if facts.updated is None else f"  {rough_age(facts.updated, now)}"
    return Content.assemble(serving or ABSENT, (changed, "$text-muted"))


def image_text(image: str | None) -> str | None:
    """Return name and tag, or name and the beginning of the digest."""
    if image is None:
        return None
    name, at, digest = image.partition("@")
    short = name.rpartition("/")[2]
    return f"{short}@{digest.removeprefix('sha256:')[:_DIGEST]}…" if at else short


def _shape(facts: ServiceFacts) -> str | None:
    parts = [None if facts.cpu is None else f"{facts.cpu} CPU", facts.memory, facts.gpu]
    return " · ".join(part for part in parts if part) or None


def _paid(facts: ServiceFacts) -> str | None:
    if facts.cpu_always_allocated is None:
        return None
    always = facts.cpu_always_allocated
    return tr("as long as an instance runs") if always else tr("while it answers")


def _scale(facts: ServiceFacts, running: int | None) -> str:
    now = ABSENT if running is None else running
    if facts.manual_instances is not None:
        by_hand = facts.manual_instances
        return tr("{count} by hand · {running} running", count=by_hand, running=now)
    most = ABSENT if facts.max_instances is None else facts.max_instances
    least = facts.min_instances or 0
    return tr("{least} to {most} · {running} running", least=least, most=most, running=now)


def _limits(facts: ServiceFacts) -> str | None:
    parts = [
        None if facts.concurrency is None else tr("{count} at once", count=facts.concurrency),
        None if facts.timeout is None else tr("{seconds:g} s each", seconds=facts.timeout),
    ]
    return " · ".join(part for part in parts if part) or None


def _models(service: ServiceSnapshot, facts: ServiceFacts) -> Content:
    """Return what is in the bucket with the models, as far as that is known, and where it is."""
    if not facts.volumes:
        return _known(None)
    one = facts.volumes[0]
    place = tr("gs://{bucket} at {path}", bucket=one.bucket, path=one.path)
    if not one.read_only:
        place = tr("gs://{bucket} at {path}, writable", bucket=one.bucket, path=one.path)
    if others := len(facts.volumes) - 1:
        place = tr("{place}, {count} more", place=place, count=others)
    weights, fresh = service.weights, service.fresh.weights
    parts: list[Content | str] = []
    if fresh.standing is Standing.ABSENT:
        parts += [Content.styled(tr("no such bucket"), "$warning"), " · "]
        weights = None
    elif fresh.troubled:
        parts += [Content.styled(short_reason(fresh), "$text-muted"), " · "]
    if weights is not None and weights.bucket == one.bucket:
        style = "$warning" if weights.objects == 0 else ""
        parts += [Content.styled(weights_text(weights), style), " · "]
    return Content.assemble(*parts, place)


def _access(service: ServiceSnapshot) -> Content:
    known = service.access
    if known is None:
        return _known(None)
    if known.openness is Openness.UNKNOWN:
        reason = short_reason(service.fresh.access) or known.why
        return Content.styled(tr("unknown: {reason}", reason=reason), "$text-muted")
    style = "$warning" if known.openness is Openness.PUBLIC else ""
    return Content.assemble((known.openness.word, f"bold {style}"), tr(": "), known.why)


def _last_start(service: ServiceSnapshot, now: datetime) -> Content:
    if service.started_at is None:
        why = "" if service.log_problem else tr("none in the log")
        return Content.styled(f"{ABSENT} {why}".rstrip(), "$text-muted")
    ready = service.ready_after
    took = tr("not ready") if ready is None else f"{ready:.2f} s"
    return Content.assemble(took, (f"  {rough_age(service.started_at, now)}", "$text-muted"))


def _traffic(facts: ServiceFacts, *, bars: bool) -> list[Fact]:
    """Return who gets how much, with a bar for each where several get something."""
    shares = [each for each in facts.traffic if each.percent or each.tag]
    if len(shares) > 1 and not bars:
        return [(tr("traffic"), Content(" · ".join(_share(facts, each) for each in shares)))]
    if len(shares) <= 1:
        return [(tr("traffic"), _known(_share(facts, shares[0]) if shares else None))]
    rows = [
        Content.assemble(
            (share_bar(each.percent, _BAR_WIDTH), "$primary"), " ", _share(facts, each)
        )
        for each in shares
    ]
    return [(tr("traffic") if place == 0 else "", row) for place, row in enumerate(rows)]


def _share(facts: ServiceFacts, share: TrafficShare) -> str:
    revision = share.revision or facts.latest_ready_revision or tr("the latest ready one")
    tag = f" #{share.tag}" if share.tag else ""
    return f"{share.percent} % {revision}{tag}"


def _requests(service: ServiceSnapshot, now: datetime, width: int) -> Content:
    metrics, known = service.metrics, service.fresh.metrics
    if metrics is None:
        return Content.styled(f"{ABSENT} {short_reason(known)}".rstrip(), "$text-muted")
    how_late = short_reason(known) if known.troubled else _lag(metrics)
    if metrics.requests.total is None:
        return Content.styled(f"{ABSENT} {how_late}", "$text-muted")
    row = spark(metrics.requests.values, width)
    failed = metrics.failures.total or 0
    return Content.assemble(
        tr("{count:,.0f} / h", count=metrics.requests.total) + " ",
        (row, "$primary" if not known.troubled else "$text-muted"),
        (" " + tr("{count:,.0f} failed", count=failed), "$error") if failed else "",
        (f" {how_late}", "$text-muted"),
    )


def _lag(metrics: ServiceMetrics) -> str:
    """Return up to when something was measured, which is never now."""
    measured = metrics.measured_at
    if measured is None:
        return tr("none measured")
    return tr("to {at:%H:%M}", at=measured.astimezone(UTC))


def _latency(service: ServiceSnapshot) -> Content:
    metrics = service.metrics
    if metrics is None or metrics.median_latency.latest is None:
        return _known(None)
    median, slow = metrics.median_latency, metrics.slow_latency
    return Content(f"p50 {_seconds(median)} · p95 {_seconds(slow)}")


def _seconds(minutes: Minutes) -> str:
    latest = minutes.latest
    return ABSENT if latest is None else f"{latest.value:.1f} s"


def _known(value: str | None) -> Content:
    return Content.styled(ABSENT, "$text-muted") if value is None else Content(value)


def without_state(facts: Sequence[Fact]) -> list[Fact]:
    """Leave the state out, the first of them, which the first row of the screen says."""
    return list(facts[1:])
