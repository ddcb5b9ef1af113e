"""Cloud Monitoring v3 over gRPC: time series of Cloud Run, of buckets and of logs for a month.

What is measured is what happened. Of services it is counted from what the log told, when somebody
asks; requests to buckets and bytes of log lines are counted as they come.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import grpc
from google.api import distribution_pb2, metric_pb2, monitored_resource_pb2
from google.cloud.monitoring_v3.types import (
    ListTimeSeriesRequest,
    ListTimeSeriesResponse,
    Point,
    TimeInterval,
    TimeSeries,
    TypedValue,
)

from console.sandbox.faults import Fault
from console.sandbox.logs.log_book import LogBook
from console.sandbox.metrics.activity import AlwaysPaid, Ledger, nothing_always_paid
from console.sandbox.metrics.metric_alignment import Aligned, InvalidAggregation, aggregated
from console.sandbox.metrics.metric_filter import InvalidMetricFilter, MetricFilter, parsed
from console.sandbox.metrics.metric_samples import (
    DELTA,
    INT64,
    METRICS,
    MINUTE,
    Labels,
    Series,
    Value,
)
from console.sandbox.metrics.metric_samples import series as measured
from console.sandbox.metrics.tally import Tallies
from console.sandbox.moments import Clock

_HEADERS: Final = ListTimeSeriesRequest.TimeSeriesView.HEADERS
_LARGEST_PAGE: Final = 100_000
_GROWTH: Final = math.sqrt(2.0)
_BUCKETS: Final = 66
_TOKEN: Final = "after-"


class _Refused(Exception):
    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class Monitoring:
    """Answers about the services of `project` whose log is in `book`, and what is in `tallies`."""

    def __init__(
        self,
        project: str,
        book: LogBook,
        clock: Clock,
        faults: Container[Fault] = frozenset(),
        always_paid: AlwaysPaid = nothing_always_paid,
        tallies: Tallies | None = None,
    ) -> None:
        self._project = project
        self._ledger = Ledger(book, always_paid, Tallies(project) if tallies is None else tallies)
        self._clock = clock
        self._faults = faults

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the methods, to be added to a server."""
        return grpc.method_handlers_generic_handler(
            "google.monitoring.v3.MetricService",
            {
                "ListTimeSeries": grpc.unary_unary_rpc_method_handler(
                    self._list,
                    request_deserializer=ListTimeSeriesRequest.deserialize,
                    response_serializer=ListTimeSeriesResponse.serialize,
                )
            },
        )

    async def _list(
        self, request: ListTimeSeriesRequest, context: grpc.aio.ServicerContext
    ) -> ListTimeSeriesResponse:
        try:
            self._admit(request.name)
            return self._page(request)
        except _Refused as refusal:
            await context.abort(refusal.code, str(refusal))
        except InvalidMetricFilter as error:
            await _invalid(
                context, f'Field filter had an invalid value of "{request.filter}"', error
            )
        except InvalidAggregation as error:
            await _invalid(context, "Field aggregation had an invalid value", error)

    def _admit(self, resource: str) -> None:
        if Fault.METRICS_UNAVAILABLE in self._faults:
            raise _Refused(grpc.StatusCode.UNAVAILABLE, "The service is currently unavailable.")
        if resource != f"projects/{self._project}" or Fault.METRICS_DENIED in self._faults:
            raise _Refused(
                grpc.StatusCode.PERMISSION_DENIED,
                "Permission monitoring.timeSeries.list denied (or the resource may not exist).",
            )

    def _page(self, request: ListTimeSeriesRequest) -> ListTimeSeriesResponse:
        chosen = parsed(request.filter)
        start, end = _interval(request)
        metric = METRICS.get(chosen.metric)
        if metric is None:
            return ListTimeSeriesResponse()
        now = self._clock()
        found = [
            each
            for each in measured(chosen.metric, self._ledger.until(now), start, end, now)
            if chosen.matches(_fields(each, metric.resource))
        ]
        answer = aggregated(found, metric.kind, request.aggregation, start, end)
        period = request.aggregation.alignment_period or MINUTE
        first, last = _bounds(request)
        return ListTimeSeriesResponse(
            time_series=[
                _message(each, chosen, period, request.view == _HEADERS)
                for each in answer[first:last]
            ],
            next_page_token=f"{_TOKEN}{last}" if last < len(answer) else "",
            unit=metric.unit,
        )


