"""What `gcloud` asks for in Knative's form (v1), read without what the console is made of.

Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services.
"""

from __future__ import annotations

from console.model.cost.prices import Gpu
from console.model.deploy.settings import (
    Ingress,
    Mount,
    Probe,
    ProbeKind,
    Secret,
    ServiceSettings,
)

RUN = "run.googleapis.com/"
SCALE = "autoscaling.knative.dev/"
KINDS = {"httpGet": ProbeKind.HTTP, "tcpSocket": ProbeKind.TCP, "grpc": ProbeKind.GRPC}


def settings_of_v1(service: dict) -> ServiceSettings:
    template = service["spec"]["template"]
    spec, notes = template["spec"], template["metadata"]["annotations"]
    of_service = service["metadata"]["annotations"]
    (container,) = spec["containers"]
    limits = container["resources"]["limits"]
    gpu = spec.get("nodeSelector", {}).get(f"{RUN}accelerator")
    assert (limits.get("nvidia.com/gpu") == "1") == (gpu is not None)
    assert template["metadata"]["labels"].items() >= service["metadata"]["labels"].items()
    (port,) = container["ports"]
    redundancy = _flag(notes, "gpu-zonal-redundancy-disabled")
    throttled = _flag(notes, "cpu-throttling")
    manual = of_service.get(f"{RUN}scalingMode") == "manual"
    generation = notes.get(f"{RUN}execution-environment")
    return ServiceSettings(
        image=container["image"],
        cpu=limits["cpu"],
        memory=limits["memory"],
        gpu=None if gpu is None else Gpu(gpu),
        gpu_zonal_redundancy=None if redundancy is None else not redundancy,
        cpu_always=None if throttled is None else not throttled,
        cpu_boost=_flag(notes, "startup-cpu-boost"),
        port=port["containerPort"],
        concurrency=spec.get("containerConcurrency"),
        timeout=spec.get("timeoutSeconds"),
        min_instances=_count(notes.get(f"{SCALE}minScale")),
        max_instances=_count(notes.get(f"{SCALE}maxScale")),
        manual_instances=_count(of_service[f"{RUN}manualInstanceCount"]) if manual else None,
        second_generation=None if generation is None else generation == "gen2",
        service_account=spec.get("serviceAccountName"),
        probe=_probe(container.get("startupProbe")),
        mounts=_mounts(container, spec),
        variables=tuple(
            (each["name"], each["value"]) for each in container.get("env", ()) if "value" in each
        ),
        secrets=tuple(map(_secret, filter(_from_secret, container.get("env", ())))),
        ingress={
            "internal": Ingress.INTERNAL,
            "internal-and-cloud-load-balancing": Ingress.LOAD_BALANCER,
        }.get(of_service.get(f"{RUN}ingress"), Ingress.ALL),
        callers_unchecked=_flag(of_service, "invoker-iam-disabled") or False,
        labels=tuple(sorted(service["metadata"]["labels"].items())),
    )


def _flag(notes: dict, name: str) -> bool | None:
    said = notes.get(RUN + name)
    return None if said is None else {"true": True, "false": False}[said.lower()]


def _count(said: str | None) -> int | None:
    return None if said is None else int(said)


def _probe(probe: dict | None) -> Probe | None:
    if probe is None:
        return None
    ((key, kind),) = ((key, kind) for key, kind in KINDS.items() if key in probe)
    return Probe(
        kind=kind,
        path=probe[key].get("path", ""),
        port=probe[key]["port"],
        period=probe["periodSeconds"],
        timeout=probe["timeoutSeconds"],
        failures=probe["failureThreshold"],
        delay=probe.get("initialDelaySeconds", 0),
    )


def _mounts(container: dict, spec: dict) -> tuple[Mount, ...]:
    volumes = {each["name"]: each["csi"] for each in spec.get("volumes", ())}
    return tuple(_mount(each, volumes[each["name"]]) for each in container.get("volumeMounts", ()))


def _mount(mount: dict, bucket: dict) -> Mount:
    assert bucket["driver"] == "gcsfuse.run.googleapis.com"
    attributes = bucket["volumeAttributes"]
    options = attributes.get("mountOptions")
    return Mount(
        bucket=attributes["bucketName"],
        path=mount["mountPath"],
        read_only=bucket["readOnly"],
        options=tuple(options.split(",")) if options else (),
    )


def _from_secret(variable: dict) -> bool:
    return "valueFrom" in variable


def _secret(variable: dict) -> Secret:
    named = variable["valueFrom"]["secretKeyRef"]
    return Secret(variable=variable["name"], secret=named["name"], version=named["key"])
