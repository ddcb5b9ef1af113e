"""What Cloud Monitoring counted of what is paid for: requests to buckets, log lines, instances.

Source: google.monitoring.v3.MetricService.ListTimeSeries
(https://cloud.google.com/monitoring/api/ref_v3/rpc/google.monitoring.v3), and the metrics of Cloud
Storage, Cloud Logging and Cloud Run (https://cloud.google.com/monitoring/api/metrics_gcp).
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from statistics import fmean
from typing import Final

from google.cloud.monitoring_v3 import (
    Aggregation,
    ListTimeSeriesRequest,
    MetricServiceAsyncClient,
    TimeInterval,
    TimeSeries,
)

from console.language import tr
from console.model.meters import Meters, Operations
from console.model.service import ServiceName
from console.model.storage_operations import operations
from console.sources.base import Missing
from console.sources.google_errors import Asked, refusals
from console.terminal.sanitise import sanitise

ANSWER_SECONDS: Final = 20.0
_INTERFACE: Final = "monitoring.googleapis.com"
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_RUN: Final = "cloud_run_revision"
_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,221}")
_Aligner = Aggregation.Aligner
_SUM: Final = Aggregation.Reducer.REDUCE_SUM


@dataclass(frozen=True, slots=True)
class _Question:
    """Which series, brought to one number a period in which way; `groups` are labels to keep."""

    chosen: str
    aligner: Aggregation.Aligner
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    """One series: its labels without where they are from, and its points with their ends."""

    labels: Mapping[str, str]
    points: tuple[tuple[datetime, float], ...]

    @property
    def total(self) -> float:
        """The sum of its points."""
        return sum(value for _, value in self.points)


class CloudMeters:
    """A `MeterSource` over Google's client; `clock` gives the time of day.

    The client's own retries are off: whoever asks knows better when to ask again.
    """

    def __init__(self, client: MetricServiceAsyncClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock

    async def meters(self, name: ServiceName, buckets: Sequence[str], since: datetime) -> Meters:
        """Return what a service, its project and `buckets` used from `since` on.

        Raises `SourceError`.
        """
        now = self._clock().astimezone(UTC)
        start = _minute(since.astimezone(UTC))
        end = max(_minute(now), start + _MINUTE)
        known = tuple(each for each in buckets if _BUCKET_NAME.fullmatch(each))
        requests, sizes, logs, billable = await _all(
            self._bucket_requests(name, known, start, end),
            self._bucket_sizes(name, known, start, end),
            self._log_bytes(name, start, end),
            self._billable(name, start, end),
        )
        return Meters(
            since=since,
            until=end,
            fetched_at=now,
            operations={each: _operations(requests, each) for each in known},
            log_bytes=_whole(logs),
            service_log_bytes=_whole(
                [each for each in logs if each.labels.get("resource_type") == _RUN], logs
            ),
            billable=_by_day(billable) if billable else None,
            bucket_bytes={each: _mean(sizes, each) for each in known},
        )

    async def _bucket_requests(
        self, name: ServiceName, buckets: Sequence[str], start: datetime, end: datetime
    ) -> list[_Answer]:
        if not buckets:
            return []
        chosen = _of_buckets("storage.googleapis.com/api/request_count", buckets)
        groups = (
            "resource.labels.bucket_name",
            "metric.labels.method",
            "metric.labels.response_code",
        )
        question = _Question(chosen, _Aligner.ALIGN_DELTA, groups)
        return await self._ask(name, question, start, end, end - start)

    async def _bucket_sizes(
        self, name: ServiceName, buckets: Sequence[str], start: datetime, end: datetime
    ) -> list[_Answer]:
        """Ask by whole days: a kind of object that was there for a day is not of all days."""
        days = (end - start) // _DAY
        if not buckets or not days:
            return []
        chosen = _of_buckets("storage.googleapis.com/storage/v2/total_bytes", buckets)
        question = _Question(chosen, _Aligner.ALIGN_MEAN, ("resource.labels.bucket_name",))
        return await self._ask(name, question, end - days * _DAY, end, _DAY)

    async def _log_bytes(self, name: ServiceName, start: datetime, end: datetime) -> list[_Answer]:
        chosen = 'metric.type = "logging.googleapis.com/billing/bytes_ingested"'
        question = _Question(chosen, _Aligner.ALIGN_DELTA, ("metric.labels.resource_type",))
        return await self._ask(name, question, start, end, end - start)

    async def _billable(self, name: ServiceName, start: datetime, end: datetime) -> list[_Answer]:
        """Ask for each day: the first and the last may be parts of one."""
        chosen = (
            'metric.type = "run.googleapis.com/container/billable_instance_time" AND '
            f'resource.type = "{_RUN}" AND '
            f'resource.labels.service_name = "{name.service}" AND '
            f'resource.labels.location = "{name.region}"'
        )
        question = _Question(chosen, _Aligner.ALIGN_DELTA)
        stretches = _days(start, end)
        answers = await _all(
            *(self._ask(name, question, first, last, each) for first, last, each in stretches)
        )
        return [one for each in answers for one in each]

    async def _ask(
        self,
        name: ServiceName,
        question: _Question,
        start: datetime,
        end: datetime,
        period: timedelta,
    ) -> list[_Answer]:
        asked = Asked(
            tr("read what {service} used", service=name),
            name.project,
            _INTERFACE,
            "monitoring.timeSeries.list",
        )
        request = ListTimeSeriesRequest(
            name=f"projects/{name.project}",
            filter=question.chosen,
            interval=TimeInterval(start_time=start, end_time=end),
            aggregation=Aggregation(
                alignment_period=period,
                per_series_aligner=question.aligner,
                cross_series_reducer=_SUM,
                group_by_fields=question.groups,
            ),
            view=ListTimeSeriesRequest.TimeSeriesView.FULL,
        )
        try:
            with refusals(asked):
                pages = await self._client.list_time_series(
                    request, retry=None, timeout=ANSWER_SECONDS
                )
                return [_answer(each) async for each in pages]
        except Missing:
            # A metric that a project never had any figure of is not there at all.
            return []


async def _all(*asking: Awaitable[list[_Answer]]) -> list[list[_Answer]]:
    """Wait for all answers, so that none is left behind; raises the first error."""
    answers = await asyncio.gather(*asking, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if not isinstance(answer, BaseException)]


def _of_buckets(metric: str, buckets: Sequence[str]) -> str:
    names = ", ".join(f'"{each}"' for each in buckets)
    return (
        f'metric.type = "{metric}" AND resource.type = "gcs_bucket" AND '
        f"resource.labels.bucket_name = one_of({names})"
    )


def _days(start: datetime, end: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """Cut a time at midnight: the part of the first day, whole days at once, and that of the last.

    Each comes with the length of its periods.
    """
    first = min(datetime.combine(start.date() + _DAY, time(), UTC), end)
    last = max(first, datetime.combine(end.date(), time(), UTC))
    parts = [(start, first, first - start), (first, last, _DAY), (last, end, end - last)]
    return [part for part in parts if part[0] < part[1]]


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _answer(series: TimeSeries) -> _Answer:
    raw = TimeSeries.pb(series)
    points = []
    for point in raw.points:
        kind = point.value.WhichOneof("value")
        if kind in ("int64_value", "double_value"):
            value = float(getattr(point.value, kind))
            if isfinite(value) and value >= 0:
                points.append((point.interval.end_time.ToDatetime(tzinfo=UTC), value))
    return _Answer({**raw.resource.labels, **raw.metric.labels}, tuple(points))


def _operations(answers: Sequence[_Answer], bucket: str) -> Operations | None:
    """Add up what a bucket was asked for; None where nothing was measured."""
    own = [each for each in answers if each.labels.get("bucket_name") == bucket]
    if not own:
        return None
    return operations(
        (
            sanitise(each.labels.get("method", "")),
            each.labels.get("response_code", ""),
            round(each.total),
        )
        for each in own
    )


def _mean(answers: Sequence[_Answer], bucket: str) -> int | None:
    values = [
        value
        for each in answers
        if each.labels.get("bucket_name") == bucket
        for _, value in each.points
    ]
    return round(fmean(values)) if values else None


def _whole(part: Sequence[_Answer], of: Sequence[_Answer] | None = None) -> int | None:
    """Add up a part of what was measured; None where nothing at all was."""
    return round(sum(each.total for each in part)) if (part if of is None else of) else None


def _by_day(answers: Sequence[_Answer]) -> Mapping[date, Decimal]:
    """Add up seconds by the day that their period is in, which is the one before its end."""
    days: dict[date, Decimal] = defaultdict(Decimal)
    for each in answers:
        for at, value in each.points:
            days[(at - timedelta(microseconds=1)).date()] += Decimal(str(value))
    return dict(sorted(days.items()))
