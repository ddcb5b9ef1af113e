"""A service of Cloud Run as it is asked for: every setting that this project cares about.

The same type says what is wanted and what there is, so that the two can be compared field by
field. Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from console.model.cost.prices import Gpu

ENGINE_PORT: Final = 7860


class ProbeKind(StrEnum):
    """How Cloud Run asks a container whether it has started."""

    HTTP = "http"
    TCP = "tcp"
    GRPC = "grpc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A start-up probe: asked every `period` seconds, it may fail `failures` times in a row.

    One question may take `timeout` seconds. `path` is empty for what is not HTTP.
    """

    kind: ProbeKind
    path: str = ""
    port: int = ENGINE_PORT
    period: int = 10
    timeout: int = 1
    failures: int = 3
    delay: int = 0

    @property
    def patience(self) -> int:
        """Seconds that a container has to start."""
        return self.delay + self.period * self.failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A bucket that instances see as a directory; `options` are those of Cloud Storage FUSE."""

    bucket: str
    path: str
    read_only: bool = True
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A variable whose value Secret Manager has; the value itself is never known here."""

    variable: str
    secret: str
    version: str = "latest"


class Ingress(StrEnum):
    """From where a service can be reached."""

    ALL = "INGRESS_TRAFFIC_ALL"
    INTERNAL = "INGRESS_TRAFFIC_INTERNAL_ONLY"
    LOAD_BALANCER = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    NONE = "INGRESS_TRAFFIC_NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The settings of a service and of the revisions it makes.

    `image` is a name, by digest where it can be. `cpu` and `memory` are as Kubernetes writes them,
    such as `4` and `16Gi`. `timeout` is in seconds, for one request. `cpu_always` means billing by
    instance instead of by request. `manual_instances` is None while the service scales by itself,
    and `gpu` where there is none.
    None elsewhere means that nobody says, and that Cloud Run's own default holds.
    """

    image: str
    cpu: str
    memory: str
    gpu: Gpu | None = None
    gpu_zonal_redundancy: bool | None = None
    cpu_always: bool | None = None
    cpu_boost: bool | None = None
    port: int = ENGINE_PORT
    concurrency: int | None = None
    timeout: int | None = None
    min_instances: int | None = None
    max_instances: int | None = None
    manual_instances: int | None = None
    second_generation: bool | None = True
    service_account: str | None = None
    probe: Probe | None = None
    mounts: tuple[Mount, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[Secret, ...] = ()
    ingress: Ingress = Ingress.ALL
    callers_unchecked: bool = False
    labels: tuple[tuple[str, str], ...] = field(default=())
