"""What everything in a sandbox shares: what containers run, the clocks, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from console.sandbox.faults import Faults
from console.sandbox.logs.log_book import LogBook
from console.sandbox.moments import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The sandbox around its services.

    `command` is what a container runs, with `environment` beneath its own. An instance is kept for
    `idle_seconds` after its last request, and a stage of a roll-out that takes no time here takes
    `stage_seconds`. `clock` gives the time of day and `machine_clock` that by which containers go,
    `monotonic` counts seconds, `new_hex` makes so many random bytes in hexadecimal, and `chance` a
    random number from 0 up to 1. `directory_of` says where what is in a bucket can be read, None
    for what is no bucket's name, `storage_address` at which `HOST:PORT` a container reaches buckets
    itself, `image_problem` why an image cannot be run, empty if it can, and
    `knows_account` whether there is a service account of an address.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    idle_seconds: float
    stage_seconds: float
    faults: Faults
    book: LogBook
    clock: Clock
    machine_clock: Clock
    monotonic: Callable[[], float]
    new_hex: Callable[[int], str]
    chance: Callable[[], float]
    directory_of: Callable[[str], Path | None]
    storage_address: Callable[[], str]
    image_problem: Callable[[str], str]
    knows_account: Callable[[str], bool]
