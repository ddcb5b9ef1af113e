"""One instance of a revision: from its start over its probe to its end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from console.sandbox.instances.container import Container
from console.sandbox.instances.launch import Launch
from console.sandbox.instances.memory import MIB, resident
from console.sandbox.instances.probe import StartupProbe, Verdict, probed
from console.sandbox.logs.platform_log import STDERR, STDOUT, PlatformLog, StartReason

_WEIGHED_SECONDS: Final = 0.25
_INTERRUPTED: Final = Verdict(1, "Connection failed with status DEADLINE_EXCEEDED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the instances of a revision run.

    `memory_limit`, in bytes, and `launch` are asked for at the moment of use; `launch` is told
    whether the start before failed, and nothing has served since. Ports are those of the
    container: the sandbox's own differ, since all share one machine. `timeout` is that of a
    request, and `idle_seconds` how long an instance is kept after its last one.
    """

    revision: str
    container: str
    launch: Callable[[bool], Launch]
    environment: Mapping[str, str]
    probe: StartupProbe
    memory_limit: Callable[[], int | None]
    concurrency: int
    timeout: float
    idle_seconds: float


class Instance:
    """One instance; `address` is its port on loopback, once its start-up probe succeeded.

    `changed` is called when it begins to serve, and when it no longer does. Who waits for one that
    is `excused` goes on waiting if it does not start.
    """

    def __init__(
        self, identifier: str, plan: Plan, log: PlatformLog, changed: Callable[[], None]
    ) -> None:
        self.id = identifier
        self.address: int | None = None
        self.requests = 0
        self.overfull = False
        self.excused = False
        self.unneeded = asyncio.Event()
        self.settled = asyncio.Event()
        self._plan = plan
        self._log = log
        self._changed = changed
        self._idle: asyncio.TimerHandle | None = None
        self._container: Container | None = None

    def rest(self, seconds: float, unneeded: Callable[[], None]) -> None:
        """Call `unneeded` unless a request comes within `seconds`."""
        self.wake()
        self._idle = asyncio.get_running_loop().call_later(seconds, unneeded)

    def wake(self) -> None:
        """Be needed until further notice."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    async def live(
        self,
        reason: StartReason,
        leave: Callable[[], None],
        grace: Callable[[], float],
        *,
        failed_before: bool = False,
    ) -> None:
        """Run a container until it ends or is unneeded, then stop it within `grace` seconds.

        `leave` is called once no request may come any more; `failed_before` says that the start
        before this one failed, and that nothing has served since.
        """
        plan = self._plan
        launch = plan.launch(failed_before)
        self.excused = launch.excused
        self._log.starting(plan.revision, self.id, reason)

        def on_output(line: bytes, is_error: bool) -> None:
            self._log.output(plan.revision, self.id, line, STDERR if is_error else STDOUT)

        if not await self._placed(launch.scheduling, leave):
            return
        try:
            environment = {**plan.environment, **launch.environment}
            container = await Container.start(launch.command, environment, on_output)
            self._container = container
        except (OSError, ValueError):
            self._refuse(launch.probe, Verdict(1, "Application exec likely failed"))
            self._end(leave)
            return
        try:
            await self._serve(container, launch.probe)
        finally:
            self._end(leave)
            code = await container.stop(grace())
            self._log.exited(plan.revision, self.id, code)

    async def ended(self) -> None:
        """Wait until no process of it is left."""
        if self._container is not None:
            await asyncio.shield(self._container.ended)

    async def _placed(self, seconds: float, leave: Callable[[], None]) -> bool:
        """Wait until the platform has found a place; return whether it is still needed then."""
        placed = False
        try:
            async with asyncio.timeout(seconds):
                await self.unneeded.wait()
        except TimeoutError:
            placed = True
        finally:
            if not placed:
                self._end(leave)
                self._log.exited(self._plan.revision, self.id, -signal.SIGTERM)
        return placed

    async def _serve(self, container: Container, probe: StartupProbe) -> None:
        """Let requests in once the probe succeeds, until the container ends or is unneeded."""
        weighing = asyncio.create_task(self._weigh(container))
        unneeded = asyncio.create_task(self.unneeded.wait())
        probing = asyncio.create_task(probed(probe, container.port))
        over = {container.ended, unneeded}
        try:
            await asyncio.wait({probing, *over}, return_when=asyncio.FIRST_COMPLETED)
            verdict = probing.result() if probing.done() else _INTERRUPTED
            if unneeded.done():
                return
            if verdict.failure:
                if not self.overfull:
                    self._refuse(probe, verdict)
                return
            if self._killed_as_overfull(container):
                return
            plan = self._plan
            self._log.probed(plan.revision, self.id, plan.container, probe, verdict.attempts)
            self.address = await container.port()
            self.settled.set()
            self._changed()
            await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (weighing, unneeded, probing):
                task.cancel()

    async def _weigh(self, container: Container) -> None:
        """Kill the container when it uses more memory than it may."""
        while not container.ended.done():
            if self._killed_as_overfull(container):
                return
            await asyncio.sleep(_WEIGHED_SECONDS)

    def _killed_as_overfull(self, container: Container) -> bool:
        limit, used = self._plan.memory_limit(), resident(container.process)
        if self.overfull or limit is None or used is None or used <= limit:
            return self.overfull
        self.overfull = True
        self._log.overfull(self._plan.revision, self.id, limit // MIB, used // MIB)
        container.kill()
        return True

    def _refuse(self, probe: StartupProbe, verdict: Verdict) -> None:
        plan = self._plan
        self._log.probe_failed(plan.revision, self.id, plan.container, probe, verdict)

    def _end(self, leave: Callable[[], None]) -> None:
        self.wake()
        leave()
        self.settled.set()
