"""What the sandbox is told to get wrong, to see what the console makes of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum


class Fault(StrEnum):
    """One thing that goes wrong for as long as the sandbox is open."""

    SERVICES_DENIED = "services-denied"
    LOGS_DENIED = "logs-denied"
    LOGS_THROTTLED = "logs-throttled"
    START_FAILS = "start-fails"


def broken_container() -> Sequence[str]:
    """Return the command of a container that ends before it opens its port."""
    program = "import sys; sys.exit('engine: the model directory /models is empty')"
    return (sys.executable, "-c", program)
