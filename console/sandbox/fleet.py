"""The instances of one revision: started when requests need them, ended when they are idle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from console.sandbox.container import GRACE_SECONDS, Container
from console.sandbox.platform_log import STDERR, STDOUT, PlatformLog, StartReason

NOT_STARTED: Final = "The request failed because the instance could not start successfully."
NO_CAPACITY: Final = "The request was aborted because there was no available instance."
PROBE_SECONDS: Final = 240.0
CLOSING_SECONDS: Final = 1.0
QUEUE_SECONDS: Final = 10.0


class NoInstance(Exception):
    """A request found no instance; `status` is what it is answered, the message says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What instances run and how many there may be; `idle_seconds` is how long one is kept.

    `port` is the one of the container: the sandbox's own differs, since all share one machine.
    """

    revision: str
    container: str
    command: Sequence[str]
    environment: Mapping[str, str]
    port: int
    max_instances: int
    concurrency: int
    idle_seconds: float


class Instance:
    """One instance; `address` is its port on loopback, once its start-up probe succeeded."""

    def __init__(self, identifier: str) -> None:
        self.id = identifier
        self.address: int | None = None
        self.requests = 0
        self.unneeded = asyncio.Event()
        self._idle: asyncio.TimerHandle | None = None

    def rest(self, seconds: float) -> None:
        """Become unneeded unless a request comes within `seconds`."""
        self.wake()
        self._idle = asyncio.get_running_loop().call_later(seconds, self.unneeded.set)

    def wake(self) -> None:
        """Be needed until further notice."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


class Fleet:
    """Instances of one revision; `new_id` makes their identifiers."""

    def __init__(self, plan: Plan, log: PlatformLog, new_id: Callable[[], str]) -> None:
        self.plan = plan
        self._log = log
        self._new_id = new_id
        self._instances: list[Instance] = []
        self._lives: set[asyncio.Task[None]] = set()
        self._containers: set[Container] = set()
        self._changed = asyncio.Event()
        self._grace = GRACE_SECONDS
        self._failed_starts = 0
        self._waiting = 0

    @property
    def size(self) -> int:
        """How many instances start or serve."""
        return len(self._instances)

    @asynccontextmanager
    async def instance(self) -> AsyncIterator[Instance]:
        """Lend an instance to one request; starts one if need be. Raises `NoInstance`."""
        lent = await self._obtain()
        try:
            yield lent
        finally:
            lent.requests -= 1
            if not lent.requests:
                lent.rest(self.plan.idle_seconds)
            self._tell()

    async def close(self) -> None:
        """End all instances, without the time that a scaling down gives them."""
        self._grace = CLOSING_SECONDS
        lives = tuple(self._lives)
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        # One that was ending already when its life was broken off has been killed.
        await asyncio.gather(*(each.ended for each in self._containers))

    async def _obtain(self) -> Instance:
        failed_before = self._failed_starts
        self._waiting += 1
        try:
            while (free := self._free()) is None:
                if self._failed_starts > failed_before:
                    raise NoInstance(503, NOT_STARTED)
                self._scale_up()
                await self._change()
        finally:
            self._waiting -= 1
        free.requests += 1
        free.wake()
        return free

    async def _change(self) -> None:
        """Wait until something changes; not for long unless an instance is starting."""
        starting = any(each.address is None for each in self._instances)
        changed = self._changed
        try:
            async with asyncio.timeout(None if starting else QUEUE_SECONDS):
                await changed.wait()
        except TimeoutError:
            raise NoInstance(429, NO_CAPACITY) from None

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _free(self) -> Instance | None:
        able = [
            each
            for each in self._instances
            if each.address is not None and each.requests < self.plan.concurrency
        ]
        return min(able, key=lambda each: each.requests, default=None)

    def _scale_up(self) -> None:
        starting = sum(each.address is None for each in self._instances)
        enough = starting * self.plan.concurrency >= self._waiting
        if enough or len(self._instances) >= self.plan.max_instances:
            return
        instance = Instance(self._new_id())
        self._instances.append(instance)
        self._log.starting(self.plan.revision, instance.id, StartReason.AUTOSCALING)
        life = asyncio.create_task(self._live(instance))
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)

    async def _live(self, instance: Instance) -> None:
        plan = self.plan

        def on_output(line: bytes, is_error: bool) -> None:
            self._log.output(plan.revision, instance.id, line, STDERR if is_error else STDOUT)

        try:
            container = await Container.start(plan.command, plan.environment, on_output)
        except OSError:
            self._log.probe_failed(plan.revision, instance.id, plan.container, plan.port)
            self._leave(instance)
            return
        self._containers.add(container)
        container.ended.add_done_callback(lambda _: self._containers.discard(container))
        try:
            await self._serve(instance, container)
        finally:
            self._leave(instance)
            code = await container.stop(self._grace)
            self._log.exited(plan.revision, instance.id, code)

    async def _serve(self, instance: Instance, container: Container) -> None:
        """Let requests in once the probe succeeds, until the instance ends or is unneeded."""
        plan = self.plan
        address = await container.listening(PROBE_SECONDS)
        if address is None:
            self._log.probe_failed(plan.revision, instance.id, plan.container, plan.port)
            return
        self._log.probed(plan.revision, instance.id, plan.container, plan.port)
        instance.address = address
        instance.rest(plan.idle_seconds)
        self._tell()
        unneeded = asyncio.create_task(instance.unneeded.wait())
        try:
            await asyncio.wait({container.ended, unneeded}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            unneeded.cancel()

    def _leave(self, instance: Instance) -> None:
        """Send no more requests to an instance."""
        instance.wake()
        if instance.address is None:
            self._failed_starts += 1
        self._instances.remove(instance)
        self._tell()
