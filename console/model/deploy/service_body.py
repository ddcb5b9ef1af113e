"""The settings of a service as the Cloud Run Admin API v2 takes and tells them, in JSON.

Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Final

from console.model.cost.prices import Gpu
from console.model.deploy.body_parts import Body, part, parts, seconds, serving, text, whole
from console.model.deploy.differences import changed_fields
from console.model.deploy.service_mounts import mounts_of, write_mounts
from console.model.deploy.settings import (
    ENGINE_PORT,
    Ingress,
    Probe,
    ProbeKind,
    Secret,
    ServiceSettings,
)
from console.model.deploy.unmodelled import unmodelled
from console.model.text import SafeText

OF_THE_SERVICE: Final = frozenset({"ingress", "callers_unchecked", "manual_instances"})
"""The fields of `ServiceSettings` that can change without a new revision."""

GPU_LIMIT: Final = "nvidia.com/gpu"
_PROBES: Final = {
    "httpGet": ProbeKind.HTTP,
    "tcpSocket": ProbeKind.TCP,
    "grpc": ProbeKind.GRPC,
}
_GENERATION: Final = {True: "EXECUTION_ENVIRONMENT_GEN2", False: "EXECUTION_ENVIRONMENT_GEN1"}
_COUNTS: Final = {"min_instances": "minInstanceCount", "max_instances": "maxInstanceCount"}
_CPU: Final = "1000m"
_MEMORY: Final = "512Mi"


def body_of(settings: ServiceSettings, before: Mapping[str, object] | None = None) -> Body:
    """Return a `Service` with these settings, without a name.

    With `before`, the service that there is, exactly that is written of which `changes` tells, and
    all else stays as it is and as it is written: `before` itself where nothing has to change.
    """
    body: Body = deepcopy(dict(before or {}))
    observed = settings_of(before)[0] if before else None
    fields = frozenset(field for field, _ in changed_fields(observed, settings))
    if not fields:
        return body
    template = _open(body, "template")
    containers = parts(template, "containers") or [{}]
    template["containers"] = containers
    container = serving(containers)
    _write_service(body, settings, fields)
    _write_scaling(body, template, settings, fields)
    _write_template(template, settings, fields)
    _write_resources(_open(container, "resources"), settings, fields)
    if before is None and settings.cpu_always is None and settings.gpu is None:
        # Nothing said here would be billing by instance, where `gcloud` means billing by request.
        part(container, "resources")["cpuIdle"] = True
    _write_gpu(template, container, settings, fields)
    _write_container(container, settings, fields)
    if "mounts" in fields:
        write_mounts(template, container, settings.mounts)
    return body


def settings_of(body: Mapping[str, object]) -> tuple[ServiceSettings, tuple[SafeText, ...]]:
    """Read a `Service`; return also the names of what is there and that the settings lack.

    Texts are as they are in `body`. What the API leaves out because it is false or 0 is taken for
    that, and what it never filled in for None.
    """
    template = part(body, "template")
    container = serving(parts(template, "containers"))
    resources = part(container, "resources")
    limits = part(resources, "limits")
    ports = parts(container, "ports")
    port = (whole(ports[0], "containerPort") if ports else 0) or ENGINE_PORT
    redundancy = template.get("gpuZonalRedundancyDisabled")
    variables, secrets = _read_environment(container)
    settings = ServiceSettings(
        image=text(container, "image"),
        cpu=text(limits, "cpu") or _CPU,
        memory=text(limits, "memory") or _MEMORY,
        gpu=_gpu(template),
        gpu_zonal_redundancy=None if redundancy is None else redundancy is not True,
        cpu_always=None if not resources else resources.get("cpuIdle") is not True,
        cpu_boost=None if not resources else resources.get("startupCpuBoost") is True,
        port=port,
        concurrency=whole(template, "maxInstanceRequestConcurrency") or None,
        timeout=seconds(template, "timeout") or None,
        min_instances=_least_instances(body, template),
        max_instances=_most_instances(body, template),
        manual_instances=_manual(body),
        second_generation={word: second for second, word in _GENERATION.items()}.get(
            text(template, "executionEnvironment")
        ),
        service_account=text(template, "serviceAccount") or None,
        probe=_read_probe(container, port),
        mounts=mounts_of(template, container),
        variables=variables,
        secrets=secrets,
        ingress=_ingress(body),
        callers_unchecked=body.get("invokerIamDisabled") is True,
        labels=_labels(body),
    )
    return settings, unmodelled(body)


def _write_service(body: Body, settings: ServiceSettings, fields: frozenset[str]) -> None:
    if "ingress" in fields:
        body["ingress"] = settings.ingress.value
    if "callers_unchecked" in fields:
        body["invokerIamDisabled"] = settings.callers_unchecked
    if "labels" in fields:
        for labelled in (body, part(body, "template")):
            _open(labelled, "labels").update(settings.labels)


def _write_scaling(
    body: Body, template: Body, settings: ServiceSettings, fields: frozenset[str]
) -> None:
    """Write how many instances there may be, also where a limit for all revisions is set."""
    of_all = part(body, "scaling")
    for field, key in _COUNTS.items():
        if field in fields:
            count = getattr(settings, field)
            _open(template, "scaling")[key] = count
            if key in of_all:
                of_all[key] = count
    if "manual_instances" not in fields:
        return
    of_all = _open(body, "scaling")
    of_all.pop("manualInstanceCount", None)
    of_all["scalingMode"] = "AUTOMATIC" if settings.manual_instances is None else "MANUAL"
    if settings.manual_instances is not None:
        of_all["manualInstanceCount"] = settings.manual_instances


def _write_template(template: Body, settings: ServiceSettings, fields: frozenset[str]) -> None:
    if "timeout" in fields:
        template["timeout"] = f"{settings.timeout}s"
    if "concurrency" in fields:
        template["maxInstanceRequestConcurrency"] = settings.concurrency
    if settings.second_generation is not None and "second_generation" in fields:
        template["executionEnvironment"] = _GENERATION[settings.second_generation]
    if "service_account" in fields:
        template["serviceAccount"] = settings.service_account
    if fields - OF_THE_SERVICE:
        # A revision's name is its own: the next one needs another.
        template.pop("revision", None)


def _write_resources(resources: Body, settings: ServiceSettings, fields: frozenset[str]) -> None:
    limits = _open(resources, "limits")
    for field in ("cpu", "memory"):
        if field in fields:
            limits[field] = getattr(settings, field)
    if "cpu_always" in fields:
        resources["cpuIdle"] = not settings.cpu_always
    if "cpu_boost" in fields:
        resources["startupCpuBoost"] = settings.cpu_boost


def _write_gpu(
    template: Body, container: Body, settings: ServiceSettings, fields: frozenset[str]
) -> None:
    limits = part(part(container, "resources"), "limits")
    if "gpu" in fields and settings.gpu is not None:
        limits[GPU_LIMIT] = "1"
        _open(template, "nodeSelector")["accelerator"] = settings.gpu.value
    elif "gpu" in fields:
        limits.pop(GPU_LIMIT, None)
        template.pop("nodeSelector", None)
        template.pop("gpuZonalRedundancyDisabled", None)
    if "gpu_zonal_redundancy" in fields:
        template["gpuZonalRedundancyDisabled"] = not settings.gpu_zonal_redundancy


def _write_container(container: Body, settings: ServiceSettings, fields: frozenset[str]) -> None:
    if "image" in fields:
        container["image"] = settings.image
    if "port" in fields:
        ports = parts(container, "ports") or [{"name": "http1"}]
        container["ports"] = [{**ports[0], "containerPort": settings.port}]
    if settings.probe is not None and "probe" in fields:
        container["startupProbe"] = _probe(settings.probe, part(container, "startupProbe"))
    if fields & {"variables", "secrets"}:
        _write_environment(container, settings)


def _write_environment(container: Body, settings: ServiceSettings) -> None:
    """Write variables in the places of those of the same names, and others behind them."""
    wanted: dict[str, Body] = {
        name: {"name": name, "value": value} for name, value in settings.variables
    }
    for each in settings.secrets:
        named = {"secret": each.secret, "version": each.version}
        wanted[each.variable] = {
            "name": each.variable,
            "valueSource": {"secretKeyRef": named},
        }
    kept = [wanted.pop(text(each, "name"), each) for each in parts(container, "env")]
    if kept or wanted:
        container["env"] = [*kept, *wanted.values()]


def _read_environment(
    container: Body,
) -> tuple[tuple[tuple[str, str], ...], tuple[Secret, ...]]:
    variables: list[tuple[str, str]] = []
    secrets: list[Secret] = []
    for each in parts(container, "env"):
        name, source = text(each, "name"), part(each, "valueSource")
        named = part(source, "secretKeyRef")
        if named:
            version = text(named, "version") or "latest"
            secrets.append(Secret(variable=name, secret=text(named, "secret"), version=version))
        elif not source:
            variables.append((name, text(each, "value")))
    return tuple(variables), tuple(secrets)


def _probe(probe: Probe, before: Body) -> Body:
    """Return a probe; what else one of the same kind has stays, such as headers."""
    key = next(key for key, kind in _PROBES.items() if kind is probe.kind)
    asked: Body = {**part(before, key), "port": probe.port}
    if probe.kind is ProbeKind.HTTP:
        asked["path"] = probe.path
    return {
        "initialDelaySeconds": probe.delay,
        "timeoutSeconds": probe.timeout,
        "periodSeconds": probe.period,
        "failureThreshold": probe.failures,
        key: asked,
    }


def _read_probe(container: Body, port: int) -> Probe | None:
    probe = part(container, "startupProbe")
    key = next((key for key in _PROBES if isinstance(probe.get(key), dict)), None)
    if key is None:
        return None
    asked = part(probe, key)
    path = text(asked, "path") or "/" if key == "httpGet" else ""
    return Probe(
        kind=_PROBES[key],
        path=path,
        port=whole(asked, "port") or port,
        period=whole(probe, "periodSeconds") or 10,
        timeout=whole(probe, "timeoutSeconds") or 1,
        failures=whole(probe, "failureThreshold") or 3,
        delay=whole(probe, "initialDelaySeconds"),
    )


def _labels(body: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    labels = part(body, "labels")
    return tuple(sorted((key, value) for key, value in labels.items() if isinstance(value, str)))


def _gpu(template: Mapping[str, object]) -> Gpu | None:
    """Return the GPU if it is one that is known here."""
    accelerator = text(part(template, "nodeSelector"), "accelerator")
    return next((each for each in Gpu if each.value == accelerator), None)


def _ingress(body: Mapping[str, object]) -> Ingress:
    said = text(body, "ingress")
    return next((each for each in Ingress if each.value == said), Ingress.ALL)


def _least_instances(body: Mapping[str, object], template: Body) -> int | None:
    counts = [part(body, "scaling"), part(template, "scaling")]
    said = [whole(each, "minInstanceCount") for each in counts if "minInstanceCount" in each]
    return max(said, default=None)


def _most_instances(body: Mapping[str, object], template: Body) -> int | None:
    counts = [part(body, "scaling"), part(template, "scaling")]
    return min(filter(None, (whole(each, "maxInstanceCount") for each in counts)), default=None)


def _manual(body: Mapping[str, object]) -> int | None:
    scaling = part(body, "scaling")
    manual = text(scaling, "scalingMode") == "MANUAL"
    return whole(scaling, "manualInstanceCount") if manual else None


def _open(body: Body, key: str) -> Body:
    """Return the object at `key`, which is put there if there is none."""
    opened = part(body, key)
    body[key] = opened
    return opened
