"""An examination: all questions at once, each failing alone, and a report of what was found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

from console.language import tr
from console.model.doctor.checks import Check, asked_in
from console.model.doctor.finding import Finding, Report, State
from console.model.service import ServiceFacts
from console.session.doctor.asking import ask
from console.session.doctor.case import Case, World
from console.session.doctor.cloud_checks import CloudChecks
from console.session.doctor.machine_checks import MachineChecks
from console.session.secrets import redacted
from console.terminal.sanitise import sanitise

SECONDS: Final = 20.0
"""How long one question may take."""

OPEN_SECONDS: Final = 90.0
"""How long the way to the cloud may take: a sandbox has to be started first."""

Told = Callable[[Finding], None]
_Checks = Mapping[Check, Callable[[], Coroutine[Any, Any, Finding]]]


async def examine(
    case: Case, world: World, told: Told = lambda _: None, seconds: float = SECONDS
) -> Report:
    """Examine `case` and return the report; `told` hears of each thing as soon as it is known."""
    return await _Examination(case, world, told, seconds).run()


class _Examination:
    def __init__(self, case: Case, world: World, told: Told, seconds: float) -> None:
        self._case = case
        self._world = world
        self._told = told
        self._seconds = seconds
        self._findings: list[Finding] = []
        self._gpu: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def run(self) -> Report:
        for check in Check:
            if check not in self._case.asked:
                self._tell(Finding(check, State.NOT_ASKED, self._no_matter(check)))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_at_machine())
            group.create_task(self._look_at_cloud())
        return Report.of(self._case.context, self._findings)

    def _no_matter(self, check: Check) -> str:
        """Return why a thing is not asked after."""
        case = self._case
        cloud = case.service is not None and not case.sandbox
        if check in asked_in(cloud=cloud, sandbox=case.sandbox):
            return tr("the console is read-only") if case.read_only else tr("no matter for looking")
        return tr("no matter in {context}", context=case.context)

    async def _look_at_machine(self) -> None:
        checks = MachineChecks(self._case, self._world, self._on_gpu, self._seconds)
        await self._look(checks.checks())

    async def _look_at_cloud(self) -> None:
        name = self._case.service
        if name is None:
            self._gpu.set_result(self._case.choice == "gpu")
            return
        async with AsyncExitStack() as stack:
            opening = stack.enter_async_context(self._world.open_cloud())
            google = await ask(opening, tr("reach the cloud"), OPEN_SECONDS)
            checks = CloudChecks(self._case, name, self._world, google, self._seconds)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._settle_gpu(checks))
                group.create_task(self._look(checks.checks()))

    async def _settle_gpu(self, checks: CloudChecks) -> None:
        """Say whether an image for GPUs is to be built: asked for, or what the service runs."""
        choice, service = self._case.choice, await checks.service()
        runs = isinstance(service, ServiceFacts) and service.gpu is not None
        self._gpu.set_result(choice == "gpu" or (runs and not choice))

    async def _on_gpu(self) -> bool:
        return await asyncio.shield(self._gpu)

    async def _look(self, checks: _Checks) -> None:
        asked = ((check, find) for check, find in checks.items() if check in self._case.asked)
        async with asyncio.TaskGroup() as group:
            for check, find in asked:
                group.create_task(self._find(check, find))

    async def _find(self, check: Check, find: Callable[[], Coroutine[Any, Any, Finding]]) -> None:
        try:
            self._tell(await find())
        except Exception as error:
            # A defect in one check is no reason to keep quiet about all the others.
            said = " ".join(str(error).split()) or type(error).__name__
            words = tr("this could not be found out: {why}", why=said)
            self._tell(Finding(check, State.UNKNOWN, sanitise(redacted(words))))

    def _tell(self, finding: Finding) -> None:
        self._findings.append(finding)
        self._told(finding)
