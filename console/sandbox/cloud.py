"""The sandbox as a whole: opened, it serves until it is closed; its state is in one directory."""

from __future__ import annotations

import fcntl
import os
import random
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from starlette.routing import BaseRoute

from console.paths import make_private_directory
from console.sandbox.faults import Fault, Faults
from console.sandbox.gateway import FaultSwitches, Gateway
from console.sandbox.grpc_port import GrpcPort
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.logging_rest import LoggingRest
from console.sandbox.logs.logging_service import LoggingService
from console.sandbox.metrics.monitoring import Monitoring
from console.sandbox.metrics.tally import Tallies, Tally
from console.sandbox.moments import Clock, utc_now
from console.sandbox.project.project_interfaces import ProjectInterfaces
from console.sandbox.project.regions import GOOGLES
from console.sandbox.project.switched_off import GrpcGuard, Guarded
from console.sandbox.run.demo_service import DEMO, demo_deployment
from console.sandbox.run.identity import Identities
from console.sandbox.run.knative_api import KnativeApi
from console.sandbox.run.run_admin import RunAdmin
from console.sandbox.run.run_control import RunControl
from console.sandbox.run.services import BadState, ServiceBook
from console.sandbox.storage.cloud_storage import CloudStorage
from console.sandbox.storage.seeding import DEMO_FILES
from console.sandbox.surroundings import Surroundings
from console.sources.local_engine import serve_command

