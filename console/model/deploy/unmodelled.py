"""What a service has that the console knows no setting for: it is left as it is, and told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from console.language import tr, tr_later, tr_many
from console.model.cost.prices import Gpu
from console.model.deploy.body_parts import Body, part, parts, serving, text
from console.model.deploy.settings import Ingress
from console.model.text import SafeText

_TOLD: Final = frozenset(
    {
        *("name", "uid", "generation", "createTime", "updateTime", "deleteTime", "expireTime"),
        *("creator", "lastModifier", "client", "clientVersion", "launchStage", "etag"),
        *("observedGeneration", "terminalCondition", "conditions", "latestReadyRevision"),
        *("latestCreatedRevision", "traffic", "trafficStatuses", "reconciling", "urls", "uri"),
        *(
            "satisfiesPzs",
            "annotations",
            "labels",
            "ingress",
            "invokerIamDisabled",
            "scaling",
            "template",
        ),
    }
)
"""What is modelled, what the platform says of itself, and what the facts of a service have."""

_SCALING: Final = frozenset(
    {"minInstanceCount", "maxInstanceCount", "manualInstanceCount", "scalingMode"}
)
_TEMPLATE: Final = frozenset(
    {
        *("revision", "labels", "scaling", "timeout", "serviceAccount", "containers", "volumes"),
        *("executionEnvironment", "maxInstanceRequestConcurrency", "nodeSelector"),
        *("gpuZonalRedundancyDisabled", "client", "clientVersion", "annotations"),
    }
)
_CONTAINER: Final = frozenset(
    {"name", "image", "resources", "ports", "env", "volumeMounts", "startupProbe"}
)
_RESOURCES: Final = frozenset({"limits", "cpuIdle", "startupCpuBoost"})
_LIMITS: Final = frozenset({"cpu", "memory", "nvidia.com/gpu"})
_MOUNT: Final = frozenset({"name", "mountPath"})
_VOLUME: Final = frozenset({"name", "gcs"})
_BUCKET: Final = frozenset({"bucket", "readOnly", "mountOptions"})
_PROBE: Final = frozenset(
    {
        *("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "failureThreshold"),
        *("httpGet", "tcpSocket", "grpc"),
    }
)
_OWN: Final = "zimage-console/"
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,59}")
_WORDS: Final = {
    "vpcAccess": tr_later("a network of its own (VPC)"),
    "binaryAuthorization": tr_later("binary authorization"),
    "iapEnabled": tr_later("Identity-Aware Proxy"),
    "customAudiences": tr_later("custom audiences"),
    "defaultUriDisabled": tr_later("no address of run.app"),
    "buildConfig": tr_later("builds from source"),
    "sessionAffinity": tr_later("session affinity"),
    "healthCheckDisabled": tr_later("no check at a deployment"),
    "encryptionKey": tr_later("a customer's encryption key"),
    "serviceMesh": tr_later("a service mesh"),
    "livenessProbe": tr_later("a liveness probe"),
    "readinessProbe": tr_later("a readiness probe"),
    "command": tr_later("another command"),
    "args": tr_later("arguments of the command"),
    "workingDir": tr_later("another working directory"),
}


def unmodelled(body: Mapping[str, object]) -> tuple[SafeText, ...]:
    """Return in a few words each what is there, in the order of the document, each once.

    The words are fixed, or a key that is nothing but letters and digits: they may be shown.
    """
    return tuple(SafeText(each) for each in dict.fromkeys(_found(body)))


def _found(body: Mapping[str, object]) -> Iterator[str]:
    template = part(body, "template")
    containers = parts(template, "containers")
    yield from _other_keys(body, _TOLD)
    notes = (*part(body, "annotations"), *part(template, "annotations"))
    if not all(each.startswith(_OWN) for each in notes):
        yield tr("annotations")
    if text(body, "ingress") not in {"", "INGRESS_TRAFFIC_UNSPECIFIED", *Ingress}:
        yield tr("another ingress")
    yield from _other_keys(part(body, "scaling"), _SCALING)
    yield from _other_keys(part(template, "scaling"), _SCALING)
    yield from _other_keys(template, _TEMPLATE)
    selector = part(template, "nodeSelector")
    yield from _other_keys(selector, frozenset({"accelerator"}))
    if text(selector, "accelerator") not in {"", *Gpu}:
        yield tr("a GPU of another kind")
    yield from _in_volumes(template)
    if len(containers) > 1:
        yield tr_many("{count} more container", "{count} more containers", len(containers) - 1)
    yield from _in_container(serving(containers))


def _in_volumes(template: Body) -> Iterator[str]:
    for volume in parts(template, "volumes"):
        if not part(volume, "gcs"):
            yield tr("a volume that is no bucket")
        else:
            yield from _other_keys(volume, _VOLUME)
            yield from _other_keys(part(volume, "gcs"), _BUCKET)


def _in_container(container: Body) -> Iterator[str]:
    yield from _other_keys(container, _CONTAINER)
    resources = part(container, "resources")
    yield from _other_keys(resources, _RESOURCES)
    if part(resources, "limits").keys() - _LIMITS:
        yield tr("other limits")
    if any(text(each, "name") not in ("", "http1") for each in parts(container, "ports")):
        yield tr("HTTP/2 from end to end")
    for variable in parts(container, "env"):
        source = part(variable, "valueSource")
        if source and not part(source, "secretKeyRef"):
            yield tr("variables from other sources")
    for mount in parts(container, "volumeMounts"):
        yield from _other_keys(mount, _MOUNT)
    probe = part(container, "startupProbe")
    yield from _other_keys(probe, _PROBE)
    if part(probe, "httpGet").get("httpHeaders"):
        yield tr("headers of the start-up probe")
    if part(probe, "grpc").get("service"):
        yield tr("the service of the start-up probe")


def _other_keys(body: Mapping[str, object], known: frozenset[str]) -> Iterator[str]:
    for key, value in body.items():
        if key not in known and value not in (None, "", False, 0, [], {}):
            if key in _WORDS:
                yield tr(_WORDS[key])
            else:
                yield key if _KEY.fullmatch(key) else tr("a setting with an odd name")
