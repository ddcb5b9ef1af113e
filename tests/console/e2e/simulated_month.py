"""A sandbox that lives through a month within seconds: its clock is turned by whoever holds it.

Services are deployed, objects uploaded and lines written by Google's own clients while the clock
stands at the day. The instances of traffic are told of by the platform's lines alone; those of
roll-outs and minimum instances are real.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import grpc.aio
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import run_v2, storage
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient
from google.cloud.logging_v2.types import LogEntry, TailLogEntriesRequest, WriteLogEntriesRequest
from google.cloud.monitoring_v3.services.metric_service import MetricServiceAsyncClient
from google.longrunning.operations_pb2 import WaitOperationRequest
from google.protobuf import json_format
from running_session import SCRIPTED

from console.sandbox.cloud import DEMO, Sandbox
from console.sandbox.storage.seeding import MODELS_BUCKET

PROJECT: Final = f"projects/{DEMO.project}"
SYSTEM: Final = "run.googleapis.com%2Fvarlog%2Fsystem"
REQUESTS: Final = "run.googleapis.com%2Frequests"
_STARTS: Final = (
    "Starting new instance. Reason: AUTOSCALING - Instance started due to configured scaling "
    "factors (e.g. CPU utilization, request throughput, etc.) or no existing capacity for current "
    "traffic."
)
_PROBED: Final = (
    'Default STARTUP TCP probe succeeded after 1 attempt for container "zimage-1" on port 7860.'
)


class Calendar:
    """A clock that stands until it is turned."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Platform:
    """The instances that the sandbox itself started, by revision, as its log is followed."""

    started: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    ended: set[str] = field(default_factory=set)
    by_hand: set[str] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, logging: LoggingServiceV2AsyncClient) -> None:
        """Listen until cancelled."""
        stream = await logging.tail_log_entries(requests=self._ask())
        async for answer in stream:
            for each in answer.entries:
                self._note(each)
            self.news.set()

    async def until_left(self, kept: int) -> None:
        """Wait until no instance is left but those that are kept."""
        async with asyncio.timeout(60):
            while len(self._running) > kept:
                self.news.clear()
                await self.news.wait()

    @property
    def _running(self) -> set[str]:
        started = {each for names in self.started.values() for each in names}
        return started - self.ended - self.by_hand

    def _note(self, entry: LogEntry) -> None:
        name, said = entry.labels.get("instanceId", ""), entry.text_payload
        if said.startswith("Starting new instance.") and name not in self.by_hand:
            self.started[entry.resource.labels["revision_name"]].append(name)
        elif said.startswith("Container "):
            self.ended.add(name)

    async def _ask(self) -> AsyncIterator[TailLogEntriesRequest]:
        yield TailLogEntriesRequest(
            resource_names=[PROJECT],
            filter='log_id("run.googleapis.com/varlog/system")',
            buffer_window=timedelta(),
        )
        await asyncio.Event().wait()


