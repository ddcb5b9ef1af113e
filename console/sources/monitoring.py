"""What Cloud Monitoring measured of a service of Cloud Run.

Source: google.monitoring.v3.MetricService.ListTimeSeries
(https://cloud.google.com/monitoring/api/ref_v3/rpc/google.monitoring.v3) and the metrics of Cloud
Run (https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from google.cloud.monitoring_v3 import (
    Aggregation,
    ListTimeSeriesRequest,
    MetricServiceAsyncClient,
    TimeInterval,
    TimeSeries,
)

from console.language import tr
from console.model.metrics import HOUR, MINUTE, Minutes, RevisionRequests, ServiceMetrics
from console.model.service import ServiceName
from console.sources.google_errors import Asked, refusals
from console.terminal.sanitise import sanitise

ANSWER_SECONDS: Final = 10.0
_INTERFACE: Final = "monitoring.googleapis.com"
_Aligner = Aggregation.Aligner
_Reducer = Aggregation.Reducer


@dataclass(frozen=True, slots=True)
class _Question:
    """Which metric, brought to one number a minute in which way; `groups` are labels to keep."""

    metric: str
    aligner: Aggregation.Aligner
    reducer: Aggregation.Reducer
    groups: tuple[str, ...] = ()


_REVISION: Final = "resource.labels.revision_name"
_CLASS: Final = "metric.labels.response_code_class"
_STATE: Final = "metric.labels.state"
_LATENCIES: Final = "request_latencies"
_QUESTIONS: Final = (
    _Question("request_count", _Aligner.ALIGN_DELTA, _Reducer.REDUCE_SUM, (_REVISION, _CLASS)),
    _Question(_LATENCIES, _Aligner.ALIGN_DELTA, _Reducer.REDUCE_PERCENTILE_50),
    _Question(_LATENCIES, _Aligner.ALIGN_DELTA, _Reducer.REDUCE_PERCENTILE_95),
    _Question("container/instance_count", _Aligner.ALIGN_MAX, _Reducer.REDUCE_SUM, (_STATE,)),
    _Question("container/billable_instance_time", _Aligner.ALIGN_DELTA, _Reducer.REDUCE_SUM),
    _Question("container/startup_latencies", _Aligner.ALIGN_DELTA, _Reducer.REDUCE_PERCENTILE_50),
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One time series: its labels, and its points with the end of their minute."""

    revision: str
    response_class: str
    state: str
    points: tuple[tuple[datetime, float], ...]


class CloudMonitoring:
    """A `MetricSource` over Google's client; `clock` gives the time of day.

    The client's own retries are off: whoever asks knows better when to ask again.
    """

    def __init__(self, client: MetricServiceAsyncClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock

    async def read(self, name: ServiceName) -> ServiceMetrics:
        """Return what was measured in the last hour; raises `SourceError`."""
        now = self._clock().astimezone(UTC)
        end = now.replace(second=0, microsecond=0)
        answers = await asyncio.gather(
            *(self._ask(name, question, end) for question in _QUESTIONS), return_exceptions=True
        )
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        known = [answer for answer in answers if not isinstance(answer, BaseException)]
        return _metrics(now, end, *known)

    async def _ask(
        self, name: ServiceName, question: _Question, end: datetime
    ) -> tuple[_Answer, ...]:
        asked = Asked(
            tr("read the metrics of {service}", service=name),
            name.project,
            _INTERFACE,
            "monitoring.timeSeries.list",
        )
        request = ListTimeSeriesRequest(
            name=f"projects/{name.project}",
            filter=(
                f'metric.type = "run.googleapis.com/{question.metric}" AND '
                'resource.type = "cloud_run_revision" AND '
                f'resource.labels.service_name = "{name.service}" AND '
                f'resource.labels.location = "{name.region}"'
            ),
            interval=TimeInterval(start_time=end - HOUR * MINUTE, end_time=end),
            aggregation=Aggregation(
                alignment_period=timedelta(minutes=1),
                per_series_aligner=question.aligner,
                cross_series_reducer=question.reducer,
                group_by_fields=question.groups,
            ),
            view=ListTimeSeriesRequest.TimeSeriesView.FULL,
        )
        with refusals(asked):
            pages = await self._client.list_time_series(request, retry=None, timeout=ANSWER_SECONDS)
            return tuple([_answer(each) async for each in pages])


def _answer(series: TimeSeries) -> _Answer:
    raw = TimeSeries.pb(series)
    points = []
    for point in raw.points:
        kind = point.value.WhichOneof("value")
        if kind in ("int64_value", "double_value"):
            at = point.interval.end_time.ToDatetime(tzinfo=UTC)
            points.append((at, float(getattr(point.value, kind))))
    return _Answer(
        raw.resource.labels.get("revision_name", ""),
        raw.metric.labels.get("response_code_class", ""),
        raw.metric.labels.get("state", ""),
        tuple(points),
    )


def _metrics(
    now: datetime,
    end: datetime,
    requests: tuple[_Answer, ...],
    median: tuple[_Answer, ...],
    slow: tuple[_Answer, ...],
    instances: tuple[_Answer, ...],
    billable: tuple[_Answer, ...],
    startup: tuple[_Answer, ...],
) -> ServiceMetrics:
    def minutes(answers: Iterable[_Answer], unit: float = 1.0) -> Minutes:
        points = [(at, value * unit) for each in answers for at, value in each.points]
        return Minutes.of(points, end)

    answered = minutes(requests)
    failed = minutes(each for each in requests if each.response_class == "5xx")
    revisions = sorted({each.revision for each in requests if each.revision})
    return ServiceMetrics(
        fetched_at=now,
        requests=answered,
        # Both are of one measurement: where it saw requests, it would have seen them fail.
        failures=failed.none_else(answered),
        revisions=tuple(
            RevisionRequests(
                sanitise(revision),
                minutes(each for each in requests if each.revision == revision),
            )
            for revision in revisions
        ),
        median_latency=minutes(median, 1e-3),
        slow_latency=minutes(slow, 1e-3),
        active=minutes(each for each in instances if each.state == "active"),
        idle=minutes(each for each in instances if each.state == "idle"),
        billable=minutes(billable),
        startup=minutes(startup, 1e-3),
    )
