"""What the sandbox is told to get wrong, to see what the console makes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum


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
    OUT_OF_MEMORY = "out-of-memory"
    QUOTA_REFUSED = "quota-refused"
    STORAGE_DENIED = "storage-denied"
    STORAGE_SLOW = "storage-slow"
    STORAGE_UNAVAILABLE = "storage-unavailable"
    STORAGE_BROKEN = "storage-broken"
    TOKEN_EXPIRED = "token-expired"
    NETWORK_DOWN = "network-down"


class Faults:
    """What goes wrong now; all interfaces of a sandbox ask the same one, at the moment of use."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._active = set(faults)
        self._listeners: list[Callable[[], None]] = []

    def __contains__(self, fault: object) -> bool:
        return fault in self._active

    @property
    def active(self) -> tuple[Fault, ...]:
        """What goes wrong now, by name."""
        return tuple(sorted(self._active))

    def begin(self, fault: Fault) -> None:
        """Let `fault` go wrong from now on."""
        if fault not in self._active:
            self._active.add(fault)
            self._tell()

    def end(self, fault: Fault) -> None:
        """Let `fault` go wrong no longer."""
        if fault in self._active:
            self._active.discard(fault)
            self._tell()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def broken_container() -> Sequence[str]:
    """Return the command of a container that ends before it opens its port."""
    program = "import sys; sys.exit('engine: the model directory /models is empty')"
    return (sys.executable, "-c", program)
