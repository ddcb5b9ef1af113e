"""What the engine counts and measures, as Prometheus reads it.

All names begin with `zimage_`, except the standard `process_` ones of the official client library.
Labels have few values: routes that exist, status codes, error codes, phases. Nothing here is
global, so that each service in a process has figures of its own.
See https://prometheus.io/docs/instrumenting/exposition_formats/ and .../practices/naming/.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from engine.schema import Done, GenerationEvent, Phase, Step
from engine.server.access import RequestObserver
from engine.timeline import Timeline
from engine.worker import Observer, Worker

OTHER: Final = "other"
# A step takes hundredths of a second with the demo model and half a minute on a slow CPU.
_STEP_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60)
_LONG_BUCKETS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_MOST_ROUTES: Final = 64
_MOST_CODES: Final = 32


class Metrics(Observer, RequestObserver):
    """Hears of everything that happens and answers `/metrics`."""

    def __init__(self, timeline: Timeline) -> None:
        self._registry = registry = CollectorRegistry()
        self._routes = _Bounded(_MOST_ROUTES)
        self._codes = _Bounded(_MOST_CODES)
        self._requests = Counter(
            "zimage_http_requests",
            "Answered requests.",
            ["route", "method", "status"],
            registry=registry,
        )
        self._errors = Counter(
            "zimage_errors", "Refused and failed requests by code.", ["code"], registry=registry
        )
        self._pictures = Counter("zimage_pictures", "Finished pictures.", registry=registry)
        self._steps = Histogram(
            "zimage_step_seconds",
            "Seconds of one denoising step.",
            buckets=_STEP_BUCKETS,
            registry=registry,
        )
        self._picture = Histogram(
            "zimage_picture_seconds",
            "Seconds of one picture, from its prompt to its pixels.",
            buckets=_LONG_BUCKETS,
            registry=registry,
        )
        self._wait = Histogram(
            "zimage_queue_wait_seconds",
            "Seconds that a request waited until it was served.",
            buckets=_LONG_BUCKETS,
            registry=registry,
        )
        self._orders = Counter(
            "zimage_orders", "Requests that the worker ended.", ["outcome"], registry=registry
        )
        for outcome in ("done", "failed"):
            self._orders.labels(outcome)
        self._unread = Counter(
            "zimage_connections_refused",
            "Connections that were closed for what they sent, or did not send.",
            ["code"],
            registry=registry,
        )
        ProcessCollector(registry=registry)
        registry.register(_Startup(timeline))
        registry.register(_Gpu())

    def watch(self, worker: Worker, capacity: int) -> None:
        """Show the queue of `worker`, in which `capacity` requests may wait."""
        for name, about, measure in (
            ("zimage_queue_waiting", "Requests that wait now.", worker.waiting),
            ("zimage_queue_serving", "1 while a request is being served.", worker.serving),
            ("zimage_queue_capacity", "Requests that may wait.", lambda: capacity),
        ):
            Gauge(name, about, registry=self._registry).set_function(measure)

    # -- what the worker says ---------------------------------------------------------------

    def began(self, waited: float) -> None:
        """A ticket that waited so many seconds is being served now."""
        self._wait.observe(waited)

    def happened(self, event: GenerationEvent) -> None:
        """A picture has come one event further."""
        if isinstance(event, Step):
            self._steps.observe(event.seconds)
        elif isinstance(event, Done):
            self._pictures.inc()
            self._picture.observe(event.seconds)

    def ended(self, error: Exception | None) -> None:
        """The ticket that was being served has ended."""
        self._orders.labels("failed" if error else "done").inc()

    # -- what the server says ---------------------------------------------------------------

    def answered(self, scope: Scope, status: int, seconds: float, code: str | None) -> None:
        """A request was answered."""
        route = self._routes.name(_route(scope))
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        self._requests.labels(route, method, str(status)).inc()
        if code:
            self._errors.labels(self._codes.name(code)).inc()

    def connection_refused(self, code: str) -> None:
        """A connection was closed without a request that could be answered."""
        self._unread.labels(self._codes.name(code)).inc()

    async def show(self, request: Request) -> Response:
        """Answer with everything, in Prometheus's text format."""
        return Response(
            generate_latest(self._registry), headers={"content-type": CONTENT_TYPE_LATEST}
        )


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Bounded:
    """At most so many different values; whatever comes later is `other`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def name(self, value: str) -> str:
        if value not in self._known and len(self._known) >= self._most:
            return OTHER
        self._known.add(value)
        return value


class _Startup(Collector):
    """The moments of the start."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def collect(self) -> Iterable[Metric]:
        phases = GaugeMetricFamily(
            "zimage_startup_seconds",
            "Seconds after the process started at which a phase was reached last.",
            labels=["phase"],
        )
        read = 0
        for event in self._timeline.events():
            if event.phase is Phase.WEIGHTS_READ:
                read += event.bytes
        reached = {event.phase: event.at for event in self._timeline.events()}
        for phase, at in reached.items():
            phases.add_metric([phase], at)
        readiness = self._timeline.readiness()
        yield phases
        yield GaugeMetricFamily("zimage_ready", "1 when pictures can be made.", readiness.ready)
        yield GaugeMetricFamily("zimage_loaded_bytes", "Bytes of model files read.", read)


class _Gpu(Collector):
    """The memory of the GPU, once torch uses one."""

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "zimage_gpu_memory_bytes", "Memory of the GPU by use.", labels=["use"]
        )
        torch = sys.modules.get("torch")
        if torch is not None and hasattr(torch, "cuda") and torch.cuda.is_initialized():
            free, total = torch.cuda.mem_get_info()
            family.add_metric(["total"], total)
            family.add_metric(["free"], free)
            family.add_metric(["tensors"], torch.cuda.memory_allocated())
            family.add_metric(["reserved"], torch.cuda.memory_reserved())
        yield family


def _route(scope: Scope) -> str:
    if "endpoint" not in scope:
        return OTHER
    path: str = scope["path"]
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(str(value), f"{{{name}}}", 1) if value else path
    return path
