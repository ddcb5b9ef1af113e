"""The settings of a service as the Cloud Run Admin API v2 takes and tells them, in JSON.

Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Final

from console.model.cost.prices import Gpu
from console.model.deploy.body_parts import Body, part, parts, seconds, serving, text, whole
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

GPU_LIMIT: Final = "nvidia.com/gpu"
_PROBES: Final = {
    "httpGet": ProbeKind.HTTP,
    "tcpSocket": ProbeKind.TCP,
    "grpc": ProbeKind.GRPC,
}
_GENERATION: Final = {True: "EXECUTION_ENVIRONMENT_GEN2", False: "EXECUTION_ENVIRONMENT_GEN1"}
_CPU: Final = "1000m"
_MEMORY: Final = "512Mi"


def body_of(settings: ServiceSettings, before: Mapping[str, object] | None = None) -> Body:
    """Return a `Service` with these settings, without a name.

    With `before`, the service that there is, all that the settings do not speak of stays: None
    leaves a setting alone, and labels and variables of other names too. Mounts of buckets are
    replaced as a whole, and without a number of instances by hand it scales by itself again.
    """
    body: Body = deepcopy(dict(before or {}))
    template = _open(body, "template")
    body["ingress"] = settings.ingress.value
    if settings.callers_unchecked or "invokerIamDisabled" in body:
        body["invokerIamDisabled"] = settings.callers_unchecked
    for labelled in (body, template):
        if settings.labels:
            _open(labelled, "labels").update(settings.labels)
    _write_scaling(body, template, settings)
    _write_template(template, settings)
    containers = parts(template, "containers") or [{}]
    template["containers"] = containers
    _write_container(serving(containers), template, settings)
    write_mounts(template, serving(containers), settings.mounts)
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


def _write_scaling(body: Body, template: Body, settings: ServiceSettings) -> None:
    """Write how many instances there may be, also where a limit for all revisions is set."""
    counts = {
        "minInstanceCount": settings.min_instances,
        "maxInstanceCount": settings.max_instances,
    }
    of_all = part(body, "scaling")
    for key, count in counts.items():
        if count is not None:
            _open(template, "scaling")[key] = count
            if key in of_all:
                of_all[key] = count
    if settings.manual_instances is not None:
        of_all = _open(body, "scaling")
        of_all["scalingMode"] = "MANUAL"
        of_all["manualInstanceCount"] = settings.manual_instances
    elif of_all.pop("manualInstanceCount", None) is not None or of_all.get("scalingMode"):
        of_all["scalingMode"] = "AUTOMATIC"


def _write_template(template: Body, settings: ServiceSettings) -> None:
    if settings.timeout is not None:
        template["timeout"] = f"{settings.timeout}s"
    if settings.concurrency is not None:
        template["maxInstanceRequestConcurrency"] = settings.concurrency
    if settings.second_generation is not None:
        template["executionEnvironment"] = _GENERATION[settings.second_generation]
    if settings.service_account is not None:
        template["serviceAccount"] = settings.service_account
    # A revision's name is its own: the next one needs another.
    template.pop("revision", None)


def _write_container(container: Body, template: Body, settings: ServiceSettings) -> None:
    if settings.image:
        container["image"] = settings.image
    resources = _open(container, "resources")
    limits = _open(resources, "limits")
    limits |= {"cpu": settings.cpu, "memory": settings.memory}
    _write_gpu(template, limits, settings)
    if settings.cpu_always is not None:
        resources["cpuIdle"] = not settings.cpu_always
    elif not settings.gpu and "cpuIdle" not in resources and len(resources) == 1:
        # Nothing said here would be billing by instance, where `gcloud` means billing by request.
        resources["cpuIdle"] = True
    if settings.cpu_boost is not None:
        resources["startupCpuBoost"] = settings.cpu_boost
    ports = parts(container, "ports") or [{"name": "http1"}]
    container["ports"] = [{**ports[0], "containerPort": settings.port}]
    if settings.probe is not None:
        container["startupProbe"] = _probe(settings.probe, part(container, "startupProbe"))
    _write_environment(container, settings)


def _write_gpu(template: Body, limits: Body, settings: ServiceSettings) -> None:
    if settings.gpu is not None:
        limits[GPU_LIMIT] = "1"
        _open(template, "nodeSelector")["accelerator"] = settings.gpu.value
    elif _gpu(template) is not None:
        limits.pop(GPU_LIMIT, None)
        template.pop("nodeSelector", None)
        template.pop("gpuZonalRedundancyDisabled", None)
    if settings.gpu_zonal_redundancy is not None:
        template["gpuZonalRedundancyDisabled"] = not settings.gpu_zonal_redundancy


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
