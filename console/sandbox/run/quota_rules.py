"""What a project may use of Cloud Run in a region: checked when a service is deployed.

Sources: https://cloud.google.com/run/quotas, and refusals of the real interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import grpc
from google.cloud.run_v2.types import Service

from console.sandbox.faults import Fault, Faults
from console.sandbox.instances.memory import in_bytes
from console.sandbox.project.regions import L4, RTX, offers
from console.sandbox.run.refused import Refused, invalid
from console.sandbox.run.shape_rules import GIB, GPU, cpus

CPU: Final = "CpuAllocPerProjectRegion"
"""In thousandths of a processor."""

MEMORY: Final = "MemAllocPerProjectRegion"
"""In bytes."""

GPU_QUOTAS: Final = {
    (L4, False): "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion",
    (L4, True): "NvidiaL4GpuAllocPerProjectRegion",
    (RTX, False): "NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion",
    (RTX, True): "NvidiaRtxPro6000GpuAllocPerProjectRegion",
}
"""By the GPU, and whether it is kept in several zones."""

_OF_ONE: Final = {L4: 1, RTX: 1_000}
"""How a quota counts one GPU: some are in thousandths."""

_USUAL: Final = {
    CPU: 20_000,
    MEMORY: 40 * GIB,
    GPU_QUOTAS[L4, False]: 3,
    GPU_QUOTAS[L4, True]: 0,
    GPU_QUOTAS[RTX, False]: 0,
    GPU_QUOTAS[RTX, True]: 0,
}
"""What a new project has."""

_GROWN: Final = {CPU: 200_000, MEMORY: 400 * GIB, GPU_QUOTAS[RTX, False]: 1_000}
_GROWN_REGION: Final = "europe-west4"
"""The one region in which the project was granted more than a new one has."""

QUOTAS: Final = tuple(_USUAL)

_NO_GPU: Final = (
    "You do not have quota for using GPUs {how} zonal redundancy. To request quota: "
    "g.co/cloudrun/gpu-quota"
)


def allowed(region: str, faults: Faults) -> Mapping[str, int | None]:
    """Return the value of every quota in a region; None for a GPU that there is not."""
    grown = _GROWN if region == _GROWN_REGION else {}
    values: dict[str, int | None] = {**_USUAL, **grown}
    for (gpu, _), quota in GPU_QUOTAS.items():
        if not offers(region, gpu):
            values[quota] = None
        elif Fault.GPU_QUOTA_ZERO in faults or Fault.QUOTA_REFUSED in faults:
            values[quota] = 0
    if Fault.QUOTA_REFUSED in faults:
        values |= {CPU: 0, MEMORY: 0}
    if Fault.CPU_QUOTA_ZERO in faults:
        values[CPU] = 0
    return values


def check_quotas(service: Service, faults: Faults) -> None:
    """Refuse a service that could grow beyond the quotas; raises `Refused`.

    What is not limited by the service is limited by the quota (`room`).
    """
    values = allowed(_region(service), faults)
    limits = service.template.containers[0].resources.limits
    most = _most(service)
    if GPU in limits:
        _check_gpus(service, most, values)
    cpu, memory = _each(limits)
    _check("CPU", CPU, cpu, most, values[CPU] or 0)
    _check("memory", MEMORY, memory, most, values[MEMORY] or 0)


def room(limits: Any) -> int:
    """Return for how many instances with these limits there is quota."""
    cpu, memory = _each(limits)
    return max(1, min(_USUAL[CPU] // cpu, _USUAL[MEMORY] // memory))


def _region(service: Service) -> str:
    parts = service.name.split("/")
    return str(parts[3]) if len(parts) > 3 else ""


def _each(limits: Any) -> tuple[int, int]:
    """Return what an instance takes: thousandths of a processor, and bytes."""
    cpu, memory = cpus(limits), in_bytes(str(limits.get("memory", "")))
    return max(1, int((cpu or 1) * 1_000)), memory or GIB


def _most(service: Service) -> int:
    """Return how many instances there may be in the end; 0 when the service does not say."""
    scaling, own = service.scaling, service.template.scaling
    counts = (scaling.max_instance_count, own.max_instance_count)
    wanted = (
        scaling.min_instance_count,
        own.min_instance_count,
        scaling.manual_instance_count,
    )
    return int(max(min(filter(None, counts), default=0), *wanted))


def _check_gpus(service: Service, most: int, values: Mapping[str, int | None]) -> None:
    gpu = service.template.node_selector.accelerator or L4
    zones = not service.template.gpu_zonal_redundancy_disabled
    if (gpu, zones) not in GPU_QUOTAS:
        raise invalid(f"template.node_selector.accelerator: '{gpu}' is not supported.")
    quota = GPU_QUOTAS[gpu, zones]
    value = values[quota]
    if value is None:
        raise invalid(
            f"template.node_selector.accelerator: '{gpu}' is not available in this region."
        )
    count = value // _OF_ONE[gpu]
    if not count:
        said = _NO_GPU.format(how="with" if zones else "without")
        if zones and values[GPU_QUOTAS[gpu, False]]:
            said += "\nYou could deploy using GPUs without zonal redundancy instead."
        raise Refused(grpc.StatusCode.FAILED_PRECONDITION, said)
    if most > count or not most:
        raise Refused(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"Max instances must be set to {count} or fewer in order to set GPU requirements.\n"
            f"Quota violated:\n- {quota} requested: {(most or 100) * _OF_ONE[gpu]} "
            f"allowed: {value}",
        )


def _check(what: str, quota: str, each: int, most: int, value: int) -> None:
    """Refuse so many instances; without a limit the quota itself is one, unless there is none."""
    if not most and value:
        return
    count = most or 1
    if each * count > value:
        raise Refused(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"Max instances must be set to {value // each} or fewer to set the requested total "
            f"{what}.\nQuota violated:\n- {quota} requested: {each * count} allowed: {value}",
        )
