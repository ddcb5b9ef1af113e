"""Whether Cloud Run takes a container of that shape at all, before it is asked.

Sources: https://cloud.google.com/run/docs/configuring/services/cpu,
https://cloud.google.com/run/docs/configuring/services/memory-limits,
https://cloud.google.com/run/docs/configuring/services/gpu and
https://cloud.google.com/run/docs/configuring/healthchecks.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from console.model.cost.compute_cost import quantity
from console.model.cost.prices import GIB, Gpu
from console.model.deploy.settings import ServiceSettings

_MIB: Final = Decimal(2**20)
_HALF_GIB: Final = Decimal(GIB) / 2
_MEMORY: Final[dict[int, tuple[Decimal, int]]] = {
    1: (_HALF_GIB, 4 * GIB),
    2: (_HALF_GIB, 8 * GIB),
    4: (Decimal(2 * GIB), 16 * GIB),
    6: (Decimal(4 * GIB), 24 * GIB),
    8: (Decimal(4 * GIB), 32 * GIB),
}
"""How many bytes of memory so many vCPUs go with, at least and at most."""

_WITH_GPU: Final = {Gpu.L4: (4, 16 * GIB), Gpu.RTX_PRO_6000: (20, 80 * GIB)}
"""How many vCPUs and bytes a GPU needs at least."""

_LARGE: Final = frozenset({Gpu.RTX_PRO_6000})
"""GPUs whose instances are larger than any other; what they take at most is not known here."""

LONGEST_TIMEOUT: Final = 3_600
MOST_REQUESTS: Final = 1_000
LONGEST_PROBE: Final = 240


def shape_problem(settings: ServiceSettings) -> str | None:
    """Say in one line what Cloud Run would not take, with the mend; None if it takes all of it."""
    checks: tuple[Callable[[ServiceSettings], str | None], ...] = (
        *(_unreadable, _gpu_needs, _processors, _memory, _billing),
        *(_requests, _probe, _instances, _mounts),
    )
    return next(filter(None, (check(settings) for check in checks)), None)


def _unreadable(settings: ServiceSettings) -> str | None:
    if not quantity(settings.cpu):
        return f"{settings.cpu!r} is no number of vCPUs: write one such as 4"
    if not quantity(settings.memory):
        return f"{settings.memory!r} is no amount of memory: write one such as 16Gi"
    return None


def _gpu_needs(settings: ServiceSettings) -> str | None:
    if settings.gpu is None:
        return None
    cpus, memory = _WITH_GPU[settings.gpu]
    if _cpus(settings) >= cpus and _bytes(settings) >= memory:
        return None
    return (
        f"an {settings.gpu} goes with at least {cpus} vCPU and {memory // GIB} GiB, not with "
        f"{_shape(settings)}: ask for {cpus} vCPU and {memory // GIB}Gi"
    )


def _processors(settings: ServiceSettings) -> str | None:
    cpus = _cpus(settings)
    if settings.gpu in _LARGE or cpus in _MEMORY:
        return None
    if Decimal("0.08") <= cpus < 1:
        return _small(settings)
    return f"Cloud Run has instances with 1, 2, 4, 6 or 8 vCPU, not {_number(cpus)}: ask for 4"


def _small(settings: ServiceSettings) -> str | None:
    """Less than a whole vCPU takes the first generation, and that sees no buckets."""
    if settings.mounts or settings.second_generation is not False:
        return (
            f"{_number(_cpus(settings))} vCPU are of the first generation only, which sees no "
            "buckets: ask for 1 vCPU or more"
        )
    if (settings.concurrency or 1) > 1:
        return "with less than a whole vCPU requests come one at a time: ask for 1 request at once"
    most = _HALF_GIB if _cpus(settings) < Decimal("0.5") else Decimal(GIB)
    if not 128 * _MIB <= _bytes(settings) <= most:
        return (
            f"{_number(_cpus(settings))} vCPU go with 128 to {most / _MIB:f} MiB of memory, not "
            f"{settings.memory}: ask for {most / _MIB:f}Mi"
        )
    return None


def _memory(settings: ServiceSettings) -> str | None:
    cpus = int(_cpus(settings))
    if settings.gpu in _LARGE or cpus not in _MEMORY:
        return None
    least, most = _MEMORY[cpus]
    if settings.second_generation is False and least < GIB:
        least = 128 * _MIB
    if least <= _bytes(settings) <= most:
        return None
    said = f"{cpus} vCPU go with {_memory_words(least)} to {_memory_words(most)} of memory"
    return f"{said}, not {settings.memory}: {_memory_mend(_bytes(settings), most)}"


def _memory_mend(wanted: Decimal, most: int) -> str:
    if wanted <= most:
        return "ask for more memory, or for less vCPU"
    larger = next((cpus for cpus, (_, of) in _MEMORY.items() if of >= wanted), None)
    if larger is None:
        return f"ask for {_memory_words(32 * GIB)} with 8 vCPU, the most there is"
    return f"ask for {larger} vCPU, or for {most // GIB}Gi"


def _billing(settings: ServiceSettings) -> str | None:
    if settings.gpu and settings.cpu_always is False:
        return f"an {settings.gpu} is not billed by request: ask for billing by instance"
    if settings.gpu is None and _cpus(settings) < 1 and settings.cpu_always:
        return "less than a whole vCPU is billed by request only: ask for that, or for 1 vCPU"
    return None


def _requests(settings: ServiceSettings) -> str | None:
    if settings.timeout is not None and not 1 <= settings.timeout <= LONGEST_TIMEOUT:
        return f"a timeout of {settings.timeout} s cannot be: write 1 to {LONGEST_TIMEOUT}"
    at_once = settings.concurrency
    if at_once is not None and not 1 <= at_once <= MOST_REQUESTS:
        return f"{at_once} requests at once cannot be: write 1 to {MOST_REQUESTS}"
    if not 1 <= settings.port <= 65_535:
        return f"there is no port {settings.port}: write 1 to 65535"
    return None


def _probe(settings: ServiceSettings) -> str | None:
    probe = settings.probe
    if probe is None:
        return None
    for what, value, least in (
        ("period", probe.period, 1),
        ("time for an answer", probe.timeout, 1),
        ("delay", probe.delay, 0),
    ):
        if not least <= value <= LONGEST_PROBE:
            return (
                f"a start-up probe's {what} of {value} s cannot be: write {least} to "
                f"{LONGEST_PROBE}, and more failures for more patience"
            )
    if probe.timeout > probe.period:
        return (
            f"a start-up probe that is asked each {probe.period} s cannot wait {probe.timeout} s "
            "for an answer: ask less often"
        )
    if probe.failures < 1:
        return "a start-up probe that may not fail once is never asked: let it fail once or more"
    return None


def _instances(settings: ServiceSettings) -> str | None:
    least, most = settings.min_instances or 0, settings.max_instances
    if least < 0 or (settings.manual_instances or 0) < 0:
        return "there are no fewer than 0 instances: ask for 0 or more"
    if most is not None and most < 1:
        return f"at most {most} instances would be none: ask for 1, and scale to 0 by hand"
    if most is not None and least > most:
        return f"at least {least} and at most {most} instances cannot be: ask for fewer at least"
    return None


def _mounts(settings: ServiceSettings) -> str | None:
    paths = [each.path.rstrip("/") for each in settings.mounts]
    for mount in settings.mounts:
        if not mount.path.startswith("/") or ":" in mount.path or mount.path == "/":
            return f"nothing can be mounted at {mount.path!r}: write a path such as /models"
    if len(set(paths)) < len(paths):
        return "two buckets cannot be seen at one path: give each its own"
    if settings.mounts and settings.second_generation is False:
        return "the first generation sees no buckets: ask for the second"
    return None


def _cpus(settings: ServiceSettings) -> Decimal:
    return quantity(settings.cpu) or Decimal(0)


def _bytes(settings: ServiceSettings) -> Decimal:
    return quantity(settings.memory) or Decimal(0)


def _shape(settings: ServiceSettings) -> str:
    return f"{_number(_cpus(settings))} vCPU and {settings.memory}"


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _memory_words(amount: Decimal | int) -> str:
    gib = Decimal(amount) / GIB
    return f"{_number(gib)} GiB" if gib >= 1 else f"{_number(Decimal(amount) / _MIB)} MiB"
