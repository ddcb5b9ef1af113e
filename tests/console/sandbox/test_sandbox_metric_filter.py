from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sandbox.metrics.metric_filter import InvalidMetricFilter, parsed

METRIC = 'metric.type = "run.googleapis.com/request_count"'
FIELDS = {
    "resource.type": "cloud_run_revision",
    "resource.labels.service_name": "zimage",
    "metric.labels.response_code_class": "5xx",
}


def matches(condition: str) -> bool:
    return parsed(f"{METRIC} AND {condition}").matches(FIELDS)


def test_a_filter_names_its_metric() -> None:
    assert parsed(METRIC).metric == "run.googleapis.com/request_count"
    assert parsed(METRIC).matches(FIELDS)


@pytest.mark.parametrize(
    "condition",
    [
        'resource.labels.service_name = "zimage"',
        'resource.label.service_name="zimage"',
        "resource.labels.service_name = zimage",
        'metric.labels.response_code_class != "2xx"',
        'resource.labels.service_name = starts_with("zi")',
        'metric.labels.response_code_class = one_of("4xx", "5xx")',
        'resource.type = "cloud_run_revision" metric.labels.response_code_class = "5xx"',
    ],
)
def test_what_holds_matches(condition: str) -> None:
    assert matches(condition)


@pytest.mark.parametrize(
    "condition",
    [
        'resource.labels.service_name = "other"',
        'resource.labels.service_name != "zimage"',
        'resource.labels.absent = "zimage"',
        'resource.labels.service_name = starts_with("image")',
        'metric.labels.response_code_class = one_of("2xx")',
        'metric.labels.response_code_class != one_of("4xx", "5xx")',
    ],
)
def test_what_does_not_hold_matches_nothing(condition: str) -> None:
    assert not matches(condition)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "single metric.type"),
        ('resource.type = "cloud_run_revision"', "single metric.type"),
        (f"{METRIC} AND {METRIC}", "single metric.type"),
        ('metric.type = one_of("a", "b")', "single metric.type"),
        (f"{METRIC} AND", "a field is missing"),
        (f"{METRIC} OR resource.type = x", "a field is missing at 'OR resource"),
        (f"{METRIC} AND resource.type", "an operator is missing"),
        (f"{METRIC} AND resource.type =", "a value is missing"),
        (f"{METRIC} AND resource.type = one_of(x", "a comma or a parenthesis"),
        (f"{METRIC} AND severity = x", "a field is missing"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidMetricFilter, match=why):
        parsed(text)


@given(st.text(alphabet='metric.type="x() AND,!', max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    with suppress(InvalidMetricFilter):
        parsed(f"{METRIC} {text}").matches(FIELDS)
