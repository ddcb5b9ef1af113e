"""Made-up machines for the doctor, and a sandbox with the switches that break it."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import httpx
from running_session import SCRIPTED

from console.model.doctor.checks import Check
from console.model.doctor.facts import Terminal
from console.model.doctor.finding import Finding, Report, State
from console.model.service import ServiceName
from console.model.text import SafeText
from console.sandbox.cloud import DEMO, Sandbox
from console.session.doctor.case import Case, World
from console.session.doctor.examination import Told, examine
from console.session.engine_session import utc_now
from console.sources.base import Unauthenticated
from console.sources.examination import LoginSource, ReachSource
from console.sources.google_channel import Endpoints, GoogleCloud, connect
from console.sources.logins import Logins
from console.sources.reach import Reach
from console.sources.this_machine import ThisMachine
from console.sources.tools import Tools

GIB = 2**30
ROOMY = 500 * GIB
GOOD_TERMINAL = Terminal(SafeText("xterm-256color"), True, True, "all colours", 120, 36)
MEMINFO = "MemTotal: {total} kB\nMemFree: 1 kB\nMemAvailable: {free} kB\n"


def program(folder: Path, name: str, script: str) -> None:
    """Put an executable into `folder` that runs `script` of a shell."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@dataclass
class Machine:
    """A machine that lacks nothing until it is told to; `bin` is all that is on its PATH."""

    home: Path
    free: int = ROOMY
    memory: int = 32 * GIB
    available: int = 30 * GIB
    missing: tuple[str, ...] = ()
    terminal: Terminal = GOOD_TERMINAL
    models: str | None = None
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bin = self.home / "bin"
        program(self.bin, "gcloud", """echo '{"Google Cloud SDK": "528.0.0"}'""")
        self.docker()

    def docker(
        self, version: str = "28.2.2", info: str = '{"ServerVersion":"","DockerRootDir":""}'
    ) -> None:
        """Have a Docker whose engine says `info` of itself."""
        program(
            self.bin,
            "docker",
            f"""case "$1" in
--version) echo "Docker version {version}, build 0" ;;
info) echo '{info}' ;;
*) cat "{self.home}/df$3$4" 2>/dev/null || echo '{{}}' ;;
esac""",
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.bin}:/usr/bin:/bin" if self.variables.get("SYSTEM") else str(self.bin),
            "HOME": str(self.home),
            "OMP_NUM_THREADS": "1",
            **self.variables,
        }

    @property
    def history(self) -> Path:
        return self.home / "data" / "history.sqlite3"

    def source(self) -> ThisMachine:
        proc = self.home / "proc"
        proc.mkdir(exist_ok=True)
        said = MEMINFO.format(total=self.memory // 1024, free=self.available // 1024)
        (proc / "meminfo").write_text(said)
        told = SimpleNamespace(f_frsize=1, f_bavail=self.free, f_blocks=2 * ROOMY)
        return ThisMachine(
            statvfs=lambda _: told, installed=lambda each: each not in self.missing, root=self.home
        )

    def case(self, **changes: object) -> Case:
        case = Case(
            context="local",
            service=None,
            sandbox=False,
            terminal=self.terminal,
            history=self.history,
            folders=(self.home,),
            models=self.models,
        )
        return replace(case, **changes)  # type: ignore[arg-type]

    def world(self, way: Callable[[], object] | None = None) -> World:
        return World(
            open_cloud=way or _nowhere,  # type: ignore[arg-type]
            logins=self._logins,
            reach=_out_of_reach,
            tools=Tools(self.environment),
            machine=self.source(),
        )

    async def examined(self) -> Report:
        """Return what the doctor says of an engine here."""
        return await examine(self.case(), self.world())

    async def _logins(self) -> LoginSource:
        return Logins(self.environment)


@asynccontextmanager
async def _nowhere() -> AsyncIterator[GoogleCloud]:
    raise Unauthenticated(SafeText("there is no login"))
    yield


async def _out_of_reach() -> ReachSource:
    return Reach("http://127.0.0.1:1", utc_now)


def reds(report: Report) -> dict[Check, Finding]:
    """Return what is wrong or a warning, by its check."""
    found = (*report.having(State.WRONG), *report.having(State.WARNING))
    return {each.check: each for each in found}


def states(report: Report) -> Mapping[Check, State]:
    return {each.check: each.state for each in report.findings}


def commands(finding: Finding) -> str:
    return "\n".join(each.command for each in finding.mends)


@dataclass(frozen=True)
class Practice:
    """A sandbox, and the doctor who is asked about it."""

    sandbox: Sandbox
    http: httpx.AsyncClient
    machine: Machine
    clock: Callable[[], datetime]

    async def examined(
        self, name: ServiceName = DEMO, told: Told = lambda _: None, **changes: object
    ) -> Report:
        case = self.machine.case(context="sandbox", service=name, sandbox=True, **changes)
        return await examine(case, self.machine.world(self._way), told)

    async def call(self, method: str, path: str, body: object = None) -> httpx.Response:
        answer = await self.http.request(method, path, json=body)
        return answer.raise_for_status()

    @asynccontextmanager
    async def _way(self) -> AsyncIterator[GoogleCloud]:
        at = self.sandbox.endpoints
        endpoints = Endpoints.on_loopback(at.run, at.logging, at.http)
        google = await connect(endpoints, {}, self.clock)
        try:
            yield google
        finally:
            await google.aclose()


@asynccontextmanager
async def practice(
    folder: Path, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Practice]:
    """Open a sandbox, and a machine beside it on which all is well."""
    environment = {key: value for key, value in os.environ.items() if key[:7] != "ZIMAGE_"}
    sandbox = Sandbox(
        folder / "state",
        environment=environment,
        stage_seconds=0.0,
        engine_command=SCRIPTED,
    )
    home = folder / "home"
    home.mkdir()
    async with sandbox:
        base = f"http://{sandbox.endpoints.http}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30.0) as http:
            yield Practice(sandbox, http, Machine(home), clock)
