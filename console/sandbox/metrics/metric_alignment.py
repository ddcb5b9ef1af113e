"""Time series brought to a common rhythm and joined, as Cloud Monitoring does it.

Source: google.monitoring.v3.Aggregation
(https://cloud.google.com/monitoring/api/ref_v3/rpc/google.monitoring.v3#aggregation).
Percentiles are exact, where Cloud Monitoring estimates them from buckets.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final, TypeAlias

from google.cloud.monitoring_v3.types import Aggregation

from console.sandbox.metrics.metric_filter import canonical
from console.sandbox.metrics.metric_samples import DELTA, GAUGE, Labels, Series, Value

Aligner: TypeAlias = Aggregation.Aligner
Reducer: TypeAlias = Aggregation.Reducer
SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(weeks=104)


class InvalidAggregation(Exception):
    """The series cannot be brought together in this way; one line that says why."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A series after aggregation; its labels are those that were kept, `samples` newest first."""

    metric: Labels
    resource: Labels
    kind: int
    samples: tuple[tuple[datetime, Value], ...]


def _percentile(share: float) -> Callable[[Sequence[float]], float]:
    def of(values: Sequence[float]) -> float:
        ordered = sorted(values)
        place = share * (len(ordered) - 1)
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    return of


_OF_NUMBERS: Final[Mapping[int, Callable[[Sequence[float]], float]]] = {
    Aligner.ALIGN_MIN: min,
    Aligner.ALIGN_MAX: max,
    Aligner.ALIGN_NEXT_OLDER: lambda values: values[-1],
}
_OF_EITHER: Final[Mapping[int, Callable[[Sequence[float]], float]]] = {
    Aligner.ALIGN_MEAN: fmean,
    Aligner.ALIGN_COUNT: len,
}
_OF_DISTRIBUTIONS: Final[Mapping[int, Callable[[Sequence[float]], float]]] = {
    Aligner.ALIGN_PERCENTILE_99: _percentile(0.99),
    Aligner.ALIGN_PERCENTILE_95: _percentile(0.95),
    Aligner.ALIGN_PERCENTILE_50: _percentile(0.50),
    Aligner.ALIGN_PERCENTILE_05: _percentile(0.05),
}
_REDUCERS: Final[Mapping[int, Callable[[Sequence[float]], float]]] = {
    Reducer.REDUCE_MEAN: fmean,
    Reducer.REDUCE_MIN: min,
    Reducer.REDUCE_MAX: max,
    Reducer.REDUCE_COUNT: len,
    Reducer.REDUCE_PERCENTILE_99: _percentile(0.99),
    Reducer.REDUCE_PERCENTILE_95: _percentile(0.95),
    Reducer.REDUCE_PERCENTILE_50: _percentile(0.50),
    Reducer.REDUCE_PERCENTILE_05: _percentile(0.05),
}


def aggregated(
    found: Iterable[Series], kind: int, how: Aggregation, start: datetime, end: datetime
) -> list[Aligned]:
    """Align the series of a metric to periods that end at `end`, and join them as asked.

    Raises `InvalidAggregation`.
    """
    if how.per_series_aligner == Aligner.ALIGN_NONE:
        if how.cross_series_reducer != Reducer.REDUCE_NONE:
            raise InvalidAggregation("a reducer needs an aligner other than ALIGN_NONE")
        return [_aligned(each, kind, each.samples) for each in found]
    period = how.alignment_period or timedelta()
    if not SHORTEST <= period <= LONGEST:
        raise InvalidAggregation("alignment_period must be at least 60 seconds")
    aligner = Aligner(how.per_series_aligner)
    aligned_kind = DELTA if aligner == Aligner.ALIGN_DELTA else GAUGE
    aligned = [
        _aligned(each, aligned_kind, _in_periods(each, kind, aligner, period, start, end))
        for each in found
    ]
    if how.cross_series_reducer == Reducer.REDUCE_NONE:
        return aligned
    return _reduced(aligned, Reducer(how.cross_series_reducer), how.group_by_fields)


def _aligned(one: Series, kind: int, samples: Mapping[datetime, Value]) -> Aligned:
    return Aligned(one.metric, one.resource, kind, _newest_first(samples))


def _newest_first(samples: Mapping[datetime, Value]) -> tuple[tuple[datetime, Value], ...]:
    return tuple(sorted(samples.items(), reverse=True))


def _in_periods(
    one: Series,
    kind: int,
    aligner: Aligner,
    period: timedelta,
    start: datetime,
    end: datetime,
) -> dict[datetime, Value]:
    periods: dict[datetime, list[Value]] = defaultdict(list)
    for at, value in sorted(one.samples.items()):
        if start < at <= end:
            periods[end - (end - at) // period * period].append(value)
    return {at: _value(values, kind, aligner, period) for at, values in periods.items()}


def _value(values: list[Value], kind: int, aligner: Aligner, period: timedelta) -> Value:
    numbers = _numbers(values)
    spread = isinstance(values[0], tuple)
    if aligner == Aligner.ALIGN_SUM or (aligner == Aligner.ALIGN_DELTA and kind == DELTA):
        return numbers if spread else sum(numbers)
    if aligner == Aligner.ALIGN_RATE and kind == DELTA and not spread:
        return sum(numbers) / period.total_seconds()
    operation = _OF_EITHER.get(aligner) or (_OF_DISTRIBUTIONS if spread else _OF_NUMBERS).get(
        aligner
    )
    if operation is None:
        raise InvalidAggregation(f"the aligner {aligner.name} is not supported for this metric")
    return float(operation(numbers))


def _numbers(values: Iterable[Value]) -> tuple[float, ...]:
    numbers: list[float] = []
    for value in values:
        numbers.extend(value if isinstance(value, tuple) else (value,))
    return tuple(numbers)


def _reduced(aligned: Sequence[Aligned], reducer: Reducer, fields: Iterable[str]) -> list[Aligned]:
    kept = [canonical(each) for each in fields]
    if unknown := [each for each in kept if not each.startswith(("metric.", "resource."))]:
        raise InvalidAggregation(f"{unknown[0]!r} in group_by_fields is no field of a time series")
    groups: dict[tuple[Labels, Labels], list[Aligned]] = defaultdict(list)
    for each in aligned:
        key = _kept(each.metric, "metric", kept), _kept(each.resource, "resource", kept)
        groups[key].append(each)
    return [
        Aligned(metric, resource, _kind(members, reducer), _newest_first(_join(members, reducer)))
        for (metric, resource), members in groups.items()
    ]


def _kind(members: Sequence[Aligned], reducer: Reducer) -> int:
    return members[0].kind if reducer == Reducer.REDUCE_SUM else GAUGE


def _kept(labels: Labels, part: str, fields: Sequence[str]) -> Labels:
    return tuple((name, value) for name, value in labels if f"{part}.labels.{name}" in fields)


def _join(members: Sequence[Aligned], reducer: Reducer) -> dict[datetime, Value]:
    values: dict[datetime, list[Value]] = defaultdict(list)
    for each in members:
        for at, value in each.samples:
            values[at].append(value)
    return {at: _joined(there, reducer) for at, there in values.items()}


def _joined(values: list[Value], reducer: Reducer) -> Value:
    numbers = _numbers(values)
    if reducer == Reducer.REDUCE_SUM:
        return numbers if isinstance(values[0], tuple) else sum(numbers)
    operation = _REDUCERS.get(reducer)
    if operation is None:
        raise InvalidAggregation(f"the reducer {reducer.name} is not supported for this metric")
    return float(operation(numbers))
