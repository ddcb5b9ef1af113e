from datetime import UTC, datetime, timedelta, timezone

import pytest

from console.model.log.lines import LogQuery, Origin, Severity
from console.model.service import ServiceName
from console.sources.log_filter import log_filter

NAME = ServiceName("my-project", "us-central1", "z-image")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ONE_SERVICE = (
    'resource.type="cloud_run_revision" AND resource.labels.location="us-central1" '
    'AND resource.labels.service_name="z-image"'
)


def test_everything_is_all_lines_of_the_service() -> None:
    assert log_filter(NAME, LogQuery()) == ONE_SERVICE


def test_a_moment_is_said_in_utc() -> None:
    eight = datetime(2026, 11, 24, 8, 0, 0, 250_000, timezone(timedelta(hours=8)))

    assert log_filter(NAME, LogQuery(), eight) == (
        ONE_SERVICE + ' AND timestamp>="2026-11-24T00:00:00.250000Z"'
    )


@pytest.mark.parametrize(
    ("query", "term"),
    [
        (LogQuery(severity=Severity.INFO), "(severity>=INFO OR severity=DEFAULT)"),
        (LogQuery(severity=Severity.WARNING), "severity>=WARNING"),
        (LogQuery(revision="z-00002"), 'resource.labels.revision_name="z-00002"'),
        (LogQuery(instance="00f"), 'labels.instanceId="00f"'),
        (LogQuery(trace="projects/p/traces/1"), 'trace="projects/p/traces/1"'),
        (LogQuery(origin=Origin.REQUEST), 'log_id("run.googleapis.com/requests")'),
        (LogQuery(until=NOON), 'timestamp<"2026-11-24T12:00:00.000000Z"'),
        (LogQuery(received_from=NOON), 'receiveTimestamp>="2026-11-24T12:00:00.000000Z"'),
        (LogQuery(received_until=NOON), 'receiveTimestamp<="2026-11-24T12:00:00.000000Z"'),
        (LogQuery(text="kaputt"), '"kaputt"'),
        (LogQuery(text='a" OR severity>=DEFAULT OR "\\'), '"a\\" OR severity>=DEFAULT OR \\"\\\\"'),
        (LogQuery(text="猫\n"), '"猫\\n"'),
    ],
)
def test_each_wish_is_one_more_term(query: LogQuery, term: str) -> None:
    assert log_filter(NAME, query) == f"{ONE_SERVICE} AND {term}"


def test_lives_are_told_by_the_platform_by_requests_and_by_moments_of_a_start() -> None:
    assert log_filter(NAME, LogQuery(lives=True)) == (
        f'{ONE_SERVICE} AND (log_id("run.googleapis.com/varlog/system") '
        'OR log_id("run.googleapis.com/requests") OR jsonPayload.event=("process_start" OR '
        '"port_open" OR "imports_done" OR "weights_read" OR "on_device" OR "warm" OR "ready" OR '
        '"first_image" OR "failed"))'
    )


@pytest.mark.parametrize("origin", [Origin.APPLICATION, Origin.CONSOLE])
def test_what_no_single_log_has_is_not_asked_for(origin: Origin) -> None:
    assert log_filter(NAME, LogQuery(origin=origin)) == ONE_SERVICE
