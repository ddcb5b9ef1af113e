"""What the sandbox is told to get wrong, and how much of it, to see what the console says."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """One thing that can go wrong."""

    SERVICES_DENIED = "services-denied"
    SERVICES_THROTTLED = "services-throttled"
    SERVICES_UNAVAILABLE = "services-unavailable"
    LOGS_DENIED = "logs-denied"
    LOGS_THROTTLED = "logs-throttled"
    LOGS_BROKEN = "logs-broken"
    METRICS_DENIED = "metrics-denied"
    METRICS_UNAVAILABLE = "metrics-unavailable"
    START_FAILS = "start-fails"
    START_FAILS_ONCE = "start-fails-once"
    SLOW_SCHEDULING = "slow-scheduling"
    SLOW_IMAGE = "slow-image"
    SLOW_IMPORT = "slow-import"
    SLOW_MOUNT = "slow-mount"
    SLOW_CONVERSION = "slow-conversion"
    SLOW_WARM_UP = "slow-warm-up"
    SLOW_PICTURE = "slow-picture"
    EARLY_PROBE = "early-probe"
    LATE_PROBE = "late-probe"
    OUT_OF_MEMORY = "out-of-memory"
    QUOTA_REFUSED = "quota-refused"
    STORAGE_DENIED = "storage-denied"
    STORAGE_SLOW = "storage-slow"
    STORAGE_UNAVAILABLE = "storage-unavailable"
    STORAGE_BROKEN = "storage-broken"
    CHANGES_DENIED = "changes-denied"
    CHANGES_THROTTLED = "changes-throttled"
    CHANGES_UNAVAILABLE = "changes-unavailable"
    ANSWER_LOST = "answer-lost"
    GPU_QUOTA_ZERO = "gpu-quota-zero"
    CPU_QUOTA_ZERO = "cpu-quota-zero"
    NAME_TAKEN = "name-taken"
    PUBLIC_FORBIDDEN = "public-forbidden"
    ACCOUNT_LATE = "account-late"
    IMAGE_ARM64 = "image-arm64"
    BUILD_FAILS = "build-fails"
    BUILD_SLOW = "build-slow"
    TOKEN_EXPIRED = "token-expired"
    NETWORK_DOWN = "network-down"


class BadAmount(ValueError):
    """There cannot be so much of a fault; the message is one line."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How much of a fault there can be: `usual` unless it is said, from `least` to `most`."""

    unit: str
    usual: float
    least: float
    most: float


_MOST_SECONDS: Final = 600.0


def _seconds(usual: float) -> Measure:
    return Measure("seconds", usual, 0.0, _MOST_SECONDS)


_RATE: Final = Measure("bytes a second", 1e6, 1e3, 1e12)

MEASURES: Final[Mapping[Fault, Measure]] = {
    Fault.START_FAILS_ONCE: _seconds(2.0),
    Fault.SLOW_SCHEDULING: _seconds(5.0),
    Fault.SLOW_IMAGE: _seconds(5.0),
    Fault.SLOW_IMPORT: _seconds(5.0),
    Fault.SLOW_MOUNT: _RATE,
    Fault.SLOW_CONVERSION: _seconds(5.0),
    Fault.SLOW_WARM_UP: _seconds(5.0),
    Fault.SLOW_PICTURE: _seconds(5.0),
    Fault.LATE_PROBE: _seconds(5.0),
    Fault.STORAGE_SLOW: _RATE,
    Fault.ACCOUNT_LATE: _seconds(7.0),
    Fault.BUILD_SLOW: _seconds(5.0),
}
"""Those faults of which there can be more or less."""


def amount_of(fault: Fault, amount: float | None = None) -> float | None:
    """Return how much of a fault there is when somebody asks for `amount` of it, None for not said.

    None for a fault without a measure. Raises `BadAmount`.
    """
    measure = MEASURES.get(fault)
    if measure is None:
        if amount is not None:
            raise BadAmount(f"{fault} takes no amount: it is on or off")
        return None
    chosen = measure.usual if amount is None else amount
    if not measure.least <= chosen <= measure.most:
        raise _no_amount(fault, measure, f"{chosen:g}")
    return chosen


def read_amount(fault: Fault, text: str) -> float | None:
    """Read how much of a fault somebody asks for; raises `BadAmount`."""
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    measure = MEASURES.get(fault)
    if measure is not None and not math.isfinite(amount):
        raise _no_amount(fault, measure, repr(text[:40]))
    return amount_of(fault, amount)


def _no_amount(fault: Fault, measure: Measure, said: str) -> BadAmount:
    return BadAmount(
        f"{said} is no number of {measure.unit} from {measure.least:g} to {measure.most:g}, "
        f"which {fault} takes"
    )


class Faults:
    """What goes wrong now; all interfaces of a sandbox ask the same one, at the moment of use."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._active = {fault: amount_of(fault) for fault in faults}
        self._listeners: list[Callable[[], None]] = []

    def __contains__(self, fault: object) -> bool:
        return fault in self._active

    @property
    def active(self) -> tuple[Fault, ...]:
        """What goes wrong now, by name."""
        return tuple(sorted(self._active))

    @property
    def amounts(self) -> Mapping[Fault, float]:
        """How much there is of those that go wrong now and have a measure."""
        return {
            fault: amount for fault in self.active if (amount := self._active[fault]) is not None
        }

    def amount(self, fault: Fault) -> float:
        """Return how much of a fault there is now: 0 while it does not go wrong."""
        return self._active.get(fault) or 0.0

    def begin(self, fault: Fault, amount: float | None = None) -> None:
        """Let so much of `fault` go wrong from now on, the usual if None; raises `BadAmount`."""
        chosen = amount_of(fault, amount)
        if fault not in self._active or self._active[fault] != chosen:
            self._active[fault] = chosen
            self._tell()

    def end(self, fault: Fault) -> None:
        """Let `fault` go wrong no longer."""
        if fault in self._active:
            del self._active[fault]
            self._tell()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def broken_container(after: float = 0.0) -> Sequence[str]:
    """Return the command of a container that ends after some seconds, before it opens its port.

    Like any other it ends when its standard input does.
    """
    program = (
        f"import select, sys; select.select([0], [], [], {after!r}); "
        "sys.exit('engine: the model directory /models is empty')"
    )
    return (sys.executable, "-c", program)
