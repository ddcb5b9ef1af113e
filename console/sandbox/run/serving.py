"""What answers for one service: its addresses, and behind them a fleet for each revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from google.cloud.run_v2.types import Revision, ServiceScaling

from console.sandbox.faults import Fault
from console.sandbox.instances.fleet import NONE, Fleet, Scale
from console.sandbox.instances.front_end import FrontEnd
from console.sandbox.instances.instance import Plan
from console.sandbox.instances.launch import Launch, launch
from console.sandbox.instances.memory import MIB, in_bytes
from console.sandbox.instances.mounting import buckets_at, inside, mounted, of_the_image
from console.sandbox.instances.probe import StartupProbe
from console.sandbox.instances.request_head import RequestHead
from console.sandbox.logs.platform_log import PlatformLog
from console.sandbox.run.admission import Refusal, refusal
from console.sandbox.run.identity import Identities
from console.sandbox.run.quota_rules import room
from console.sandbox.run.services import BadState, Deployment, last_part
from console.sandbox.surroundings import Surroundings
from console.sources.local_engine import child_environment

TINY_LIMIT: Final = 4 * MIB
"""What an instance may use while memory is to run out."""

DEFAULT_MAX: Final = 100
_MANUAL: Final = ServiceScaling.ScalingMode.MANUAL


class Serving:
    """The running side of `deployment`; `follow` makes it what the deployment says."""

    def __init__(
        self, deployment: Deployment, surroundings: Surroundings, identities: Identities
    ) -> None:
        self._deployment = deployment
        self._around = surroundings
        self._identities = identities
        self._fleets: dict[str, Fleet] = {}
        self._front_ends: dict[str, FrontEnd] = {}
        self._log = PlatformLog(
            surroundings.book,
            deployment.name,
            surroundings.clock,
            lambda: surroundings.new_hex(6),
            surroundings.machine_clock,
        )
        self._log.settle()

    @property
    def url(self) -> str:
        """The service's own address, empty when it has none."""
        front_end = self._front_ends.get("")
        return front_end.url if front_end is not None else ""

    @property
    def fleets(self) -> dict[str, Fleet]:
        """The instances of each revision, by its short name."""
        return self._fleets

    def fleet(self, revision: str) -> Fleet:
        """Return the instances of a revision that is there, with room for one to begin with."""
        if revision not in self._fleets:
            found = self._deployment.revision(revision)
            assert found is not None
            identifier = self._around.new_hex
            self._fleets[revision] = Fleet(
                self._plan(found), Scale(), self._log, lambda: "00" + identifier(60)
            )
        return self._fleets[revision]

    async def follow(self) -> None:
        """Listen and scale as the deployment says now; raises `BadState`."""
        shares = self._deployment.shares()
        tags = {tag for _, _, tag in shares if tag}
        wanted = tags if self._deployment.service.default_uri_disabled else {"", *tags}
        for tag in self._front_ends.keys() - wanted:
            await self._front_ends.pop(tag).close()
        for tag in wanted - self._front_ends.keys():
            await self._open(tag)
        self._say_where()
        scales = self._scales(shares)
        for revision in scales:
            self.fleet(revision)
        for revision, fleet in self._fleets.items():
            fleet.rescale(scales.get(revision, NONE))

    async def drop(self, revision: str) -> None:
        """End what is left of a revision that is gone."""
        fleet = self._fleets.pop(revision, None)
        if fleet is not None:
            await fleet.close()

    def break_off(self) -> None:
        """Break all connections, as a network does that fails."""
        for front_end in self._front_ends.values():
            front_end.break_off()

    async def close(self) -> None:
        """End it all."""
        for front_end in self._front_ends.values():
            await front_end.close()
        for fleet in self._fleets.values():
            await fleet.close()

    def _say_where(self) -> None:
        service = self._deployment.service
        service.uri = self.url
        service.urls = [self.url] if self.url else []
        for share in service.traffic_statuses:
            front_end = self._front_ends.get(share.tag) if share.tag else None
            share.uri = front_end.url if front_end is not None else ""

    async def _open(self, tag: str) -> None:
        around, ports = self._around, self._deployment.ports
        backend = _Backend(self, tag)
        front_end = FrontEnd(
            backend, self._log, around.clock, monotonic=around.monotonic, new_hex=around.new_hex
        )
        try:
            ports[tag] = await front_end.open(ports.get(tag, 0))
        except OSError as error:
            raise BadState(f"the sandbox cannot listen on loopback: {error.strerror}") from None
        self._front_ends[tag] = front_end

    def _scales(self, shares: Sequence[tuple[str, int, str]]) -> dict[str, Scale]:
        """Return how many instances each revision with traffic or a tag may have."""
        percents: dict[str, int] = {}
        for revision, percent, _ in shares:
            if revision:
                percents[revision] = percents.get(revision, 0) + percent
        return {name: self._scale(name, percent) for name, percent in percents.items()}

    def _scale(self, revision: str, percent: int) -> Scale:
        scaling, found = self._deployment.service.scaling, self._deployment.revision(revision)
        own = found.scaling if found is not None else scaling
        most = min(filter(None, (scaling.max_instance_count, own.max_instance_count)), default=0)
        if found is not None:
            # What a service does not limit itself would be limited by the quota.
            most = min(most or DEFAULT_MAX, room(_ingress(found).resources.limits))
        if scaling.scaling_mode == _MANUAL:
            return Scale(0, most, _share(scaling.manual_instance_count, percent))
        least = max(own.min_instance_count, _share(scaling.min_instance_count, percent))
        return Scale(min(least, most), most)

    def choose(self, tag: str) -> str:
        """Return which revision takes the next request at the address of a tag, or at the own."""
        shares = self._deployment.shares()
        if tag:
            return next((name for name, _, each in shares if each == tag), "")
        total = sum(percent for _, percent, _ in shares)
        point = self._around.chance() * total
        for name, percent, _ in shares:
            point -= percent
            if point < 0:
                return name
        return ""

    def may_pass(self, head: RequestHead) -> Refusal | None:
        """Return what a request is refused with, None when it may pass."""
        urls = [front_end.url for front_end in self._front_ends.values()]
        return refusal(self._deployment, head, urls, self._identities)

    @property
    def unreachable(self) -> bool:
        """Whether the network in front of it is down."""
        return Fault.NETWORK_DOWN in self._around.faults

    def _plan(self, revision: Revision) -> Plan:
        around, name = self._around, self._deployment.name
        container = _ingress(revision)
        short = last_part(revision.name)
        mounts = mounted(revision, container, around.directory_of)
        own = {each.name: inside(mounts, each.value) for each in container.env}
        probe = StartupProbe.of(type(container).pb(container))
        limit = in_bytes(str(container.resources.limits.get("memory", "")))
        directories = tuple(mounts.values())

        def launched(failed_before: bool) -> Launch:
            faults = around.faults
            found = launch(around.command, probe, directories, faults, failed_before=failed_before)
            return replace(found, environment=buckets_at(around.storage_address()))

        return Plan(
            revision=short,
            container=container.name,
            launch=launched,
            environment={
                # It needs no key: who may call a service is for the platform to decide.
                **child_environment(around.environment, key=""),
                **of_the_image(mounts),
                **own,
                "K_SERVICE": name.service,
                "K_REVISION": short,
                "K_CONFIGURATION": name.service,
            },
            probe=probe,
            memory_limit=lambda: TINY_LIMIT if self._short_of_memory() else limit,
            concurrency=revision.max_instance_request_concurrency or 80,
            timeout=revision.timeout.total_seconds() or 300.0,
            idle_seconds=around.idle_seconds,
        )

    def _short_of_memory(self) -> bool:
        return Fault.OUT_OF_MEMORY in self._around.faults


@dataclass(frozen=True, slots=True)
class _Backend:
    """What is behind one address of a service: its own, or that of a tag."""

    serving: Serving
    tag: str

    @property
    def unreachable(self) -> bool:
        return self.serving.unreachable

    def refusal(self, head: RequestHead) -> Refusal | None:
        return self.serving.may_pass(head)

    def fleet(self) -> Fleet | None:
        revision = self.serving.choose(self.tag)
        return self.serving.fleet(revision) if revision else None


def _ingress(revision: Revision) -> Any:
    """Return the container that takes the requests: the one with a port, else the first."""
    return next((each for each in revision.containers if each.ports), revision.containers[0])


def _share(count: int, percent: int) -> int:
    """Return how many of `count` instances fall to a revision with so much of the traffic."""
    return -(-count * percent // 100)
