"""`python -m console.sandbox fault`: say what goes wrong in a running sandbox, and switch it.

A sandbox leaves its addresses in its state directory for as long as it runs.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from console.paths import write_atomically
from console.sandbox.faults import Fault, amount_of

ADDRESS_FILE: Final = "address.json"
_ANSWER_SECONDS: Final = 10.0
_SWITCHES: Final = "/sandbox/faults"


class NotRunning(RuntimeError):
    """No sandbox answers in a state directory; one line."""


@contextmanager
def announced(state: Path, addresses: Mapping[str, object]) -> Iterator[None]:
    """Leave the `HOST:PORT` of each interface in the directory `state` for the time being."""
    file = state / ADDRESS_FILE
    write_atomically(file, json.dumps(addresses).encode())
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


Active = Mapping[Fault, float | None]
"""Faults that are on, and how much of each there is; None for those without a measure."""


def switched(state: Path, fault: Fault, *, on: bool, amount: float | None = None) -> Active:
    """Begin or end a fault of the sandbox in `state`; return those that are on then.

    `amount` is how much of it there is to be, None for the usual. Raises `NotRunning`, and
    `BadAmount`.
    """
    path = f"{_SWITCHES}/{fault}"
    if not on:
        return _asked(state, "DELETE", path)
    chosen = amount_of(fault, amount)
    return _asked(state, "PUT", path if chosen is None else f"{path}?amount={chosen!r}")


def active(state: Path) -> Active:
    """Return the faults that are on in the sandbox in `state`; raises `NotRunning`."""
    return _asked(state, "GET", _SWITCHES)


def _asked(state: Path, method: str, path: str) -> Active:
    connection = http.client.HTTPConnection(_address(state), timeout=_ANSWER_SECONDS)
    try:
        connection.request(method, path)
        said = json.loads(connection.getresponse().read())
        amounts = said.get("amounts", {})
        return {Fault(name): amounts.get(name) for name in said["active"]}
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        raise _not_running(state) from None
    finally:
        connection.close()


def _address(state: Path) -> str:
    try:
        said = json.loads((state / ADDRESS_FILE).read_bytes())
    except (OSError, ValueError):
        raise _not_running(state) from None
    address = said.get("http") if isinstance(said, Mapping) else None
    host, _, port = str(address).rpartition(":")
    if host != "127.0.0.1" or not (port.isascii() and port.isdigit()):
        raise _not_running(state)
    return str(address)


def _not_running(state: Path) -> NotRunning:
    return NotRunning(f"no sandbox answers in {state}; start one, or name its directory by --state")
