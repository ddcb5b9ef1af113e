"""Where Google's clients come from: the real cloud, or one on loopback; and who the user is.

Nothing of Google's is imported until `connect` is called, and then in a thread: importing it
takes more than a second.
"""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from console.sources.base import (
    IdentitySource,
    LogSource,
    MeterSource,
    MetricSource,
    PriceSource,
    ProjectSource,
    RegistrySource,
    ServiceSource,
    StorageSource,
)
from console.sources.deploying.base import Deploying
from console.sources.examination import ProjectFactsSource, ReachSource
from console.sources.writing import UploadSource

if TYPE_CHECKING:
    import grpc.aio
    from google.auth.credentials import Credentials

    from console.sources.google_rest import GoogleRest
    from console.sources.storage import CloudStorage

_HEAVY: Final = (
    "grpc.aio",
    "console.sources.auth",
    "console.sources.run",
    "console.sources.logging",
    "console.sources.monitoring",
    "console.sources.meters",
    "console.sources.projects",
    "console.sources.project_facts",
    "console.sources.catalog",
    "console.sources.registry",
    "console.sources.storage",
    "console.sources.deploying.run_maker",
)
_NOWHERE: Final = "127.0.0.1:1"
_LOOPBACK_OPTIONS: Final = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # Whoever polls waits long enough by itself; a network that is back is to be noticed at once.
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`HOST:PORT` of each interface; `loopback` means no encryption and no login.

    `http` is where a cloud on loopback has all that is not gRPC; empty means Google's own hosts.
    The defaults are Google's own.
    """

    run: str = "run.googleapis.com"
    logging: str = "logging.googleapis.com"
    http: str = ""
    monitoring: str = "monitoring.googleapis.com"
    loopback: bool = False

    @classmethod
    def on_loopback(cls, run: str, logging: str, http: str = "", monitoring: str = "") -> Endpoints:
        """Return the endpoints of a cloud on this machine; metrics are where services are."""
        return cls(run, logging, http, monitoring or run, loopback=True)


@dataclass(frozen=True, slots=True)
class GoogleCloud:
    """The sources of one connection; close it after use."""

    services: ServiceSource
    logs: LogSource
    metrics: MetricSource
    projects: ProjectSource
    storage: StorageSource
    identity: IdentitySource
    prices: PriceSource
    registry: RegistrySource
    meters: MeterSource
    project: ProjectFactsSource
    reach: ReachSource
    uploads: UploadSource
    deploying: Deploying
    _closers: tuple[Callable[[], Awaitable[None]], ...] = field(repr=False)

    async def aclose(self) -> None:
        """Close the connections; streams that are still open break."""
        for close in self._closers:
            await close()


async def connect(
    endpoints: Endpoints, environment: Mapping[str, str], clock: Callable[[], datetime]
) -> GoogleCloud:
    """Get ready to ask; nothing is sent to `endpoints` yet. `clock` gives the time of day.

    Raises `Unauthenticated` when there is no login to be found for the real cloud.
    """
    # gRPC's own log goes to standard error, which is the screen; it looks only here for its level.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    # Where there is no metadata server, looking for it once takes seconds enough.
    os.environ.setdefault("GCE_METADATA_DETECT_RETRIES", "1")
    for module in _HEAVY:
        await asyncio.to_thread(importlib.import_module, module)
    from console.sources import auth, storage
    from console.sources.google_rest import CredentialHeaders, GoogleRest, NoAuthorization
    from console.sources.reach import GOOGLE, Reach

    if endpoints.loopback:
        http = endpoints.http or _NOWHERE
        rest = GoogleRest(NoAuthorization(), f"http://{http}")
        identity = _loopback_identity(endpoints, clock)
        buckets = storage.CloudStorage(partial(storage.on_loopback, http))
        reach = Reach(f"http://{http}", clock)
        return _assembled(endpoints, _on_loopback, rest, buckets, identity, reach, clock)
    gcloud = auth.Gcloud(environment)
    credentials = await asyncio.to_thread(auth.find_credentials, environment, gcloud)
    tokens = auth.IdentityTokens(auth.identity_fetcher(environment, gcloud), clock)
    rest = await asyncio.to_thread(GoogleRest, CredentialHeaders(credentials))
    buckets = storage.CloudStorage(partial(storage.on_google, credentials))
    opened, reach = partial(_encrypted, credentials), Reach(GOOGLE, clock, environment)
    return _assembled(endpoints, opened, rest, buckets, tokens, reach, clock)


def _loopback_identity(endpoints: Endpoints, clock: Callable[[], datetime]) -> IdentitySource:
    from console.sources.auth import IdentityTokens, NoIdentity
    from console.sources.loopback_identity import loopback_fetcher

    if not endpoints.http:
        return NoIdentity()
    return IdentityTokens(loopback_fetcher(endpoints.http), clock)


Opener = Callable[[Any, str], "grpc.aio.Channel"]


def _assembled(
    endpoints: Endpoints,
    opened: Opener,
    rest: GoogleRest,
    storage: CloudStorage,
    identity: IdentitySource,
    reach: ReachSource,
    clock: Callable[[], datetime],
) -> GoogleCloud:
    from google.cloud import run_v2
    from google.cloud.logging_v2.services import logging_service_v2
    from google.cloud.monitoring_v3.services import metric_service

    from console.sources.catalog import BillingCatalog
    from console.sources.logging import CloudLogging
    from console.sources.meters import CloudMeters
    from console.sources.monitoring import CloudMonitoring
    from console.sources.project_facts import CloudProject
    from console.sources.projects import Projects
    from console.sources.registry import ArtifactRegistry
    from console.sources.run import CloudRun

    def client(kind: Any, address: str) -> Any:
        transport = kind.get_transport_class("grpc_asyncio")
        return kind(transport=transport(channel=opened(transport, address)))

    services = client(run_v2.ServicesAsyncClient, endpoints.run)
    revisions = client(run_v2.RevisionsAsyncClient, endpoints.run)
    logs = client(logging_service_v2.LoggingServiceV2AsyncClient, endpoints.logging)
    metrics = client(metric_service.MetricServiceAsyncClient, endpoints.monitoring)
    channels = (each.transport.close for each in (services, revisions, logs, metrics))
    return GoogleCloud(
        services=CloudRun(services, revisions),
        logs=CloudLogging(logs, clock),
        metrics=CloudMonitoring(metrics, clock),
        projects=Projects(rest),
        storage=storage,
        identity=identity,
        prices=BillingCatalog(rest, clock),
        registry=ArtifactRegistry(rest, clock),
        meters=CloudMeters(metrics, clock),
        project=CloudProject(rest),
        reach=reach,
        uploads=storage,
        deploying=_deploying(services, revisions, logs, rest, storage),
        _closers=(*channels, rest.aclose, storage.aclose),
    )


def _deploying(
    services: Any, revisions: Any, logs: Any, rest: GoogleRest, storage: CloudStorage
) -> Deploying:
    from console.sources.deploying.accounts import Accounts
    from console.sources.deploying.apis import Apis
    from console.sources.deploying.bucket_remover import GoogleBucketRemover
    from console.sources.deploying.build_lines import BuildLines
    from console.sources.deploying.build_staging import BuildStaging
    from console.sources.deploying.cloud_build import CloudBuild
    from console.sources.deploying.repositories import Repositories
    from console.sources.deploying.run_maker import RunMaker

    return Deploying(
        apis=Apis(rest),
        accounts=Accounts(rest, storage.ask),
        repositories=Repositories(rest),
        services=RunMaker(services, revisions),
        builds=CloudBuild(rest, BuildStaging(storage.ask), BuildLines(logs)),
        buckets=GoogleBucketRemover(storage.ask),
    )


def _on_loopback(transport: Any, address: str) -> grpc.aio.Channel:
    from grpc import aio

    return aio.insecure_channel(address, options=_LOOPBACK_OPTIONS)


def _encrypted(credentials: Credentials, transport: Any, address: str) -> grpc.aio.Channel:
    options = [*_LOOPBACK_OPTIONS[1:], ("grpc.keepalive_time_ms", 60_000)]
    return transport.create_channel(address, credentials=credentials, options=options)
