"""What runs of all services: their addresses and instances, and the roll-outs under way."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import grpc
from google.cloud.run_v2.types import Service

from console.sandbox.faults import Fault
from console.sandbox.identity import Identities
from console.sandbox.operations import Operations
from console.sandbox.rollout import Rollout, RolloutFailed
from console.sandbox.services import Deployment, ServiceBook, last_part
from console.sandbox.serving import Serving
from console.sandbox.surroundings import Surroundings


class RunningServices:
    """Keeps what runs as the deployments of `book` say, and tells `operations` how that went."""

    def __init__(
        self,
        book: ServiceBook,
        operations: Operations,
        surroundings: Surroundings,
        identities: Identities,
    ) -> None:
        self._book = book
        self._operations = operations
        self._around = surroundings
        self._identities = identities
        self._serving: dict[str, Serving] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        surroundings.faults.subscribe(self._fault_changed)

    async def open(self) -> None:
        """Serve what is deployed, and go on with what was under way; raises `BadState`."""
        for deployment in self._book:
            await self.add(deployment)
            if deployment.service.reconciling:
                self.roll_out(deployment)
        self._book.save()

    async def close(self) -> None:
        """End it all; what is under way stays so, for another time."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for serving in self._serving.values():
            await serving.close()

    def urls(self) -> dict[str, str]:
        """Return the address of each service by its short name."""
        return {last_part(name): serving.url for name, serving in self._serving.items()}

    async def add(self, deployment: Deployment) -> None:
        """Open the addresses of a service."""
        serving = Serving(deployment, self._around, self._identities)
        self._serving[deployment.service.name] = serving
        await serving.follow()

    async def drop(self, deployment: Deployment, revision: str) -> None:
        """End what is left of a revision that is gone."""
        await self._serving[deployment.service.name].drop(revision)

    def roll_out(self, deployment: Deployment) -> None:
        """Begin to roll out a deployment, in the place of an older roll-out of it."""
        self._start(deployment, self._rolled_out(deployment, self._before(deployment)))

    def end(self, deployment: Deployment, operation: str) -> None:
        """Begin to end a service that is deleted, which is what `operation` waits for."""
        self._start(deployment, self._ended(deployment, operation, self._before(deployment)))

    def _before(self, deployment: Deployment) -> asyncio.Task[None] | None:
        return self._tasks.get(deployment.service.name)

    def _start(self, deployment: Deployment, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[deployment.service.name] = asyncio.create_task(work)

    async def _rolled_out(self, deployment: Deployment, before: asyncio.Task[None] | None) -> None:
        name = deployment.service.name
        *older, newest = self._operations.running(name) or [""]
        await _given_up(before)
        self._supersede(older, deployment.service, "a newer change of the service")

        def tell() -> None:
            self._operations.show(newest, Service.pb(deployment.service))
            self._book.save()

        try:
            await Rollout(deployment, self._serving[name], self._around, tell).run()
        except RolloutFailed as failed:
            code, shown = grpc.StatusCode.FAILED_PRECONDITION, Service.pb(deployment.service)
            self._operations.fail(newest, code, str(failed), shown)
        else:
            self._operations.succeed(newest, Service.pb(deployment.service))

    async def _ended(
        self, deployment: Deployment, operation: str, before: asyncio.Task[None] | None
    ) -> None:
        service = deployment.service
        await _given_up(before)
        older = [name for name in self._operations.running(service.name) if name != operation]
        self._supersede(older, service, "the deletion of the service")
        await self._serving.pop(service.name).close()
        service.reconciling = False
        self._operations.succeed(operation, Service.pb(service))

    def _supersede(self, operations: list[str], service: Service, what: str) -> None:
        for name in operations:
            said = f"Operation was superseded by {what}."
            self._operations.fail(name, grpc.StatusCode.ABORTED, said, Service.pb(service))

    def _fault_changed(self) -> None:
        if Fault.NETWORK_DOWN in self._around.faults:
            for serving in self._serving.values():
                serving.break_off()


async def _given_up(task: asyncio.Task[None] | None) -> None:
    """Break off a task, and wait until it has ended."""
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
