"""What runs of all services: their addresses and instances, and the roll-outs under way."""

from __future__ import annotations

import asyncio

import grpc
from google.cloud.run_v2.types import Service

from console.sandbox.faults import Fault
from console.sandbox.run.identity import Identities
from console.sandbox.run.operations import Operations
from console.sandbox.run.rollout import Rollout, RolloutFailed
from console.sandbox.run.services import Deployment, ServiceBook, last_part
from console.sandbox.run.serving import Serving
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
        self._endings: dict[asyncio.Task[None], Serving] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        surroundings.faults.subscribe(self._fault_changed)

    async def open(self) -> None:
        """Serve what is deployed, and go on with what was under way; raises `BadState`."""
        for name, shown in self._operations.unfinished():
            if self._book.find(shown.name) is None:
                self._operations.succeed(name, shown)
        for deployment in self._book:
            await self.add(deployment)
            if deployment.service.reconciling or self._operations.running(deployment.service.name):
                self.roll_out(deployment)
        self._book.save()

    async def close(self) -> None:
        """End it all; what is under way stays so, for another time."""
        leaving = tuple(self._endings.values())
        tasks = (*self._tasks.values(), *self._endings)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for serving in (*self._serving.values(), *leaving):
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
        name = deployment.service.name
        work = self._rolled_out(deployment, self._tasks.get(name))
        self._tasks[name] = asyncio.create_task(work)

    def end(self, deployment: Deployment, operation: str) -> None:
        """Begin to end a service that is deleted, which is what `operation` waits for."""
        # Another service may take its name at once.
        name = deployment.service.name
        older = [each for each in self._operations.running(name) if each != operation]
        self._supersede(older, deployment.service, "the deletion of the service")
        serving, before = self._serving.pop(name), self._tasks.pop(name, None)
        ending = asyncio.create_task(self._ended(deployment, serving, operation, before))
        self._endings[ending] = serving
        ending.add_done_callback(self._forget)

    def _forget(self, ending: asyncio.Task[None]) -> None:
        if not ending.cancelled():
            del self._endings[ending]

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
        self,
        deployment: Deployment,
        serving: Serving,
        operation: str,
        before: asyncio.Task[None] | None,
    ) -> None:
        service = deployment.service
        await _given_up(before)
        await serving.close()
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
