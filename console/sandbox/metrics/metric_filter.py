"""Filters of Cloud Monitoring, as far as they choose time series of one metric.

Comparisons with `=`, `!=`, `starts_with(...)` and `one_of(...)`, joined by AND or by nothing.
Source: https://cloud.google.com/monitoring/api/v3/filters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 20_000
METRIC_TYPE: Final = "metric.type"
_SELECTOR: Final = re.compile(r"(project|(?:metric|resource)\.(?:type|labels?\.[A-Za-z_]\w*))\s*")
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*|([\w.:/-]+)\s*')
_OPERATOR: Final = re.compile(r"(!=|=|:)\s*")
_CALL: Final = re.compile(r"(starts_with|ends_with|has_substring|one_of)\s*\(\s*")
_AND: Final = re.compile(r"AND\s+")
_LISTED: Final = re.compile(r"\s*(,|\))\s*")
_CHECKS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "has_substring": lambda text, part: part in text,
    "one_of": lambda text, whole: text == whole,
}


class InvalidMetricFilter(Exception):
    """The filter cannot be understood; one line that says why."""


@dataclass(frozen=True, slots=True)
class _Comparison:
    selector: str
    values: tuple[str, ...]
    check: Callable[[str, str], bool]
    negated: bool

    def holds(self, fields: Mapping[str, str]) -> bool:
        actual = fields.get(self.selector, "")
        return any(self.check(actual, value) for value in self.values) is not self.negated


@dataclass(frozen=True, slots=True)
class MetricFilter:
    """One metric, and which of its time series."""

    metric: str
    comparisons: tuple[_Comparison, ...]

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether a series is meant, by fields such as `resource.labels.service_name`."""
        return all(each.holds(fields) for each in self.comparisons)


def parsed(text: str) -> MetricFilter:
    """Read a filter; raises `InvalidMetricFilter`."""
    if len(text) > LONGEST:
        raise InvalidMetricFilter(f"it is longer than {LONGEST} characters")
    comparisons = tuple(_comparisons(text.strip()))
    metrics = [each for each in comparisons if each.selector == METRIC_TYPE]
    if len(metrics) != 1 or len(metrics[0].values) != 1 or metrics[0].negated:
        raise InvalidMetricFilter("it must specify a single metric.type")
    return MetricFilter(metrics[0].values[0], tuple(x for x in comparisons if x is not metrics[0]))


def canonical(selector: str) -> str:
    """Return the one spelling of a field: `metric.label.x` and `metric.labels.x` are the same."""
    return selector.replace(".label.", ".labels.", 1)


def _comparisons(text: str) -> Iterator[_Comparison]:
    at = 0
    while at < len(text):
        selector = _taken(_SELECTOR, text, at, "a field")
        operator = _taken(_OPERATOR, text, selector.end(), "an operator")
        call = _CALL.match(text, operator.end())
        values, at = _values(text, operator.end() if call is None else call.end(), call is not None)
        check = _CHECKS[call[1]] if call else str.__eq__
        if operator[1] == ":" and call is None:
            check = _CHECKS["has_substring"]
        yield _Comparison(canonical(selector[1]), values, check, operator[1] == "!=")
        joined = _AND.match(text, at)
        if joined is not None and joined.end() == len(text):
            raise InvalidMetricFilter("it ends with AND")
        at = at if joined is None else joined.end()


def _values(text: str, at: int, several: bool) -> tuple[tuple[str, ...], int]:
    """Read one value, or those up to a closing parenthesis; return where they end as well."""
    values: list[str] = []
    while True:
        found = _taken(_TEXT, text, at, "a value")
        quoted: str | None = found[1]
        values.append(found[2] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = found.end()
        if not several:
            return tuple(values), at
        mark = _taken(_LISTED, text, at, "a comma or a parenthesis")
        at = mark.end()
        if mark[1] == ")":
            return tuple(values), at


def _taken(pattern: re.Pattern[str], text: str, at: int, what: str) -> re.Match[str]:
    found = pattern.match(text, at)
    if found is None:
        rest = text[at : at + 20]
        raise InvalidMetricFilter(
            f"{what} is missing at {rest!r}" if rest else f"{what} is missing"
        )
    return found