async def _invalid(context: grpc.aio.ServicerContext, what: str, error: Exception) -> None:
    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{what}: {error}.")


def _interval(request: ListTimeSeriesRequest) -> tuple[datetime, datetime]:
    """Return the moment after which and the one up to which samples are asked for."""
    interval = ListTimeSeriesRequest.pb(request).interval
    if not interval.HasField("end_time"):
        raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, "Field interval.end_time is required.")
    try:
        end = interval.end_time.ToDatetime(tzinfo=UTC)
        start = interval.start_time.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, f"Field interval: {error}.") from None
    if not interval.HasField("start_time"):
        return end - timedelta(microseconds=1), end
    if start > end:
        raise _Refused(
            grpc.StatusCode.INVALID_ARGUMENT, "Field interval.start_time is after its end_time."
        )
    return start, end


def _bounds(request: ListTimeSeriesRequest) -> tuple[int, int]:
    """Return which series a page is of."""
    token = request.page_token.removeprefix(_TOKEN)
    if request.page_token and not (token.isascii() and token.isdigit() and len(token) < 10):
        raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, "Field page_token is invalid.")
    first = int(token or 0)
    size = request.page_size if request.page_size > 0 else _LARGEST_PAGE
    return first, first + min(size, _LARGEST_PAGE)


def _fields(one: Series, resource: str) -> dict[str, str]:
    """Return what a filter may look at."""
    fields = {"resource.type": resource}
    for part, labels in (("metric", one.metric), ("resource", one.resource)):
        fields |= {f"{part}.labels.{name}": value for name, value in labels}
    fields["project"] = fields.get("resource.labels.project_id", "")
    return fields


def _message(
    one: Aligned, chosen: MetricFilter, period: timedelta, headers_only: bool
) -> TimeSeries:
    metric = METRICS[chosen.metric]
    whole = metric.value_type == INT64
    samples = () if headers_only else one.samples
    values = [(at, _typed(value, whole and one.kind == DELTA)) for at, value in samples]
    long = period if one.kind == DELTA else timedelta()
    return TimeSeries(
        metric=metric_pb2.Metric(type=chosen.metric, labels=dict(one.metric)),
        resource=monitored_resource_pb2.MonitoredResource(
            type=metric.resource, labels=_labels(one.resource)
        ),
        metric_kind=one.kind,
        value_type=_value_type(values),
        points=[
            Point(interval=TimeInterval(start_time=at - long, end_time=at), value=value)
            for at, value in values
        ],
    )


def _labels(labels: Labels) -> dict[str, str]:
    return dict(labels)


def _typed(value: Value, whole: bool) -> TypedValue:
    if isinstance(value, tuple):
        return TypedValue(distribution_value=_distribution(value))
    if whole or isinstance(value, int):
        return TypedValue(int64_value=int(value))
    return TypedValue(double_value=value)


def _value_type(values: Iterable[tuple[datetime, TypedValue]]) -> int:
    for _, value in values:
        kind = TypedValue.pb(value).WhichOneof("value").removesuffix("_value").upper()
        return int(metric_pb2.MetricDescriptor.ValueType.Value(kind))
    return int(metric_pb2.MetricDescriptor.ValueType.VALUE_TYPE_UNSPECIFIED)


def _distribution(values: tuple[float, ...]) -> distribution_pb2.Distribution:
    """Sort values into buckets that grow by half an octave, the first one up to 1."""
    counts = [0] * _BUCKETS
    for value in values:
        place = 0 if value < 1 else 1 + math.floor(math.log(value, _GROWTH) + 1e-9)
        counts[min(place, _BUCKETS - 1)] += 1
    mean = sum(values) / len(values)
    return distribution_pb2.Distribution(
        count=len(values),
        mean=mean,
        sum_of_squared_deviation=sum((value - mean) ** 2 for value in values),
        bucket_options=distribution_pb2.Distribution.BucketOptions(
            exponential_buckets=distribution_pb2.Distribution.BucketOptions.Exponential(
                num_finite_buckets=_BUCKETS - 2, growth_factor=_GROWTH, scale=1.0
            )
        ),
        bucket_counts=counts,
    )
