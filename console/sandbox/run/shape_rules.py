"""Which containers Cloud Run takes: processors, memory, probes, and what is mounted.

Source: https://cloud.google.com/run/docs/configuring (CPU limits, memory limits, health checks).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from console.sandbox.instances.memory import MIB, in_bytes
from console.sandbox.project.regions import RTX
from console.sandbox.run.refused import invalid

GIB: Final = 1_024 * MIB
GPU: Final = "nvidia.com/gpu"
_CPU: Final = re.compile(r"(\d+(?:\.\d+)?)|(\d+)m")
_LARGEST: Final = {1.0: 4, 2.0: 8, 4.0: 16, 6.0: 24, 8.0: 32}
_LEAST: Final = {4.0: 2, 6.0: 4, 8.0: 4}
_RTX_CPUS: Final = (20.0, 30.0)
_RTX_MEMORY: Final = (80, 120)
"""In GiB. Where there is such a GPU, larger machines are to be had."""
_LONGEST_PROBE: Final = 240
_RESERVED: Final = frozenset({"PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"})
_PATH: Final = re.compile(r"/[!-~]*")


def cpus(limits: Any) -> float | None:
    """Return how many processors are asked for, as `4` or `4000m`; None for anything else."""
    found = _CPU.fullmatch(str(limits.get("cpu", "")))
    if found is None:
        return None
    return float(found[1]) if found[1] else int(found[2]) / 1_000


def check_container(place: str, container: Any, template: Any) -> None:
    """Refuse a container that cannot be; raises `Refused`."""
    if not container.image.strip():
        raise invalid(f"{place}.image: A container image is required.")
    limits = container.resources.limits
    if GPU in limits and template.node_selector.accelerator == RTX:
        _check_largest(f"{place}.resources.limits", limits)
    else:
        _check_resources(f"{place}.resources.limits", limits)
    volumes = {volume.name for volume in template.volumes}
    for mount in container.volume_mounts:
        if mount.name not in volumes:
            raise invalid(f"{place}.volume_mounts: Volume '{mount.name}' was not found.")
        if not mount.mount_path.startswith("/") or ":" in mount.mount_path:
            raise invalid(f"{place}.volume_mounts: '{mount.mount_path}' is no absolute path.")
    _check_variables(f"{place}.env", [(each.name, each.value) for each in container.env])
    for port in container.ports:
        if not 1 <= port.container_port <= 65_535:
            raise invalid(f"{place}.ports.container_port: must be between 1 and 65535 inclusive.")
    if type(container).pb(container).HasField("startup_probe"):
        _check_probe(f"{place}.startup_probe", container.startup_probe)


def _check_variables(place: str, variables: Sequence[tuple[str, str]]) -> None:
    reserved = [name for name, _ in variables if name in _RESERVED]
    if reserved:
        raise invalid(
            f"{place}: The following reserved env names were provided: {', '.join(reserved)}. "
            "These values are automatically set by the system."
        )
    for name, value in variables:
        if not name or "=" in name or "\0" in name + value:
            raise invalid(f"{place}: '{name}' is no name of a variable, or its value has a NUL.")


def _check_resources(place: str, limits: Any) -> None:
    unknown = set(limits) - {"cpu", "memory", GPU}
    if unknown:
        raise invalid(f"{place}: '{min(unknown)}' is not supported.")
    cpu = cpus(limits)
    if cpu is None or not (0.08 <= cpu <= 1 or cpu in _LARGEST):
        raise invalid(
            f"{place}.cpu: Invalid value specified for cpu. Cpu must be equal to one of "
            "[.08-1], 1, 2, 4, 6, 8"
        )
    memory = in_bytes(str(limits.get("memory", "")))
    least = _LEAST.get(cpu, 0) * GIB or 128 * MIB
    most = _LARGEST.get(cpu, 4) * GIB
    if memory is None or not least <= memory <= most:
        low = f"{least // GIB}Gi" if least >= GIB else f"{least // MIB}Mi"
        raise invalid(
            f"{place}.memory: Invalid value specified for container memory. For {cpu} CPU, memory "
            f"must be between {low} and {most // GIB}Gi inclusive."
        )
    if GPU in limits and (limits[GPU] != "1" or cpu < 4 or memory < 16 * GIB):
        raise invalid(
            f"{place}: A GPU takes exactly 1 of {GPU}, with at least 4 CPU and 16Gi of memory."
        )


def _check_largest(place: str, limits: Any) -> None:
    """Hold a container to what the largest GPU is had with."""
    cpu, memory = cpus(limits) or 0.0, in_bytes(str(limits.get("memory", ""))) or 0
    (low, high), (least, most) = _RTX_CPUS, _RTX_MEMORY
    good = low <= cpu <= high and least * GIB <= memory <= most * GIB
    if limits[GPU] != "1" or not good:
        raise invalid(
            f"{place}: {RTX} takes exactly 1 of {GPU}, {low:g} to {high:g} CPU and {least}Gi to "
            f"{most}Gi of memory."
        )


def _check_probe(place: str, probe: Any) -> None:
    for field in ("initial_delay_seconds", "timeout_seconds", "period_seconds"):
        if not 0 <= getattr(probe, field) <= _LONGEST_PROBE:
            raise invalid(f"{place}: {field} must be a number between 0 and {_LONGEST_PROBE}")
    if probe.http_get.path and not _PATH.fullmatch(probe.http_get.path):
        raise invalid(f"{place}.http_get.path: '{probe.http_get.path}' is no path.")
    if (probe.timeout_seconds or 1) > (probe.period_seconds or 10):
        raise invalid(f"{place}: timeout_seconds must be less than or equal to period_seconds")
    if probe.failure_threshold < 0:
        raise invalid(f"{place}: failure_threshold must be a positive number")
