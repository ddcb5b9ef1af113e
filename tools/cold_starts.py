"""Makes cold starts slow in twenty ways and says what the console makes of each of them.

    python tools/cold_starts.py

Starts sandboxes as processes of their own, whose instances are real engines with the bundled
model, and lets them lose time at one place after the other. Each time a service is at zero, a
client asks for a picture and takes the time from outside, and the console's own sources and model
reconstruct the start from the log. The table says for each what was injected, how long the client
waited, what the phases of the reconstruction add up to, which share of the wait platform and
engine do not account for where the request's own line is missing, and what the diagnosis names,
the dearest first.

Exits with 1 if a sum is more than five percent off, if time is not found where it was lost, or if
a diagnosis misses what was injected.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import grpc.aio
import httpx
from google.cloud import run_v2
from google.longrunning.operations_pb2 import WaitOperationRequest

from console.model.log.lines import LogQuery, LogRecord, Origin
from console.model.starts.diagnosis import diagnose
from console.model.starts.findings import Cause, Finding
from console.model.starts.reconstruction import StartBook
from console.model.starts.snapshot import Setting
from console.model.starts.spans import phase_spans
from console.model.starts.start import ColdStart, PhaseSpan, StartPhase
from console.sandbox.fault_command import switched
from console.sandbox.faults import Fault
from console.sandbox.run.demo_service import DEMO, PORT
from console.sources.google_channel import GoogleCloud, connect
from console.sources.sandbox_process import SandboxProcess, sandbox_command

TOLERANCE: Final = 0.05
"""By which share the phases of a start may differ from what a client waited."""

PROBED: Final = Setting(mounted=True, gpu=False, cpu_boost=True, http_probe=True, probe_period=1.0)
"""The service as it is deployed: its start-up probe asks the engine every second."""

WEIGHTS_BYTES: Final = 6.2e6
"""How many bytes of the bundled model are read as weights, at least."""

TICK: Final = 0.02
"""How exactly the system says when a process was born: twice what it counts in, in seconds."""

_IDLE_SECONDS: Final = "0.1"
_PATIENCE: Final = 120.0
_AT_ONCE: Final = 2
_LINES: Final = 1_000
_LOOK_SECONDS: Final = 0.5
_PICTURE: Final = {"prompt": "a red circle", "size": "64x64", "steps": 1, "seed": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """What is made to go wrong, and what the console is to find.

    `causes` are what the diagnosis is to name. `phase` is where at least `seconds` are to be
    found, None where no time is lost. `setting` is how the service is probed then.
    """

    faults: Mapping[Fault, float | None]
    causes: frozenset[Cause]
    phase: StartPhase | None = None
    seconds: float = 0.0
    setting: Setting = PROBED

    def __str__(self) -> str:
        return " ".join(
            str(fault) if amount is None else f"{fault}={amount:g}"
            for fault, amount in self.faults.items()
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """One cold start: what a client waited, and what the log tells of it.

    `blind` is the same start as it is reconstructed without the lines of requests, which are the
    only ones that know of the client.
    """

    injected: Injected
    wall: float
    start: ColdStart
    blind: ColdStart
    findings: tuple[Finding, ...]

    @property
    def spans(self) -> tuple[PhaseSpan, ...]:
        """The start cut into its phases."""
        return phase_spans(self.start)

    @property
    def sum(self) -> float:
        """What the phases add up to, in seconds."""
        return sum(each.seconds for each in self.spans)

    @property
    def off(self) -> float:
        """By which share of what the client waited the phases differ from it."""
        return abs(self.sum - self.wall) / self.wall

    @property
    def unseen(self) -> float:
        """Which share of what the client waited platform and engine alone do not account for.

        They know nothing of a wait before the instance was asked for; the engine says how long the
        picture took. What is left is the network's and the server's.
        """
        known = sum(each.seconds for each in phase_spans(self.blind)) + (
            self.blind.first_image or 0
        )
        return (self.wall - self.within(StartPhase.WAITING) - known) / self.wall

    @property
    def lost(self) -> float:
        """How many seconds are found where they were injected."""
        phase = self.injected.phase
        return 0.0 if phase is None else self.within(phase)

    def within(self, phase: StartPhase) -> float:
        """Return how many seconds a phase took."""
        return sum(each.seconds for each in self.spans if each.phases == (phase,))

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What the diagnosis names, the dearest first."""
        return tuple(each.cause for each in self.findings)

    @property
    def is_right(self) -> bool:
        """Whether it adds up, and what was injected is found where it was and named."""
        found = self.lost >= self.injected.seconds - TICK
        return self.off <= TOLERANCE and found and self.injected.causes <= set(self.causes)


