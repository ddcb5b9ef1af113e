"""The console under test with a sandbox beside it, whose instances are scripted engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import grpc.aio
import httpx
from console_scenes import settled, text_of
from google.cloud import run_v2
from google.longrunning.operations_pb2 import WaitOperationRequest
from running_session import SCRIPTED, until
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.config import Config
from console.model.contexts import SANDBOX
from console.modes import OpenDeployer
from console.sandbox.cloud import Sandbox
from console.sandbox.faults import Fault
from console.sandbox.run.demo_service import DEMO
from console.screens.base import Surroundings
from console.session.cloud_session import Cloud, CloudSession
from console.session.engine_session import utc_now
from console.session.polling import Intervals
from console.session.snapshots import Snapshots, remembered
from console.sources.google_channel import Endpoints, connect
from console.store import Store

PATIENCE = 60.0
OFTEN = Intervals(calm=0.3, changing=0.1, seldom=0.5)


@dataclass(frozen=True)
class Opened:
    """A console at work, and the sandbox that it looks after."""

    app: ConsoleApp
    pilot: Pilot[int]
    store: Store
    sandbox: Sandbox
    services: run_v2.ServicesAsyncClient
    http: httpx.AsyncClient

    async def begin(self, fault: str) -> None:
        """Let something go wrong, as a person does who practises."""
        await self._switch("PUT", fault)

    async def end(self, fault: str) -> None:
        await self._switch("DELETE", fault)

    async def _switch(self, method: str, fault: str) -> None:
        address = f"http://{self.sandbox.endpoints.http}/sandbox/faults/{fault}"
        (await self.http.request(method, address)).raise_for_status()

    async def until(self, true: Callable[[], bool]) -> None:
        await until(self.store, true)

    async def screen(self, key: str = "f1") -> str:
        """Go to a screen and read it, once it is at rest."""
        await self.pilot.press(key)
        await settled(self.app, self.pilot)
        return text_of(self.app)

    async def deploy(self, image: str) -> run_v2.Service | None:
        """Deploy another image by Google's own client; None when that is refused in the end."""
        service = await self.services.get_service(name=DEMO.resource)
        service.template.containers[0].image = image
        service.template.revision = ""
        request = run_v2.UpdateServiceRequest(service=service)
        operation = await self.services.update_service(request)
        if not operation.operation.done:
            await self.services.wait_operation(WaitOperationRequest(name=operation.operation.name))
        done = await operation.done()
        assert done
        return (
            None if await operation.exception() else cast(run_v2.Service, await operation.result())
        )


@asynccontextmanager
async def sandbox_console(
    config: Config,
    environment: dict[str, str],
    state: Path,
    *,
    idle_seconds: float = 3_600.0,
    stage_seconds: float = 0.0,
    faults: Iterable[Fault] = (),
    snapshots: Path | None = None,
    deployer: Callable[[Sandbox], OpenDeployer] | None = None,
) -> AsyncIterator[Opened]:
    """A console of 120 × 36 that looks after a sandbox of its own, and asks often.

    It begins with what the directory `snapshots` remembers, and keeps there what it knows.
    `deployer` returns how it deploys to the sandbox; without one it does not.
    """
    async with AsyncExitStack() as stack:
        sandbox = Sandbox(
            state,
            environment=environment,
            idle_seconds=idle_seconds,
            stage_seconds=stage_seconds,
            engine_command=SCRIPTED,
            faults=frozenset(faults),
        )
        await stack.enter_async_context(sandbox)
        store = Store() if snapshots is None else remembered(snapshots, SANDBOX)
        app = ConsoleApp(
            Surroundings(store, lambda: 100.0, context=SANDBOX, restarts=False),
            lambda one: CloudSession(
                one,
                replace(config, context=SANDBOX),
                lambda: _way_to(sandbox, environment),
                intervals=OFTEN,
                again_seconds=0.1,
                snapshots=None if snapshots is None else Snapshots(snapshots),
                environment=environment,
            ),
            open_deployer=None if deployer is None else deployer(sandbox),
            repaint_interval=0.0,
        )
        channel = grpc.aio.insecure_channel(sandbox.endpoints.run)
        await stack.enter_async_context(channel)
        transport = run_v2.ServicesAsyncClient.get_transport_class("grpc_asyncio")
        services = run_v2.ServicesAsyncClient(transport=transport(channel=channel))
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        pilot = await stack.enter_async_context(app.run_test(size=(120, 36), notifications=True))
        stack.push_async_callback(app.end_session)
        yield Opened(app, pilot, store, sandbox, services, http)


@asynccontextmanager
async def _way_to(sandbox: Sandbox, environment: dict[str, str]) -> AsyncIterator[Cloud]:
    at = sandbox.endpoints
    google = await connect(Endpoints.on_loopback(at.run, at.logging, at.http), environment, utc_now)
    try:
        yield Cloud.through(google, DEMO, _never_lost)
    finally:
        await google.aclose()


async def _never_lost() -> None:
    await asyncio.Event().wait()
