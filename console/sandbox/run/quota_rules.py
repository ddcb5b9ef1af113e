"""What a project may use of Cloud Run in a region: checked when a service is deployed."""

from __future__ import annotations

from typing import Any, Final

import grpc
from google.cloud.run_v2.types import Service

from console.sandbox.faults import Fault, Faults
from console.sandbox.instances.memory import in_bytes
from console.sandbox.run.refused import Refused
from console.sandbox.run.shape_rules import GIB, GPU, cpus

CPU_QUOTA: Final = 20_000
"""`CpuAllocPerProjectRegion`, in thousandths of a processor."""

MEMORY_QUOTA: Final = 40 * GIB
"""`MemAllocPerProjectRegion`, in bytes."""

GPU_QUOTA: Final = 3
"""`NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion`; with zonal redundancy there are none."""

_NO_GPU: Final = (
    "You do not have quota for using GPUs {how} zonal redundancy. To request quota: "
    "g.co/cloudrun/gpu-quota"
)


def check_quotas(service: Service, faults: Faults) -> None:
    """Refuse a service that could grow beyond the quotas; raises `Refused`.

    What is not limited by the service is limited by the quota (`room`).
    """
    refused = Fault.QUOTA_REFUSED in faults
    limits = service.template.containers[0].resources.limits
    most = _most(service)
    if GPU in limits:
        _check_gpus(service, most, refused)
    if not most and not refused:
        return
    cpu, memory = _each(limits)
    share = 0 if refused else 1
    _check("CPU", "CpuAllocPerProjectRegion", cpu, most or 1, CPU_QUOTA * share)
    _check("memory", "MemAllocPerProjectRegion", memory, most or 1, MEMORY_QUOTA * share)


def room(limits: Any) -> int:
    """Return for how many instances with these limits there is quota."""
    cpu, memory = _each(limits)
    return min(CPU_QUOTA // cpu, MEMORY_QUOTA // memory)


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


def _check_gpus(service: Service, most: int, refused: bool) -> None:
    if not service.template.gpu_zonal_redundancy_disabled:
        said = _NO_GPU.format(how="with")
        said += "\nYou could deploy using GPUs without zonal redundancy instead."
        raise Refused(grpc.StatusCode.FAILED_PRECONDITION, said)
    if refused:
        raise Refused(grpc.StatusCode.FAILED_PRECONDITION, _NO_GPU.format(how="without"))
    if most > GPU_QUOTA or not most:
        raise Refused(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"Max instances must be set to {GPU_QUOTA} or fewer in order to set GPU requirements.\n"
            "Quota violated:\n- NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion requested: "
            f"{most or 100} allowed: {GPU_QUOTA}",
        )


def _check(what: str, quota: str, each: int, count: int, allowed: int) -> None:
    if each * count > allowed:
        raise Refused(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"Max instances must be set to {allowed // each} or fewer to set the requested total "
            f"{what}.\nQuota violated:\n- {quota} requested: {each * count} allowed: {allowed}",
        )