IDLE_SECONDS: Final = 60.0
STAGE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the interfaces answer, as `HOST:PORT`, without encryption and without a login."""

    run: str
    logging: str
    http: str


class Sandbox:
    """A Google Cloud on loopback with one service, `DEMO`; `empty` at first, with none.

    State is kept in `state_directory`, which one sandbox uses at a time. An instance is kept for
    `idle_seconds` after its last request; a stage of a roll-out that takes no time here takes
    `stage_seconds`. `engine_command` is what an instance runs, by default
    the engine with its bundled model; it inherits `environment`. `port` is the one of the
    gRPC interfaces, 0 for any; `faults` go wrong from the beginning. `clock` is the time of day
    of all that it says and keeps, whatever this machine's is, `machine_clock`, by which engines go.
    Opening raises `BadState`.
    """

    def __init__(
        self,
        state_directory: Path,
        *,
        environment: Mapping[str, str],
        idle_seconds: float = IDLE_SECONDS,
        stage_seconds: float = STAGE_SECONDS,
        engine_command: Sequence[str] | None = None,
        port: int = 0,
        faults: Iterable[Fault] = (),
        clock: Clock = utc_now,
        machine_clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        new_hex: Callable[[int], str] = secrets.token_hex,
        chance: Callable[[], float] = random.random,
        empty: bool = False,
    ) -> None:
        self._empty = empty
        self._interfaces: ProjectInterfaces | None = None
        self._directory = state_directory
        self._environment = environment
        self._idle_seconds = idle_seconds
        self._stage_seconds = stage_seconds
        self._command = serve_command(None) if engine_command is None else engine_command
        self._port = port
        self.faults = Faults(faults)
        self._clock = clock
        self._machine_clock = machine_clock
        self._monotonic = monotonic
        self._new_hex = new_hex
        self._chance = chance
        self.identities = Identities(bytes.fromhex(new_hex(32)), clock)
        self._stack = AsyncExitStack()
        self._control: RunControl | None = None
        self.endpoints = Addresses("", "", "")

    def service_url(self, service: str) -> str:
        """Return the address of a service; raises `KeyError` when there is none of that name."""
        return self.service_urls[service]

    @property
    def service_urls(self) -> Mapping[str, str]:
        """The address of each service."""
        return self._control.urls() if self._control is not None else {}

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
        tallies = self._tallies()
        storage = await self._open_storage(tallies)
        services, book = self._services(), self._log_book(tallies)
        project = self._project(book, services, storage)
        around = Surroundings(
            command=self._command,
            environment=self._environment,
            idle_seconds=self._idle_seconds,
            stage_seconds=self._stage_seconds,
            faults=self.faults,
            book=book,
            clock=self._clock,
            machine_clock=self._machine_clock,
            monotonic=self._monotonic,
            new_hex=self._new_hex,
            chance=self._chance,
            directory_of=storage.directory_of,
            storage_address=lambda: self.endpoints.http,
            image_problem=project.image_problem,
            knows_account=self._knows_account,
        )
        regions = (DEMO.region, *GOOGLES)
        control = RunControl(DEMO.project, regions, services, around, self.identities)
        self._control = control
        self._stack.push_async_callback(control.close)
        await control.open()
        monitoring = Monitoring(
            DEMO.project, book, self._clock, self.faults, services.always_paid, tallies
        )
        await self._listen(book, control, monitoring, project, storage)

    def _services(self) -> ServiceBook:
        path = self._directory / "services.json"
        services = ServiceBook.load(path)
        if services is None and self._empty:
            return ServiceBook(path, [])
        if services is None:
            demo = demo_deployment(DEMO, self._clock(), self._new_hex)
            services = ServiceBook(path, [demo])
        return services

    def _knows_account(self, address: str) -> bool:
        return self._interfaces is None or self._interfaces.accounts.knows(address)

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

    def _tallies(self) -> Tallies:
        tallies = Tallies(
            DEMO.project,
            Tally(self._directory / "bucket-requests.json"),
            Tally(self._directory / "log-bytes.json"),
        )
        self._stack.callback(lambda: tallies.save(self._clock()))
        return tallies

    def _log_book(self, tallies: Tallies) -> LogBook:
        path = self._directory / "log.jsonl"
        try:
            book = LogBook(path, taken_in=tallies.log_bytes)
        except OSError as error:
            raise BadState(f"the sandbox cannot use {path}: {error.strerror}") from None
        self._stack.callback(book.close)
        return book

    async def _open_storage(self, tallies: Tallies) -> CloudStorage:
        path = self._directory / "storage"
        try:
            storage = await CloudStorage.open(
                path,
                DEMO.project,
                DEMO.region,
                faults=self.faults,
                clock=self._clock,
                new_hex=self._new_hex,
                models=None if self._empty else DEMO_FILES,
                requests=tallies.bucket_requests,
                knows=self._knows_account,
            )
        except (OSError, sqlite3.Error) as error:
            raise BadState(
                f"the sandbox cannot use {path}: {error}; name another directory"
            ) from None
        self._stack.callback(storage.close)
        return storage

    def _project(
        self, book: LogBook, services: ServiceBook, storage: CloudStorage
    ) -> ProjectInterfaces:
        project = ProjectInterfaces(
            self._directory / "platform.json",
            DEMO.project,
            (DEMO.region, *(GOOGLES if self._empty else ())),
            images=[each.image for one in services for each in one.service.template.containers],
            book=book,
            faults=self.faults,
            clock=self._clock,
            new_hex=self._new_hex,
            source=storage.file_of,
            elsewhere=() if self._empty else GOOGLES,
            empty=self._empty,
        )
        self._interfaces = project
        self._stack.push_async_callback(project.close)
        return project

    async def _listen(
        self,
        book: LogBook,
        control: RunControl,
        monitoring: Monitoring,
        project: ProjectInterfaces,
        storage: CloudStorage,
    ) -> None:
        logging = LoggingService(DEMO.project, book, self._monotonic, self.faults, self._clock)
        admin = RunAdmin(control)
        handlers = (logging.handler(), monitoring.handler(), *admin.handlers())
        port = GrpcPort(handlers, self.faults, (GrpcGuard(project.require),))
        self._stack.push_async_callback(port.close)
        try:
            address = await port.open(self._port)
        except OSError:
            raise BadState(
                f"the sandbox cannot listen on port {self._port}: it is taken; name another"
            ) from None
        interfaces = (
            FaultSwitches(self.faults),
            self.identities,
            Guarded(
                KnativeApi(control, DEMO.project, DEMO.region),
                "run.googleapis.com",
                project.require,
            ),
            project,
            Guarded(LoggingRest(logging), "logging.googleapis.com", project.require),
            # Last, since any path may be that of an object.
            storage,
        )
        routes = [route for each in interfaces for route in each.routes()]
        self.endpoints = Addresses(address, address, await self._open_gateway(routes))

    async def _open_gateway(self, routes: Sequence[BaseRoute]) -> str:
        gateway = Gateway(routes, self.faults)
        try:
            address = await gateway.open()
        except OSError as error:
            raise BadState(f"the sandbox cannot listen on loopback: {error.strerror}") from None
        self._stack.push_async_callback(gateway.close)
        return address
