"""The sandbox as a whole: opened, it serves until it is closed; its state is in one directory."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from console.model.service import ServiceName
from console.paths import make_private_directory
from console.sandbox.faults import Fault, Faults, broken_container
from console.sandbox.fleet import Fleet, Plan
from console.sandbox.front_end import FrontEnd
from console.sandbox.gateway import FaultSwitches, Gateway
from console.sandbox.grpc_port import GrpcPort
from console.sandbox.log_book import LogBook
from console.sandbox.logging_service import LoggingService
from console.sandbox.moments import Clock, utc_now
from console.sandbox.monitoring import Monitoring
from console.sandbox.platform_log import PlatformLog
from console.sandbox.projects import Projects
from console.sandbox.run_admin import RunAdmin
from console.sandbox.services import BadState, Deployment, demo_deployment, load, save
from console.sources.local_engine import serve_command

DEMO: Final = ServiceName("sandbox", "local-1", "zimage")
IDLE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the interfaces answer, as `HOST:PORT`, without encryption and without a login."""

    run: str
    logging: str
    http: str


class Sandbox:
    """A Google Cloud on loopback with one service, `DEMO`.

    State is kept in `state_directory`, which one sandbox uses at a time. An instance is kept for
    `idle_seconds` after its last request. `engine_command` is what an instance runs, by default
    the engine with its bundled model; it inherits `environment`. `port` is the one of the
    gRPC interfaces, 0 for any; `faults` go wrong from the beginning. Opening raises `BadState`.
    """

    def __init__(
        self,
        state_directory: Path,
        *,
        environment: Mapping[str, str],
        idle_seconds: float = IDLE_SECONDS,
        engine_command: Sequence[str] | None = None,
        port: int = 0,
        faults: Iterable[Fault] = (),
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        new_hex: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._directory = state_directory
        self._environment = environment
        self._idle_seconds = idle_seconds
        self._command = serve_command(None) if engine_command is None else engine_command
        self._port = port
        self.faults = Faults(faults)
        self._clock = clock
        self._monotonic = monotonic
        self._new_hex = new_hex
        self._stack = AsyncExitStack()
        self._urls: dict[str, str] = {}
        self.endpoints = Addresses("", "", "")

    def service_url(self, service: str) -> str:
        """Return the address of a service; raises `KeyError` when there is none of that name."""
        return self._urls[service]

    @property
    def service_urls(self) -> Mapping[str, str]:
        """The address of each service."""
        return self._urls

    async def __aenter__(self) -> Self:
        """Open it: afterwards `endpoints` answer."""
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it: end all instances."""
        await self._stack.aclose()

    async def _open(self) -> None:
        self._claim()
        path = self._directory / "services.json"
        deployments = load(path) or (demo_deployment(DEMO, self._clock(), self._new_hex),)
        save(path, deployments)
        book = self._log_book()
        for deployment in deployments:
            await self._serve(deployment, book)
        await self._listen(book, deployments)

    def _claim(self) -> None:
        """Keep other sandboxes out of the directory for as long as this one lives."""
        try:
            make_private_directory(self._directory)
            lock = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise BadState(
                f"the sandbox cannot use {self._directory}: {error.strerror}; "
                "name another directory"
            ) from None
        self._stack.callback(os.close, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadState(
                f"a sandbox is already running in {self._directory}; "
                "end it or name another directory"
            ) from None

    def _log_book(self) -> LogBook:
        path = self._directory / "log.jsonl"
        try:
            book = LogBook(path)
        except OSError as error:
            raise BadState(f"the sandbox cannot use {path}: {error.strerror}") from None
        self._stack.callback(book.close)
        return book

    async def _serve(self, deployment: Deployment, book: LogBook) -> None:
        """Open the address of a service, its instances at zero."""
        name, revision = deployment.name, deployment.serving
        log = PlatformLog(book, name, self._clock, lambda: self._new_hex(6))
        log.settle()
        fleet = Fleet(self._plan(deployment), log, lambda: "00" + self._new_hex(60))
        front_end = FrontEnd(
            fleet,
            log,
            self._clock,
            revision.timeout.total_seconds(),
            monotonic=self._monotonic,
            new_hex=self._new_hex,
            faults=self.faults,
        )
        self._stack.push_async_callback(fleet.close)
        self._stack.push_async_callback(front_end.close)
        try:
            url = await front_end.open(0)
        except OSError as error:
            raise BadState(f"the sandbox cannot listen on loopback: {error.strerror}") from None
        self._urls[name.service] = url
        deployment.service.uri = url
        deployment.service.urls = [url]

    def _plan(self, deployment: Deployment) -> Plan:
        name, revision = deployment.name, deployment.serving
        container = revision.containers[0]
        revision_name = revision.name.rpartition("/")[2]
        return Plan(
            revision=revision_name,
            container=container.name,
            command=broken_container() if Fault.START_FAILS in self.faults else self._command,
            environment={
                **self._environment,
                **{each.name: each.value for each in container.env},
                "K_SERVICE": name.service,
                "K_REVISION": revision_name,
                "K_CONFIGURATION": name.service,
            },
            port=container.ports[0].container_port,
            max_instances=deployment.service.scaling.max_instance_count,
            concurrency=revision.max_instance_request_concurrency,
            idle_seconds=self._idle_seconds,
        )

    async def _listen(self, book: LogBook, deployments: Sequence[Deployment]) -> None:
        logging = LoggingService(DEMO.project, book, self._monotonic, self.faults)
        admin = RunAdmin(DEMO.project, deployments, self.faults)
        monitoring = Monitoring(DEMO.project, book, self._clock, self.faults)
        port = GrpcPort((logging.handler(), monitoring.handler(), *admin.handlers()), self.faults)
        self._stack.push_async_callback(port.close)
        try:
            address = await port.open(self._port)
        except OSError:
            raise BadState(
                f"the sandbox cannot listen on port {self._port}: it is taken; name another"
            ) from None
        self.endpoints = Addresses(address, address, await self._open_gateway())

    async def _open_gateway(self) -> str:
        interfaces = (
            FaultSwitches(self.faults),
            Projects(DEMO.project, (DEMO.region,), self.faults),
        )
        routes = [route for each in interfaces for route in each.routes()]
        gateway = Gateway(routes, self.faults)
        try:
            address = await gateway.open()
        except OSError as error:
            raise BadState(f"the sandbox cannot listen on loopback: {error.strerror}") from None
        self._stack.push_async_callback(gateway.close)
        return address