def _slow(fault: Fault, cause: Cause, phase: StartPhase, *amounts: float) -> list[Injected]:
    return [
        Injected(faults={fault: each}, causes=frozenset({cause}), phase=phase, seconds=each)
        for each in amounts
    ]


def _mount(rate: float) -> Injected:
    return Injected(
        faults={Fault.SLOW_MOUNT: rate},
        causes=frozenset({Cause.READING_SLOW}),
        phase=StartPhase.WEIGHTS,
        seconds=WEIGHTS_BYTES / rate,
    )


def _late(seconds: float) -> Injected:
    (late,) = _slow(Fault.LATE_PROBE, Cause.PROBE_LATE, StartPhase.PROBE, seconds)
    return replace(late, setting=replace(PROBED, probe_period=seconds))


def _early(*more: Injected) -> Injected:
    """Return a probe that passes too early, in a start that loses time besides."""
    return Injected(
        faults={Fault.EARLY_PROBE: None} | {k: v for one in more for k, v in one.faults.items()},
        causes=frozenset({Cause.PROBE_EARLY}).union(*(one.causes for one in more)),
        phase=more[0].phase if more else None,
        seconds=more[0].seconds if more else 0.0,
        setting=replace(PROBED, http_probe=False, probe_period=None),
    )


TWENTY: Final[Sequence[Injected]] = (
    *_slow(Fault.SLOW_SCHEDULING, Cause.SCHEDULING, StartPhase.CONTAINER, 4.5, 6.0),
    *_slow(Fault.SLOW_IMAGE, Cause.PORT, StartPhase.PORT, 2.5, 4.0),
    *_slow(Fault.SLOW_IMPORT, Cause.IMPORT, StartPhase.IMPORT, 3.5, 5.0),
    _mount(3e6),
    _mount(1.5e6),
    *_slow(Fault.SLOW_CONVERSION, Cause.DEVICE, StartPhase.DEVICE, 3.5, 5.0),
    *_slow(Fault.SLOW_WARM_UP, Cause.WARM_UP, StartPhase.WARM_UP, 3.5, 5.0),
    *_slow(Fault.SLOW_PICTURE, Cause.FIRST_ANSWER, StartPhase.ANSWER, 4.5, 6.0),
    _early(),
    _early(*_slow(Fault.SLOW_WARM_UP, Cause.WARM_UP, StartPhase.WARM_UP, 3.5)),
    _late(3.0),
    _late(5.0),
    *_slow(Fault.START_FAILS_ONCE, Cause.FAILED_BEFORE, StartPhase.WAITING, 1.5, 3.0),
)


@dataclass(frozen=True, slots=True)
class Bench:
    """A service at zero, and what there is to look at it from outside and through its log."""

    state: Path
    google: GoogleCloud
    http: httpx.AsyncClient
    url: str

    async def measured(self, injected: Injected) -> Measured:
        """Wake the service while something goes wrong; it is at zero again afterwards."""
        for fault, amount in injected.faults.items():
            await asyncio.to_thread(switched, self.state, fault, on=True, amount=amount)
        try:
            since = datetime.now(UTC)
            wall = await self._waited()
            records = await self._until_zero(since)
        finally:
            for fault in injected.faults:
                await asyncio.to_thread(switched, self.state, fault, on=False)
        start = _reconstructed(records)
        alone = _reconstructed([each for each in records if not _of_a_request(each)])
        findings = diagnose(start, None, injected.setting)
        return Measured(injected, wall, start, alone, findings)

    async def _waited(self) -> float:
        """Ask for a picture; return the seconds until its last byte is here."""
        began = time.perf_counter()
        answer = await self.http.post(self.url + "/v1/images/generations", json=_PICTURE)
        wall = time.perf_counter() - began
        answer.raise_for_status()
        return wall

    async def _until_zero(self, since: datetime) -> tuple[LogRecord, ...]:
        """Return what the log tells of a start, once its instance has ended."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                query = LogQuery(lives=True)
                records = await self.google.logs.list(DEMO, query, since, _LINES)
                if not _running(records):
                    return records
                await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def bench(state: Path, environment: Mapping[str, str]) -> AsyncIterator[Bench]:
    """Open a sandbox of its own in `state` and deploy its service with a probe of `/readyz`."""
    command = [*sandbox_command(state), "--idle", _IDLE_SECONDS]
    sandbox = await SandboxProcess.start(command, environment)
    try:
        google = await connect(sandbox.endpoints, environment, lambda: datetime.now(UTC))
        try:
            async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as http:
                # What a client does once is no part of a start: its own imports, for one.
                await http.get(f"http://{sandbox.endpoints.http}/sandbox/faults")
                began = datetime.now(UTC)
                url = await _deployed(sandbox.endpoints.run)
                opened = Bench(state, google, http, url)
                await opened._until_zero(began)
                yield opened
        finally:
            await google.aclose()
    finally:
        await sandbox.stop()


async def _deployed(address: str) -> str:
    """Let the start-up probe ask the engine whether it is ready; return the service's address."""
    async with grpc.aio.insecure_channel(address) as channel:
        transport = run_v2.ServicesAsyncClient.get_transport_class("grpc_asyncio")
        services = run_v2.ServicesAsyncClient(transport=transport(channel=channel))
        service = await services.get_service(name=DEMO.resource)
        service.template.revision = ""
        service.template.containers[0].startup_probe = run_v2.Probe(
            http_get=run_v2.HTTPGetAction(path="/readyz", port=PORT),
            period_seconds=1,
            timeout_seconds=1,
            failure_threshold=240,
        )
        request = run_v2.UpdateServiceRequest(service=service)
        operation = await services.update_service(request)
        await services.wait_operation(WaitOperationRequest(name=operation.operation.name))
        return str((await services.get_service(name=DEMO.resource)).uri)


