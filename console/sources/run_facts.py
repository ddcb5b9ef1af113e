"""Answers of the Cloud Run Admin API v2 read into the console's own facts.

The raw protocol buffers are read, not the wrappers around them: those warn on standard error
about every value of an enumeration that is newer than they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import EnumMeta
from typing import TYPE_CHECKING, Any, Final, TypedDict
from urllib.parse import urlsplit

from google.api import launch_stage_pb2
from google.cloud import run_v2

from console.language import tr
from console.model.access import Grant, Policy
from console.model.service import (
    Condition,
    ConditionState,
    Revision,
    ServiceFacts,
    ServiceName,
    StartupProbe,
    TrafficShare,
    Volume,
)
from console.model.text import SafeText
from console.sources.base import Malformed
from console.terminal.sanitise import sanitise

if TYPE_CHECKING:
    from google.protobuf.message import Message

_STATES: Final = {
    1: ConditionState.PENDING,
    2: ConditionState.RECONCILING,
    3: ConditionState.FAILED,
    4: ConditionState.SUCCEEDED,
}
_REASONS: Final[Mapping[str, EnumMeta]] = {
    "reason": run_v2.Condition.CommonReason,
    "revision_reason": run_v2.Condition.RevisionReason,
    "execution_reason": run_v2.Condition.ExecutionReason,
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_GPU: Final = "nvidia.com/gpu"


class _Work(TypedDict):
    image: SafeText | None
    cpu: SafeText | None
    memory: SafeText | None
    gpu: SafeText | None
    concurrency: int | None
    timeout: float | None
    port: int | None
    service_account: SafeText | None
    cpu_always_allocated: bool | None
    cpu_boost: bool | None
    startup_probe: StartupProbe | None
    zonal_redundancy: bool | None
    volumes: tuple[Volume, ...]
    read_directly: SafeText | None


def service_facts(service: run_v2.Service) -> ServiceFacts:
    """Read a service; raises `Malformed` for one without a name that makes sense."""
    raw = run_v2.Service.pb(service)
    try:
        name = ServiceName.parse(raw.name)
    except ValueError as error:
        words = tr("Cloud Run's answer makes no sense: {why}", why=error)
        raise Malformed(sanitise(words)) from None
    uri = web_address(raw.uri)
    manual = raw.scaling.scaling_mode == run_v2.ServiceScaling.ScalingMode.MANUAL
    return ServiceFacts(
        name=name,
        uri=uri,
        url=uri or next(filter(None, map(web_address, raw.urls)), None),
        ready=_condition(raw.terminal_condition) if raw.HasField("terminal_condition") else None,
        conditions=tuple(map(_condition, raw.conditions)),
        reconciling=raw.reconciling,
        latest_ready_revision=_last_part(raw.latest_ready_revision),
        latest_created_revision=_last_part(raw.latest_created_revision),
        traffic=tuple(map(_share, raw.traffic_statuses)),
        min_instances=raw.scaling.min_instance_count or raw.template.scaling.min_instance_count,
        max_instances=_least(
            raw.scaling.max_instance_count, raw.template.scaling.max_instance_count
        ),
        manual_instances=raw.scaling.manual_instance_count if manual else None,
        ingress=_word(run_v2.IngressTraffic, raw.ingress, "INGRESS_TRAFFIC_"),
        invoker_iam_disabled=raw.invoker_iam_disabled,
        launch_stage=_launch_stage(raw.launch_stage),
        generation=raw.generation or None,
        created=_time(raw, "create_time"),
        updated=_time(raw, "update_time"),
        updated_by=_text(raw.last_modifier),
        **_work(raw.template),
    )


def revision_facts(revision: run_v2.Revision) -> Revision:
    """Read a revision."""
    raw = run_v2.Revision.pb(revision)
    return Revision(
        name=_last_part(raw.name) or SafeText("–"),
        conditions=tuple(map(_condition, raw.conditions)),
        reconciling=raw.reconciling,
        created=_time(raw, "create_time"),
        min_instances=raw.scaling.min_instance_count,
        max_instances=raw.scaling.max_instance_count or None,
        **_work(raw),
    )


def policy_facts(policy: Any) -> Policy:
    """Read the policy of a service (`google.iam.v1.Policy`)."""
    return Policy(
        tuple(
            Grant(
                sanitise(binding.role),
                tuple(map(sanitise, binding.members)),
                _text(binding.condition.title or binding.condition.expression),
            )
            for binding in policy.bindings
        )
    )


def _work(template: Any) -> _Work:
    """Read what a revision and the template of one have in common."""
    container = _serving(template.containers)
    resources = container.resources if container and container.HasField("resources") else None
    limits = {} if resources is None else dict(resources.limits)
    port = container.ports[0].container_port if container and container.ports else 0
    seconds = template.timeout.seconds + template.timeout.nanos / 1e9
    gpu = _text(template.node_selector.accelerator)
    return _Work(
        image=_text(container.image) if container else None,
        cpu=_text(limits.get("cpu", "")),
        memory=_text(limits.get("memory", "")),
        gpu=gpu or _text(limits.get(_GPU, "")),
        concurrency=template.max_instance_request_concurrency or None,
        timeout=seconds or None,
        port=port or None,
        service_account=_text(template.service_account),
        cpu_always_allocated=None if resources is None else not resources.cpu_idle,
        cpu_boost=None if resources is None else resources.startup_cpu_boost,
        startup_probe=None if container is None else _startup_probe(container),
        zonal_redundancy=_zonal_redundancy(template),
        volumes=_buckets(template, container),
        read_directly=_read_directly(container),
    )


def _startup_probe(container: Any) -> StartupProbe | None:
    if not container.HasField("startup_probe"):
        return None
    raw = container.startup_probe
    asked = raw.WhichOneof("probe_type") or "tcp_socket"
    return StartupProbe(
        kind=sanitise(asked.partition("_")[0].upper()),
        period=raw.period_seconds or None,
        failures=raw.failure_threshold or None,
    )


def _zonal_redundancy(template: Any) -> bool | None:
    """Read whether a GPU is kept for an instance in more than one zone."""
    if not template.HasField("gpu_zonal_redundancy_disabled"):
        return None
    return not template.gpu_zonal_redundancy_disabled


def _buckets(template: Any, container: Any | None) -> tuple[Volume, ...]:
    """Read which buckets the container that takes the requests sees."""
    buckets = {each.name: each.gcs for each in template.volumes if each.gcs.bucket}
    mounts = () if container is None else container.volume_mounts
    return tuple(
        Volume(
            bucket=sanitise(buckets[mount.name].bucket),
            path=sanitise(mount.mount_path),
            read_only=buckets[mount.name].read_only,
        )
        for mount in mounts
        if mount.name in buckets
    )


def _read_directly(container: Any | None) -> SafeText | None:
    """Read from which bucket the engine takes its model itself, as `ZIMAGE_MODELS` tells it."""
    variables = () if container is None else container.env
    named = (each.value for each in variables if each.name == "ZIMAGE_MODELS")
    return next((sanitise(value) for value in named if value.startswith("gs://")), None)


def _serving(containers: Iterable[Any]) -> Any | None:
    """Return the container that takes the requests: the one with a port, else the first."""
    every = list(containers)
    return next((each for each in every if each.ports), every[0] if every else None)


def _condition(raw: Any) -> Condition:
    kind = raw.WhichOneof("reasons")
    reason = _word(_REASONS[kind], getattr(raw, kind)) if kind else None
    return Condition(
        type=sanitise(raw.type_),
        state=_STATES.get(raw.state, ConditionState.UNKNOWN),
        reason=reason or SafeText(""),
        message=sanitise(raw.message),
        severity=_word(run_v2.Condition.Severity, raw.severity) or SafeText(""),
        changed=_time(raw, "last_transition_time"),
    )


def _share(raw: Any) -> TrafficShare:
    return TrafficShare(
        percent=raw.percent,
        revision=_last_part(raw.revision),
        tag=sanitise(raw.tag),
        url=web_address(raw.uri) or SafeText(""),
    )


def _word(kind: EnumMeta, number: int, prefix: str = "") -> SafeText | None:
    """Return an enumeration's word; a number that is not known yet stands for itself."""
    if not number:
        return None
    try:
        return sanitise(str(kind(number).name).removeprefix(prefix))
    except ValueError:
        return sanitise(str(number))


def _launch_stage(number: int) -> SafeText | None:
    try:
        return sanitise(launch_stage_pb2.LaunchStage.Name(number)) if number else None
    except ValueError:
        return sanitise(str(number))


def web_address(text: str) -> SafeText | None:
    """Return a web address; one that would carry secrets in the clear over a network is none."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    private = parts.scheme == "https" or host in ("127.0.0.1", "::1", "localhost")
    return sanitise(text) if private and host and parts.scheme in ("http", "https") else None


def _text(text: str) -> SafeText | None:
    return sanitise(text) or None


def _last_part(name: str) -> SafeText | None:
    return _text(name.rpartition("/")[2])


def _least(*counts: int) -> int | None:
    return min((count for count in counts if count), default=None)


def _time(raw: Message, field: str) -> datetime | None:
    if not raw.HasField(field):
        return None
    stamp = getattr(raw, field)
    try:
        return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1_000)
    except OverflowError:
        return None
