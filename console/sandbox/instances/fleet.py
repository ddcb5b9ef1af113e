"""The instances of one revision: how many there are, and which of them takes a request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from console.sandbox.instances.container import GRACE_SECONDS
from console.sandbox.instances.instance import Instance, Plan
from console.sandbox.logs.platform_log import PlatformLog, StartReason

NOT_STARTED: Final = "The request failed because the instance could not start successfully."
NO_CAPACITY: Final = "The request was aborted because there was no available instance."
CLOSING_SECONDS: Final = 1.0
QUEUE_SECONDS: Final = 10.0
RESTART_SECONDS: Final = 5.0


class NoInstance(Exception):
    """A request found no instance; `status` is what it is answered, the message says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Scale:
    """How many instances there may be: at least, at most, or exactly so many."""

    least: int = 0
    most: int = 1
    exactly: int | None = None

    @property
    def kept(self) -> int:
        """How many are there even without requests."""
        return self.least if self.exactly is None else self.exactly

    @property
    def ceiling(self) -> int:
        """How many there are however many requests come."""
        return self.most if self.exactly is None else self.exactly


NONE: Final = Scale(0, 0, 0)


class Fleet:
    """Instances of one revision at `scale`; `new_id` makes their identifiers."""

    def __init__(
        self, plan: Plan, scale: Scale, log: PlatformLog, new_id: Callable[[], str]
    ) -> None:
        self.plan = plan
        self._scale = scale
        self._log = log
        self._new_id = new_id
        self._instances: list[Instance] = []
        self._lives: dict[asyncio.Task[None], Instance] = {}
        self._changed = asyncio.Event()
        self._grace = GRACE_SECONDS
        self._failed_starts = 0
        self._failed_last = False
        self._waiting = 0
        self._retry: asyncio.TimerHandle | None = None

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Those that start or serve."""
        return tuple(self._instances)

    @property
    def serving(self) -> int:
        """How many instances take requests."""
        return sum(each.address is not None for each in self._instances)

    def rescale(self, scale: Scale) -> None:
        """Have so many instances from now on; those that are too many end when they are idle."""
        self._scale = scale
        for instance in self._instances:
            if instance.address is None and not scale.ceiling:
                instance.unneeded.set()
            elif instance.address is not None and not instance.requests:
                self._rest(instance)
        self._fill()
        self._tell()

    async def checked(self) -> str:
        """Start an instance for a deployment; return why it did not start, empty if it did.

        An instance that serves already is as good.
        """
        if self.serving:
            return ""
        while True:
            instance = self._start(StartReason.DEPLOYMENT_ROLLOUT)
            await instance.settled.wait()
            if instance.address is not None:
                return ""
            if not instance.excused:
                return self.plan.probe.refusal

    async def filled(self) -> None:
        """Wait until as many instances serve as are kept without requests."""
        self._fill()
        while self.serving < self._scale.kept:
            await self._changed.wait()

    @asynccontextmanager
    async def instance(self) -> AsyncIterator[Instance]:
        """Lend an instance to one request; starts one if need be. Raises `NoInstance`."""
        lent = await self._obtain()
        try:
            yield lent
        finally:
            lent.requests -= 1
            if not lent.requests:
                self._rest(lent)
            self._tell()

    async def close(self, grace: float = CLOSING_SECONDS) -> None:
        """End all instances, whatever they are doing, within `grace` seconds."""
        self._grace = grace
        self._scale = NONE
        if self._retry is not None:
            self._retry.cancel()
        lives = dict(self._lives)
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        # One that was ending already when its life was broken off has been killed.
        await asyncio.gather(*(each.ended() for each in lives.values()))

    async def _obtain(self) -> Instance:
        failed_before = self._failed_starts
        self._waiting += 1
        try:
            while (free := self._free()) is None:
                if self._failed_starts > failed_before:
                    raise NoInstance(503, NOT_STARTED)
                if self._scale.exactly == 0:
                    raise NoInstance(503, NO_CAPACITY)
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
            if each.address is not None
            and not each.unneeded.is_set()
            and each.requests < self.plan.concurrency
        ]
        return min(able, key=lambda each: each.requests, default=None)

    def _scale_up(self) -> None:
        starting = sum(each.address is None for each in self._instances)
        enough = starting * self.plan.concurrency >= self._waiting
        if not enough and len(self._instances) < self._scale.ceiling:
            self._start(StartReason.AUTOSCALING)

    def _fill(self) -> None:
        """Start what is missing of the instances that are kept without requests."""
        while len(self._instances) < self._scale.kept:
            self._start(StartReason.MANUAL_OR_CUSTOMER_MIN_INSTANCE)

    def _start(self, reason: StartReason) -> Instance:
        instance = Instance(self._new_id(), self.plan, self._log, lambda: self._ready(instance))
        self._instances.append(instance)
        life = asyncio.create_task(
            instance.live(
                reason,
                lambda: self._leave(instance),
                lambda: self._grace,
                failed_before=self._failed_last,
            )
        )
        self._lives[life] = instance
        life.add_done_callback(self._lives.pop)
        return instance

    def _ready(self, instance: Instance) -> None:
        self._failed_last = False
        self._rest(instance)
        self._tell()

    def _rest(self, instance: Instance) -> None:
        too_many = len(self._instances) > self._scale.ceiling
        seconds = 0.0 if too_many else self.plan.idle_seconds
        instance.rest(seconds, lambda: self._dismiss(instance))

    def _dismiss(self, instance: Instance) -> None:
        """End an instance that is idle, unless it is one of those that are kept."""
        leaving = sum(each.unneeded.is_set() for each in self._instances)
        if len(self._instances) - leaving > self._scale.kept:
            instance.unneeded.set()

    def _leave(self, instance: Instance) -> None:
        """Send no more requests to an instance."""
        if instance.address is None and not instance.unneeded.is_set():
            self._failed_last = True
            self._failed_starts += not instance.excused
        self._instances.remove(instance)
        self._tell()
        if self._scale.kept and self._retry is None:
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(RESTART_SECONDS, self._refill)

    def _refill(self) -> None:
        self._retry = None
        self._fill()