def _running(records: Sequence[LogRecord]) -> bool:
    """Say whether an instance of which lines tell has not ended yet."""
    alive = set[str]()
    for record in records:
        if record.message.startswith("Starting new instance."):
            alive.add(record.provenance.instance)
        elif record.message.startswith("Container "):
            alive.discard(record.provenance.instance)
    return bool(alive)


def _of_a_request(record: LogRecord) -> bool:
    return record.provenance.origin is Origin.REQUEST


def _reconstructed(records: Sequence[LogRecord]) -> ColdStart:
    """Return the start of which lines tell and that came to its end."""
    book = StartBook()
    for record in records:
        book.note(record)
    (start,) = [each for each in book.starts if each.failure is None]
    return start


def row(one: Measured) -> str:
    """Return a start as a row of the table."""
    phase, named = one.injected.phase, ", ".join(one.causes)
    found = f"{phase} {one.lost:.2f} s" if phase is not None else "–"
    times = f"{one.wall:.2f} s | {one.sum:.2f} s | {100 * one.off:.2f} % | {100 * one.unseen:.1f} %"
    return f"| `{one.injected}` | {times} | {found} | {named} |"


HEAD: Final = (
    "| injected | client waited | phases | off | unseen | found in | diagnosis, dearest first |\n"
    "|---|---|---|---|---|---|---|"
)


def told(one: Measured) -> str:
    """Return all that is known of a start, for whoever has to find out what went wrong."""
    phases = ", ".join(f"{each.name} {each.seconds:.2f}" for each in one.spans)
    return "\n".join([row(one), phases, *(each.says for each in one.findings)])


async def all_measured(
    directory: Path,
    environment: Mapping[str, str],
    injected: Sequence[Injected] = TWENTY,
    tell: Callable[[Measured], None] = lambda one: None,
) -> tuple[Measured, ...]:
    """Measure them all, two services at a time, in their order; `tell` hears of each.

    Most of what each takes is waiting.
    """
    left = iter(enumerate(injected))
    done: dict[int, Measured] = {}

    async def worked_off(state: Path) -> None:
        async with bench(state, environment) as service:
            for number, each in left:
                done[number] = await service.measured(each)
                tell(done[number])

    async with asyncio.TaskGroup() as group:
        for number in range(_AT_ONCE):
            group.create_task(worked_off(directory / str(number)))
    return tuple(done[number] for number in range(len(injected)))


def main() -> int:
    """Measure them all, and print the table."""
    print(HEAD)
    environment = {"OMP_NUM_THREADS": "1", **os.environ}
    with tempfile.TemporaryDirectory() as directory:
        done = asyncio.run(
            all_measured(Path(directory), environment, tell=lambda one: print(row(one), flush=True))
        )
    wrong = [each for each in done if not each.is_right]
    off, unseen = max(each.off for each in done), max(each.unseen for each in done)
    print(f"\nat most {100 * off:.2f} % off, {100 * unseen:.1f} % unseen, {len(wrong)} wrong")
    print(*map(told, wrong), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
