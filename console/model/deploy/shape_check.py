"""Whether Cloud Run takes a container of that shape at all, before it is asked.

Sources: https://cloud.google.com/run/docs/configuring/services/cpu,
https://cloud.google.com/run/docs/configuring/services/memory-limits,
https://cloud.google.com/run/docs/configuring/services/gpu and
https://cloud.google.com/run/docs/configuring/healthchecks.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, NamedTuple

from console.language import tr
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


class Fault(NamedTuple):
    """What Cloud Run does not take, and what to ask for instead."""

    words: str
    mend: str


def shape_problem(settings: ServiceSettings) -> Fault | None:
    """Return the first thing that Cloud Run would not take; None if it takes all of it."""
    checks: tuple[Callable[[ServiceSettings], Fault | None], ...] = (
        *(_unreadable, _gpu_needs, _processors, _memory, _billing),
        *(_requests, _probe, _instances, _mounts),
    )
    return next(filter(None, (check(settings) for check in checks)), None)


def _unreadable(settings: ServiceSettings) -> Fault | None:
    if not quantity(settings.cpu):
        return Fault(
            tr("{cpu!r} is no number of vCPUs", cpu=settings.cpu), tr("write one such as 4")
        )
    if not quantity(settings.memory):
        return Fault(
            tr("{memory!r} is no amount of memory", memory=settings.memory),
            tr("write one such as 16Gi"),
        )
    return None


def _gpu_needs(settings: ServiceSettings) -> Fault | None:
    if settings.gpu is None:
        return None
    cpus, memory = _WITH_GPU[settings.gpu]
    if _cpus(settings) >= cpus and _bytes(settings) >= memory:
        return None
    return Fault(
        tr(
            "an {gpu} goes with at least {cpus} vCPU and {gib} GiB, not with {shape}",
            gpu=settings.gpu,
            cpus=cpus,
            gib=memory // GIB,
            shape=_shape(settings),
        ),
        tr("ask for {cpus} vCPU and {gib}Gi", cpus=cpus, gib=memory // GIB),
    )


def _processors(settings: ServiceSettings) -> Fault | None:
    cpus = _cpus(settings)
    if settings.gpu in _LARGE or cpus in _MEMORY:
        return None
    if Decimal("0.08") <= cpus < 1:
        return _small(settings)
    return Fault(
        tr("Cloud Run has instances with 1, 2, 4, 6 or 8 vCPU, not {cpus}", cpus=_number(cpus)),
        tr("ask for 4"),
    )


def _small(settings: ServiceSettings) -> Fault | None:
    """Less than a whole vCPU takes the first generation, and that sees no buckets."""
    if settings.mounts or settings.second_generation is not False:
        return Fault(
            tr(
                "{cpus} vCPU are of the first generation only, which sees no buckets",
                cpus=_number(_cpus(settings)),
            ),
            tr("ask for 1 vCPU or more"),
        )
    if (settings.concurrency or 1) > 1:
        return Fault(
            tr("with less than a whole vCPU requests come one at a time"),
            tr("ask for 1 request at once"),
        )
    most = _HALF_GIB if _cpus(settings) < Decimal("0.5") else Decimal(GIB)
    if not 128 * _MIB <= _bytes(settings) <= most:
        return Fault(
            tr(
                "{cpus} vCPU go with 128 to {most:f} MiB of memory, not {memory}",
                cpus=_number(_cpus(settings)),
                most=most / _MIB,
                memory=settings.memory,
            ),
            tr("ask for {most:f}Mi", most=most / _MIB),
        )
    return None


def _memory(settings: ServiceSettings) -> Fault | None:
    cpus = int(_cpus(settings))
    if settings.gpu in _LARGE or cpus not in _MEMORY:
        return None
    least, most = _MEMORY[cpus]
    if settings.second_generation is False and least < GIB:
        least = 128 * _MIB
    if least <= _bytes(settings) <= most:
        return None
    words = tr(
        "{cpus} vCPU go with {least} to {most} of memory, not {memory}",
        cpus=cpus,
        least=_memory_words(least),
        most=_memory_words(most),
        memory=settings.memory,
    )
    return Fault(words, _memory_mend(_bytes(settings), most))


def _memory_mend(wanted: Decimal, most: int) -> str:
    if wanted <= most:
        return tr("ask for more memory, or for less vCPU")
    larger = next((cpus for cpus, (_, of) in _MEMORY.items() if of >= wanted), None)
    if larger is None:
        return tr("ask for {memory} with 8 vCPU, the most there is", memory=_memory_words(32 * GIB))
    return tr("ask for {cpus} vCPU, or for {gib}Gi", cpus=larger, gib=most // GIB)


def _billing(settings: ServiceSettings) -> Fault | None:
    if settings.gpu and settings.cpu_always is False:
        return Fault(
            tr("an {gpu} is not billed by request", gpu=settings.gpu),
            tr("ask for billing by instance"),
        )
    if settings.gpu is None and _cpus(settings) < 1 and settings.cpu_always:
        return Fault(
            tr("less than a whole vCPU is billed by request only"),
            tr("ask for that, or for 1 vCPU"),
        )
    return None


def _requests(settings: ServiceSettings) -> Fault | None:
    if settings.timeout is not None and not 1 <= settings.timeout <= LONGEST_TIMEOUT:
        return Fault(
            tr("a timeout of {timeout} s cannot be", timeout=settings.timeout),
            tr("write 1 to {most}", most=LONGEST_TIMEOUT),
        )
    at_once = settings.concurrency
    if at_once is not None and not 1 <= at_once <= MOST_REQUESTS:
        return Fault(
            tr("{at_once} requests at once cannot be", at_once=at_once),
            tr("write 1 to {most}", most=MOST_REQUESTS),
        )
    if not 1 <= settings.port <= 65_535:
        return Fault(tr("there is no port {port}", port=settings.port), tr("write 1 to 65535"))
    return None


def _probe(settings: ServiceSettings) -> Fault | None:
    probe = settings.probe
    if probe is None:
        return None
    for what, value, least in (
        (tr("period"), probe.period, 1),
        (tr("time for an answer"), probe.timeout, 1),
        (tr("delay"), probe.delay, 0),
    ):
        if not least <= value <= LONGEST_PROBE:
            return Fault(
                tr("a start-up probe's {what} of {value} s cannot be", what=what, value=value),
                tr(
                    "write {least} to {most}, and more failures for more patience",
                    least=least,
                    most=LONGEST_PROBE,
                ),
            )
    if probe.timeout > probe.period:
        return Fault(
            tr(
                "a start-up probe that is asked each {period} s cannot wait {timeout} s "
                "for an answer",
                period=probe.period,
                timeout=probe.timeout,
            ),
            tr("ask less often"),
        )
    if probe.failures < 1:
        return Fault(
            tr("a start-up probe that may not fail once is never asked"),
            tr("let it fail once or more"),
        )
    return None


def _instances(settings: ServiceSettings) -> Fault | None:
    least, most = settings.min_instances or 0, settings.max_instances
    if least < 0 or (settings.manual_instances or 0) < 0:
        return Fault(tr("there are no fewer than 0 instances"), tr("ask for 0 or more"))
    if most is not None and most < 1:
        return Fault(
            tr("at most {most} instances would be none", most=most),
            tr("ask for 1, and scale to 0 by hand"),
        )
    if most is not None and least > most:
        return Fault(
            tr("at least {least} and at most {most} instances cannot be", least=least, most=most),
            tr("ask for fewer at least"),
        )
    return None


def _mounts(settings: ServiceSettings) -> Fault | None:
    paths = [each.path.rstrip("/") for each in settings.mounts]
    for mount in settings.mounts:
        if not mount.path.startswith("/") or ":" in mount.path or mount.path == "/":
            return Fault(
                tr("nothing can be mounted at {path!r}", path=mount.path),
                tr("write a path such as /models"),
            )
    if len(set(paths)) < len(paths):
        return Fault(tr("two buckets cannot be seen at one path"), tr("give each its own"))
    if settings.mounts and settings.second_generation is False:
        return Fault(tr("the first generation sees no buckets"), tr("ask for the second"))
    return None


def _cpus(settings: ServiceSettings) -> Decimal:
    return quantity(settings.cpu) or Decimal(0)


def _bytes(settings: ServiceSettings) -> Decimal:
    return quantity(settings.memory) or Decimal(0)


def _shape(settings: ServiceSettings) -> str:
    return tr("{cpus} vCPU and {memory}", cpus=_number(_cpus(settings)), memory=settings.memory)


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _memory_words(amount: Decimal | int) -> str:
    gib = Decimal(amount) / GIB
    return f"{_number(gib)} GiB" if gib >= 1 else f"{_number(Decimal(amount) / _MIB)} MiB"
