"""Settings that Cloud Run does not take together, told before it refuses them.

Sources: https://cloud.google.com/run/docs/configuring/services/memory-limits,
https://cloud.google.com/run/docs/configuring/services/gpu and
https://cloud.google.com/run/docs/configuring/healthchecks.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from console.model.cost.compute_cost import quantity
from console.model.cost.prices import GIB, Gpu
from console.model.deploy.scene import Scene
from console.model.deploy.settings import Probe, ServiceSettings
from console.model.deploy.step import Refusal, Subject

_MEMORY: Final = {
    1: (Decimal("0.125"), 4),
    2: (Decimal("0.125"), 8),
    4: (Decimal(2), 16),
    6: (Decimal(4), 24),
    8: (Decimal(4), 32),
}
"""From how many to how many GiB so many vCPUs may have."""

_LEAST: Final = {Gpu.L4: (Decimal(4), 16), Gpu.RTX_PRO_6000: (Decimal(20), 80)}
"""The least vCPUs and GiB beside a GPU."""

_LONGEST: Final = 3_600
_MOST_AT_ONCE: Final = 1_000
_HIGHEST_PORT: Final = 65_535
_PROBE_LIMIT: Final = 240


def shape_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield the settings that Cloud Run would not take."""
    settings = scene.settings
    for words, mend in (
        *_resources(settings),
        *_limits(settings),
        *_instances(settings),
        *_probe(settings.probe),
        *_mounts(settings),
    ):
        yield Refusal(Subject.SERVICE, words, mend)


_Words = tuple[str, str]


def _resources(settings: ServiceSettings) -> Iterator[_Words]:
    cpu, memory = quantity(settings.cpu), quantity(settings.memory)
    if cpu is None or not cpu:
        yield f"{settings.cpu!a} is no number of vCPUs", "write --cpu as 4"
    if memory is None or not memory:
        yield f"{settings.memory!a} is no amount of memory", "write --memory as 16Gi"
    if not cpu or not memory:
        return
    gib = memory / GIB
    if settings.gpu is not None:
        yield from _beside_gpu(settings, settings.gpu, cpu, gib)
    if settings.gpu is not Gpu.RTX_PRO_6000:
        yield from _coupling(settings, cpu, gib)


def _beside_gpu(
    settings: ServiceSettings, gpu: Gpu, cpu: Decimal, gib: Decimal
) -> Iterator[_Words]:
    least_cpu, least_gib = _LEAST[gpu]
    if cpu < least_cpu or gib < least_gib:
        yield (
            f"a {gpu} takes at least {least_cpu:f} vCPUs and {least_gib} GiB, not {settings.cpu} "
            f"and {settings.memory}",
            f"--cpu {least_cpu:f} --memory {least_gib}Gi",
        )
    if settings.cpu_always is False:
        yield "with a GPU the life of an instance is paid for, not its requests", "--cpu-always"


def _coupling(settings: ServiceSettings, cpu: Decimal, gib: Decimal) -> Iterator[_Words]:
    if cpu < 1:
        if gib > Decimal("0.5"):
            yield f"{settings.cpu} vCPU may have at most 512Mi, not {settings.memory}", "--cpu 1"
        if settings.concurrency not in (None, 1):
            yield "with less than one vCPU requests come one at a time", "--concurrency 1"
        return
    found = _MEMORY.get(int(cpu)) if cpu == int(cpu) else None
    if found is None:
        allowed = ", ".join(str(each) for each in _MEMORY)
        yield f"an instance has {allowed} vCPUs, not {settings.cpu}", "--cpu 4"
        return
    low, high = found
    if not low <= gib <= high:
        enough = [each for each, (_, most) in _MEMORY.items() if gib <= most]
        better = f"--cpu {enough[0]}" if enough and gib > high else f"--memory {high}Gi"
        yield (
            f"{settings.cpu} vCPUs may have {low:f} to {high} GiB of memory, not {settings.memory}",
            better,
        )


def _limits(settings: ServiceSettings) -> Iterator[_Words]:
    if settings.timeout is not None and not 1 <= settings.timeout <= _LONGEST:
        yield f"a request may take 1 to {_LONGEST} s, not {settings.timeout}", "--timeout 900"
    if settings.concurrency is not None and not 1 <= settings.concurrency <= _MOST_AT_ONCE:
        yield (
            f"an instance answers 1 to {_MOST_AT_ONCE} requests at once, not "
            f"{settings.concurrency}",
            "--concurrency 1",
        )
    if not 1 <= settings.port <= _HIGHEST_PORT:
        yield f"{settings.port} is no port", "--port 7860"
    if settings.mounts and settings.second_generation is False:
        yield "only the second generation of instances can mount a bucket", "leave it out"


def _instances(settings: ServiceSettings) -> Iterator[_Words]:
    least, most = settings.min_instances, settings.max_instances
    if most is not None and most < 1:
        yield (
            f"a service has at least one instance at most, not {most}",
            ("--max-instances 1; to stop it, zimage-console scale 0"),
        )
    if least is not None and least < 0:
        yield f"there are no {least} instances", "--min-instances 0"
    if least is not None and most is not None and least > most >= 1:
        yield (
            f"at least {least} instances are more than the {most} that there may be at most",
            f"--min-instances {most}",
        )


def _probe(probe: Probe | None) -> Iterator[_Words]:
    if probe is None:
        return
    if probe.timeout > probe.period:
        yield (
            f"the start-up probe waits {probe.timeout} s for an answer but asks every "
            f"{probe.period} s",
            "ask no more often than it waits",
        )
    for what, value, least in (
        ("period", probe.period, 1),
        ("timeout", probe.timeout, 1),
        ("delay", probe.delay, 0),
    ):
        if not least <= value <= _PROBE_LIMIT:
            yield (
                f"the {what} of the start-up probe is {value} s, and Cloud Run takes {least} to "
                f"{_PROBE_LIMIT}",
                "let it fail more often instead",
            )
    if probe.failures < 1:
        yield "the start-up probe has to be allowed at least one failure", "let it fail 3 times"


def _mounts(settings: ServiceSettings) -> Iterator[_Words]:
    for each in settings.mounts:
        if not each.path.startswith("/") or ":" in each.path or each.path == "/":
            yield f"no bucket can be mounted at {each.path!a}", "mount it at /models"
