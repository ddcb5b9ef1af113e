"""How an instance is started, with what the sandbox is told to get wrong about it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from console.sandbox.faults import Fault, Faults, broken_container
from console.sandbox.instances.probe import StartupProbe
from console.sandbox.instances.slowed import Slowness, slowed

READINESS: Final = "/readyz"
"""Where the engine says whether it can make pictures."""

_OFTEN: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What one instance runs, how it is probed, and after how many seconds its container starts.

    Who waits for an instance that is `excused` goes on waiting when it does not start.
    `environment` is what it finds around it, whatever its container says.
    """

    command: Sequence[str]
    probe: StartupProbe
    scheduling: float = 0.0
    excused: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def launch(
    command: Sequence[str],
    probe: StartupProbe,
    mounts: Sequence[Path],
    faults: Faults,
    *,
    failed_before: bool,
) -> Launch:
    """Return how the next instance is started while `faults` are as they are.

    `mounts` are the directories of mounted buckets; `failed_before` says that the start before
    this one failed, and that nothing has served since.
    """
    scheduling = faults.amount(Fault.SLOW_SCHEDULING)
    asked = disturbed(probe, faults)
    if Fault.START_FAILS in faults:
        return Launch(command=broken_container(), probe=asked, scheduling=scheduling)
    if Fault.START_FAILS_ONCE in faults and not failed_before:
        broken = broken_container(faults.amount(Fault.START_FAILS_ONCE))
        return Launch(command=broken, probe=asked, scheduling=scheduling, excused=True)
    slowness = Slowness(
        image=faults.amount(Fault.SLOW_IMAGE),
        imports=faults.amount(Fault.SLOW_IMPORT),
        conversion=faults.amount(Fault.SLOW_CONVERSION),
        warm_up=faults.amount(Fault.SLOW_WARM_UP),
        picture=faults.amount(Fault.SLOW_PICTURE),
        rate=faults.amount(Fault.SLOW_MOUNT),
        mounts=tuple(map(str, mounts)),
    )
    return Launch(command=slowed(command, slowness), probe=asked, scheduling=scheduling)


def disturbed(probe: StartupProbe, faults: Faults) -> StartupProbe:
    """Return a probe that is in too much of a hurry, or in none, while faults say so.

    An early one is the platform's own, which is content with an open port. A late one asks the
    engine whether it is ready, and learns of it late. It is as patient as it was.
    """
    if Fault.EARLY_PROBE in faults:
        return StartupProbe(port=probe.port, is_default=True)
    late = faults.amount(Fault.LATE_PROBE)
    if not late:
        return probe
    return replace(
        probe,
        path=probe.path or READINESS,
        is_default=False,
        timeout=_OFTEN,
        period=_OFTEN,
        threshold=max(1, math.ceil(probe.patience / _OFTEN)),
        late=late,
    )