@dataclass(frozen=True)
class SimulatedMonth:
    """A sandbox, its clock, and Google's clients of it."""

    sandbox: Sandbox
    calendar: Calendar
    services: run_v2.ServicesAsyncClient
    logging: LoggingServiceV2AsyncClient
    metrics: MetricServiceAsyncClient
    platform: Platform
    bucket: storage.Bucket

    async def deploy(
        self, at: datetime, limits: Mapping[str, str], *, cpu_idle: bool, least: int = 0
    ) -> str:
        """Deploy the service in another shape at a moment; returns the name of the revision.

        The instance that was tried has ended afterwards, unless it is kept.
        """
        self.calendar.now = at
        service = await self.services.get_service(name=DEMO.resource)
        template = service.template
        template.revision = ""
        resources = template.containers[0].resources
        resources.limits = dict(limits)
        resources.cpu_idle = cpu_idle
        template.scaling.min_instance_count = least
        if "nvidia.com/gpu" in limits:
            template.node_selector.accelerator = "nvidia-l4"
            template.gpu_zonal_redundancy_disabled = True
        else:
            template.node_selector = None
            template.gpu_zonal_redundancy_disabled = None
        operation = await self.services.update_service(run_v2.UpdateServiceRequest(service=service))
        if not operation.operation.done:
            await self.services.wait_operation(WaitOperationRequest(name=operation.operation.name))
        deployed = await operation.result()
        await self.platform.until_left(least)
        return str(deployed.latest_ready_revision).rpartition("/")[2]

    async def wake(
        self,
        revision: str,
        instance: str,
        start: datetime,
        *pictures: tuple[float, float],
        ready: float,
        ends: float | None = None,
    ) -> None:
        """Let an instance live: ready after so many seconds, each picture from some second since
        its start on for some seconds, and its end, if anybody is to see it."""
        self.platform.by_hand.add(instance)
        await self._say(revision, instance, start, SYSTEM, textPayload=_STARTS)
        at = start + timedelta(seconds=ready)
        await self._say(revision, instance, at, SYSTEM, textPayload=_PROBED)
        for since, took in pictures:
            await self.ask(revision, instance, start + timedelta(seconds=since), took)
        if ends is not None:
            said = "Container terminated on signal 9."
            at = start + timedelta(seconds=ends)
            await self._say(revision, instance, at, SYSTEM, textPayload=said)

    async def ask(self, revision: str, instance: str, arrived: datetime, took: float) -> None:
        """Let an instance answer a request, whose line comes with the answer."""
        request = {
            "requestMethod": "POST",
            "requestUrl": "https://zimage.test/v1/images/generations",
            "status": 200,
            "latency": f"{took:.3f}s",
        }
        answered = arrived + timedelta(seconds=took)
        await self._say(
            revision, instance, arrived, REQUESTS, received=answered, httpRequest=request
        )

    def kept_instance(self, revision: str) -> str:
        """Return the instance of a revision that the platform itself started last."""
        return self.platform.started[revision][-1]

    async def upload(
        self, at: datetime, name: str, size: int, storage_class: str = "STANDARD"
    ) -> None:
        """Upload a file, in place of one of that name if there is any."""
        self.calendar.now = at
        blob = self.bucket.blob(name)
        blob.storage_class = storage_class
        await asyncio.to_thread(blob.upload_from_string, bytes(size), "application/octet-stream")

    async def stored(self) -> int:
        """Return how many bytes are live in the bucket."""
        return await asyncio.to_thread(lambda: sum(each.size for each in self.bucket.list_blobs()))

    async def _say(
        self,
        revision: str,
        instance: str,
        at: datetime,
        log: str,
        *,
        received: datetime | None = None,
        **content: Any,
    ) -> None:
        """Write a line as the platform does, at its time."""
        self.calendar.now = received or at
        entry = LogEntry()
        said = {
            "logName": f"{PROJECT}/logs/{log}",
            "timestamp": at.isoformat(),
            "labels": {"instanceId": instance},
            "resource": {
                "type": "cloud_run_revision",
                "labels": {
                    "project_id": DEMO.project,
                    "location": DEMO.region,
                    "service_name": DEMO.service,
                    "configuration_name": DEMO.service,
                    "revision_name": revision,
                },
            },
            **content,
        }
        json_format.ParseDict(said, LogEntry.pb(entry))
        await self.logging.write_log_entries(WriteLogEntriesRequest(entries=[entry]))


@asynccontextmanager
async def simulated_month(
    state: Path, environment: Mapping[str, str], begins: datetime
) -> AsyncIterator[SimulatedMonth]:
    """Open a sandbox whose calendar stands at `begins`, with one service at zero."""
    calendar = Calendar(begins)
    async with AsyncExitStack() as stack:
        sandbox = Sandbox(
            state,
            environment=environment,
            idle_seconds=0.1,
            stage_seconds=0.0,
            engine_command=SCRIPTED,
            clock=calendar,
        )
        await stack.enter_async_context(sandbox)
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(sandbox.endpoints.run))
        session = stack.enter_context(requests.Session())
        session.trust_env = False
        client = storage.Client(
            project=DEMO.project,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": f"http://{sandbox.endpoints.http}"},
            _http=session,
        )
        logging, platform = _client(LoggingServiceV2AsyncClient, channel), Platform()
        following = asyncio.create_task(platform.follow(logging))
        try:
            yield SimulatedMonth(
                sandbox,
                calendar,
                _client(run_v2.ServicesAsyncClient, channel),
                logging,
                _client(MetricServiceAsyncClient, channel),
                platform,
                client.bucket(MODELS_BUCKET),
            )
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def _client(kind: Any, channel: grpc.aio.Channel) -> Any:
    return kind(transport=kind.get_transport_class("grpc_asyncio")(channel=channel))
