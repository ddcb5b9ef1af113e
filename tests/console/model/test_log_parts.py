from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from console.model.log.kinds import is_error, is_start
from console.model.log.lines import LogQuery, LogRecord, Origin, Provenance, Severity
from console.model.log.query import EVERYTHING, Query
from console.model.log.reach import LogReach
from console.model.log.request import request_facts, same_request
from console.model.log.steps import SPANS, next_origin, next_severity, next_span, only
from console.model.log.store import LogStore
from console.model.log.text import as_file, as_json, as_text, file_name
from console.model.log.times import Times, clock_time, distance
from console.model.text import SafeText
from engine.schema import Phase

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHERE = Provenance(instance=SafeText("00abc"), trace=SafeText("t1"), revision=SafeText("r1"))


def line(
    text: str = "hello",
    severity: Severity = Severity.INFO,
    event: str = "",
    provenance: Provenance = WHERE,
    **fields: object,
) -> LogRecord:
    return LogRecord(NOON, severity, SafeText(text), event, fields, provenance)


def platform(text: str) -> LogRecord:
    return line(text, provenance=Provenance(origin=Origin.PLATFORM, instance=SafeText("00abc")))


def test_severities_are_gone_through_and_then_all_are_shown() -> None:
    query, seen = EVERYTHING, []
    for _ in range(4):
        query = next_severity(query)
        seen.append(str(query))
    assert seen == ["severity>=INFO", "severity>=WARNING", "severity>=ERROR", ""]


def test_spans_grow_and_take_the_place_of_other_times() -> None:
    query = next_span(Query.parse("memory from=12:00"))
    assert str(query) == "memory since=1m"
    for _ in SPANS:
        query = next_span(query)
    assert str(query) == "memory"


def test_origins_are_gone_through() -> None:
    assert str(next_origin(next_origin(EVERYTHING))) == "origin=platform"
    assert next_origin(Query.parse("origin=request")) == EVERYTHING


def test_only_this_instance_and_then_all_again() -> None:
    query = only(EVERYTHING, "instance", line())
    assert query is not None
    assert str(query) == "instance=00abc"
    assert only(query, "instance", line()) == EVERYTHING


def test_a_line_that_does_not_say_narrows_nothing() -> None:
    assert only(EVERYTHING, "trace", line(provenance=Provenance())) is None


def test_errors_and_starts_stand_out() -> None:
    assert is_error(line(severity=Severity.ERROR))
    assert not is_error(line(severity=Severity.WARNING))
    assert is_start(platform("Starting new instance. Reason: AUTOSCALING"))
    assert not is_start(platform("Container terminated on signal 9."))
    own = line(event=Phase.PROCESS_START, provenance=Provenance())
    assert is_start(own)


def test_a_start_is_told_once_where_the_platform_tells_it() -> None:
    assert not is_start(line(event=Phase.PROCESS_START))


def test_nothing_is_hidden_before_more_is_read() -> None:
    assert LogReach().begins(LogQuery()) is None


def test_what_was_read_for_one_query_is_not_known_for_another() -> None:
    reach, errors = LogReach(), LogQuery(severity=Severity.ERROR)
    reach.started(NOON)
    reach.read(errors, NOON - timedelta(hours=5))
    assert reach.begins(errors) == NOON - timedelta(hours=5)
    assert reach.begins(LogQuery()) == NOON
    assert reach.begins(LogQuery(text="cuda")) == NOON


def test_what_was_read_for_everything_is_known_for_every_query() -> None:
    reach = LogReach()
    reach.started(NOON)
    reach.read(LogQuery(until=NOON), NOON - timedelta(hours=2))
    reach.read(LogQuery(until=NOON), NOON - timedelta(hours=1))
    assert reach.begins(LogQuery(text="cuda")) == NOON - timedelta(hours=2)


def test_a_line_as_text_has_time_severity_instance_and_message() -> None:
    assert as_text(line("hi")) == "2026-11-23T12:00:00.000Z INFO    00abc hi"
    assert as_text(line("hi", provenance=Provenance())) == "2026-11-23T12:00:00.000Z INFO    hi"


def test_a_line_as_json_has_everything_that_is_known_of_it() -> None:
    assert json.loads(as_json(line("hi", seconds=1.5, deep={"a": [1]}))) == {
        "time": "2026-11-23T12:00:00Z",
        "severity": "INFO",
        "message": "hi",
        "origin": "application",
        "revision": "r1",
        "instance": "00abc",
        "trace": "t1",
        "fields": {"seconds": 1.5, "deep": {"a": [1]}},
    }


def test_a_file_has_one_line_for_each_line() -> None:
    lines = [line("a"), line("红")]
    assert as_file(lines, lines_of_json=False).decode().count("\n") == 2
    rows = as_file(lines, lines_of_json=True).decode().splitlines()
    assert [json.loads(row)["message"] for row in rows] == ["a", "红"]


def test_a_file_is_named_after_the_service_and_the_moment() -> None:
    assert file_name("zimage", NOON) == "zimage-20261123T120000Z.log"


def test_a_request_line_tells_what_was_asked() -> None:
    request = {"requestMethod": "POST", "requestUrl": "https://z/a?b", "status": 200, "latency": 2}
    where = Provenance(origin=Origin.REQUEST)
    facts = request_facts(line(provenance=where, httpRequest=request))
    assert facts is not None
    assert (facts.method, facts.path, facts.status, facts.latency, facts.size) == (
        "POST",
        "/a",
        200,
        2.0,
        None,
    )
    assert request_facts(line(httpRequest=request)) is None


def test_the_lines_of_a_request_have_its_trace() -> None:
    store = LogStore()
    other = Provenance(trace=SafeText("t2"))
    entries = store.add_all([line("a"), line("x", provenance=other), line("b")])
    assert [each.message for each in same_request(store, entries[0])] == ["a", "b"]
    alone = store.add(line(provenance=Provenance()))
    assert same_request(store, alone) == [alone]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "      +0.000"),
        (-12.3456, "     -12.346"),
        (83.25, "   +1:23.250"),
        (-3_723, "    -1:02:03"),
        (93_600, "      +1d02h"),
    ],
)
def test_a_distance_is_as_wide_as_a_time_of_day(seconds: float, said: str) -> None:
    assert distance(NOON + timedelta(seconds=seconds), NOON) == said
    assert len(said) == len(clock_time(NOON))
    assert len(distance(NOON, NOON + timedelta(seconds=seconds), milliseconds=False)) == 8


def test_the_time_of_day_is_one_of_the_zone() -> None:
    there = timezone(timedelta(hours=8))
    assert clock_time(NOON, there, milliseconds=False) == "20:00:00"


def test_times_go_in_a_circle() -> None:
    assert Times.UTC.next.next.next is Times.UTC
