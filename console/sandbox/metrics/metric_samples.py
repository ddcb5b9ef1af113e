"""What Cloud Monitoring would have measured: samples of a minute each.

Names, labels and units are those of Cloud Run, Cloud Storage and Cloud Logging
(https://cloud.google.com/monitoring/api/metrics_gcp). A minute is sampled once it is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from google.api.metric_pb2 import MetricDescriptor

from console.sandbox.metrics.activity import Activity, Lived

MINUTE: Final = timedelta(minutes=1)
DELTA: Final = MetricDescriptor.MetricKind.DELTA
GAUGE: Final = MetricDescriptor.MetricKind.GAUGE
INT64: Final = MetricDescriptor.ValueType.INT64
DOUBLE: Final = MetricDescriptor.ValueType.DOUBLE
DISTRIBUTION: Final = MetricDescriptor.ValueType.DISTRIBUTION

Value = float | tuple[float, ...]
"""A number, or the numbers that make a distribution."""
Labels = tuple[tuple[str, str], ...]
"""Labels by name, in the order of the names."""
Span = tuple[datetime, datetime]
REVISION: Final = "cloud_run_revision"


@dataclass(slots=True)
class Series:
    """Samples of one metric with the same labels, by the end of their minute."""

    metric: Labels
    resource: Labels
    samples: dict[datetime, Value] = field(default_factory=dict)


Measure = Callable[[Activity, datetime, datetime], Iterator[tuple[Labels, Labels, datetime, Value]]]


@dataclass(frozen=True, slots=True)
class Metric:
    """What is known of a metric; `measure` yields its samples between two moments.

    `resource` is the type of what is measured.
    """

    kind: int
    value_type: int
    unit: str
    measure: Measure
    resource: str = REVISION


def series(
    name: str, activity: Activity, start: datetime, end: datetime, now: datetime
) -> list[Series]:
    """Return the time series of a metric with samples after `start` and up to `end`.

    `now` is the present moment. A metric that there is not has no series.
    """
    metric = METRICS.get(name)
    if metric is None:
        return []
    found: dict[tuple[Labels, Labels], Series] = {}
    last = min(end, _floor(now))
    for labels, resource, at, value in metric.measure(activity, start, last):
        if not start < at <= last:
            continue
        one = found.setdefault((labels, resource), Series(labels, resource))
        one.samples[at] = _joined(one.samples[at], value) if at in one.samples else value
    return list(found.values())


def _joined(one: Value, other: Value) -> Value:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return one + other
    assert not isinstance(one, tuple)
    assert not isinstance(other, tuple)
    return one + other


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _minute(moment: datetime) -> datetime:
    """Return the end of the minute that a moment is in."""
    return _floor(moment) + MINUTE


def _labels(labels: Mapping[str, str]) -> Labels:
    return tuple(sorted((str(name), str(value)) for name, value in labels.items()))


def _request_count(
    activity: Activity, start: datetime, end: datetime
) -> Iterator[tuple[Labels, Labels, datetime, Value]]:
    for each in activity.requests:
        yield _answer(each.status), _labels(each.resource), _minute(each.done), 1


def _request_latencies(
    activity: Activity, start: datetime, end: datetime
) -> Iterator[tuple[Labels, Labels, datetime, Value]]:
    for each in activity.requests:
        milliseconds = (each.done - each.arrived) / timedelta(milliseconds=1)
        yield _answer(each.status), _labels(each.resource), _minute(each.done), (milliseconds,)


def _answer(status: int) -> Labels:
    return _labels({"response_code": str(status), "response_code_class": f"{status // 100}xx"})


def _startup_latencies(
    activity: Activity, start: datetime, end: datetime
) -> Iterator[tuple[Labels, Labels, datetime, Value]]:
    for each in activity.instances.values():
        if each.ready is not None:
            milliseconds = (each.ready - each.started) / timedelta(milliseconds=1)
            yield (), _labels(each.resource), _minute(each.ready), (milliseconds,)


def _instance_count(
    activity: Activity, start: datetime, end: datetime
) -> Iterator[tuple[Labels, Labels, datetime, Value]]:
    """Count instances in each minute, and none from then on, once a revision has had any."""
    busy = _busy(activity)
    for identifier, lived in activity.instances.items():
        resource = _labels(lived.resource)
        for at in _minutes(max(start, lived.started), end):
            exists = lived.ended is None or lived.ended > at - MINUTE
            active = exists and any(
                arrived < at and done > at - MINUTE for arrived, done in busy[identifier]
            )
            yield (("state", "active"),), resource, at, int(active)
            yield (("state", "idle"),), resource, at, int(exists and not active)


def _billable_time(
    activity: Activity, start: datetime, end: datetime
) -> Iterator[tuple[Labels, Labels, datetime, Value]]:
    """Count the time that instances start or answer requests, or all of it where that is paid."""
    busy = _busy(activity)
    for identifier, lived in activity.instances.items():
        whole = activity.always_paid(str(lived.resource.get("revision_name", "")))
        life = (lived.started, lived.ended or end)
        paid = [life] if whole else _union([*_starting(lived), *busy[identifier]])
        resource = _labels(lived.resource)
        for began, ended in paid:
            for at in _minutes(max(start, began), min(end, _minute(ended))):
                seconds = (min(ended, at) - max(began, at - MINUTE)).total_seconds()
                if seconds > 0:
                    yield (), resource, at, seconds


def _bucket_requests(
    activity: Activity, start: datetime, end: datetime
) -> Iterator[tuple[Labels, Labels, datetime, Value]]:
    tallies = activity.tallies
    for at, (bucket, method, code), number in tallies.bucket_requests.between(start, end):
        resource = {"project_id": tallies.project, "bucket_name": bucket}
        yield _labels({"method": method, "response_code": code}), _labels(resource), at, number


def _log_bytes(
    activity: Activity, start: datetime, end: datetime
) -> Iterator[tuple[Labels, Labels, datetime, Value]]:
    tallies = activity.tallies
    for at, (kind,), number in tallies.log_bytes.between(start, end):
        yield (("resource_type", kind),), (("project_id", tallies.project),), at, number


def _starting(lived: Lived) -> list[Span]:
    done = lived.ready or lived.ended
    return [] if done is None else [(lived.started, done)]


def _busy(activity: Activity) -> dict[str, list[Span]]:
    busy: dict[str, list[Span]] = defaultdict(list)
    for each in activity.requests:
        busy[each.instance].append((each.arrived, each.done))
    return busy


def _union(spans: list[Span]) -> list[Span]:
    """Join spans that overlap."""
    joined: list[Span] = []
    for began, ended in sorted(spans):
        if joined and began <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(ended, joined[-1][1])
        else:
            joined.append((began, ended))
    return joined


def _minutes(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the ends of the minutes from the one that `first` is in up to `last`."""
    at = _minute(first)
    while at <= last:
        yield at
        at += MINUTE


METRICS: Final[Mapping[str, Metric]] = {
    "run.googleapis.com/request_count": Metric(DELTA, INT64, "1", _request_count),
    "run.googleapis.com/request_latencies": Metric(DELTA, DISTRIBUTION, "ms", _request_latencies),
    "run.googleapis.com/container/startup_latencies": Metric(
        DELTA, DISTRIBUTION, "ms", _startup_latencies
    ),
    "run.googleapis.com/container/instance_count": Metric(GAUGE, INT64, "1", _instance_count),
    "run.googleapis.com/container/billable_instance_time": Metric(
        DELTA, DOUBLE, "s", _billable_time
    ),
    "storage.googleapis.com/api/request_count": Metric(
        DELTA, INT64, "1", _bucket_requests, "gcs_bucket"
    ),
    "logging.googleapis.com/billing/bytes_ingested": Metric(
        DELTA, INT64, "By", _log_bytes, "global"
    ),
}
