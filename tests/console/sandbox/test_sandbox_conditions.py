"""Conditions and the platform's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.run_v2.types import Revision, Service

from console.sandbox.run import conditions
from console.sandbox.run.conditions import FAILED, SUCCEEDED, condition, put, span, state_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.004, "0s"), (37.02, "37.02s"), (1.5, "1.5s"), (63.6, "1m3.6s"), (240, "4m")],
)
def test_a_time_that_passed_is_written_as_the_platform_does(seconds: float, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text


def test_a_condition_takes_the_place_of_the_one_before() -> None:
    revision = Revision()
    put(revision, condition("Ready", FAILED, NOW, "no"))
    put(revision, condition("Active", SUCCEEDED, NOW))
    put(revision, condition("Ready", SUCCEEDED, NOW))
    assert [each.type_ for each in revision.conditions] == ["Ready", "Active"]
    assert state_of(revision, "Ready") == SUCCEEDED
    assert state_of(revision, "ContainerReady") is None


def test_the_ready_condition_of_a_service_stands_alone() -> None:
    service = Service()
    put(service, condition("Ready", FAILED, NOW, "no", conditions.Reason.REVISION_FAILED))
    assert service.terminal_condition.message == "no"
    assert service.terminal_condition.reason == conditions.Reason.REVISION_FAILED
    assert list(service.conditions) == []


def test_a_reason_is_of_its_kind() -> None:
    made = condition("Active", FAILED, NOW, "", conditions.RevisionReason.RETIRED)
    assert made.revision_reason == conditions.RevisionReason.RETIRED
    assert made.severity.name == "INFO"
