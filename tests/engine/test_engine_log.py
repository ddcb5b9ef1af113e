"""Log lines: one JSON object each, whatever is in them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.log import Log, Severity, trace_fields
from engine.schema import Phase, StartupEvent

TRACE = "0123456789abcdef0123456789abcdef"


def fixed_now() -> datetime:
    return datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


def written(log_line: str) -> dict[str, Any]:
    assert log_line.count("\n") == 1
    parsed: dict[str, Any] = json.loads(log_line)
    return parsed


def test_a_line_has_the_fields_that_cloud_logging_reads() -> None:
    stream = io.StringIO()
    Log(stream, now=fixed_now).write(Severity.INFO, "request", "served", {"status": 200})

    assert written(stream.getvalue()) == {
        "severity": "INFO",
        "message": "served",
        "time": "2026-01-02T03:04:05.000678Z",
        "event": "request",
        "status": 200,
    }


def test_a_line_stays_one_line_whatever_is_in_it() -> None:
    stream = io.StringIO()
    Log(stream).write(Severity.ERROR, "x", "two\nlines \x1b[31m \ud800", {"prompt": "一只猫\n"})

    assert written(stream.getvalue())["prompt"] == "一只猫\n"


@pytest.mark.parametrize(
    "event",
    [
        StartupEvent(Phase.PROCESS_START, 0.0),
        StartupEvent(Phase.PORT_OPEN, 0.1, port=7860),
        StartupEvent(Phase.WEIGHTS_READ, 2.0, "ae.safetensors", 123, 0.5),
        StartupEvent(Phase.FAILED, 3.0, message="no model"),
    ],
)
def test_a_moment_of_the_start_can_be_read_back_from_its_line(event: StartupEvent) -> None:
    stream = io.StringIO()
    Log(stream).startup(event)

    read = StartupEvent.from_json(written(stream.getvalue()))

    assert (read.phase, read.at, read.file, read.bytes) == (
        event.phase,
        event.at,
        event.file,
        event.bytes,
    )
    assert (read.seconds, read.port) == (event.seconds, event.port)
    assert read.message


def test_a_failed_start_is_an_error_with_its_reason() -> None:
    stream = io.StringIO()
    Log(stream).startup(StartupEvent(Phase.FAILED, 3.0, message="no model"))

    line = written(stream.getvalue())

    assert (line["severity"], line["message"]) == ("ERROR", "no model")


def test_at_a_terminal_a_person_reads_short_lines_without_control_characters() -> None:
    stream = io.StringIO()
    Log(stream, human=True, now=fixed_now).write(Severity.ERROR, "x", "bad \x1b[2J name")

    assert stream.getvalue().endswith("  ERROR: bad \N{REPLACEMENT CHARACTER}[2J name\n")


def test_a_reader_that_has_gone_is_not_an_error() -> None:
    stream = io.StringIO()
    log = Log(stream)
    stream.close()

    log.write(Severity.INFO, "x", "nobody reads this")


@pytest.mark.parametrize(
    ("headers", "project", "fields"),
    [
        ({}, "shop", {}),
        ({"traceparent": "nonsense", "x-cloud-trace-context": "short/1"}, "shop", {}),
        (
            {"x-cloud-trace-context": f"{TRACE}/255;o=1"},
            "shop",
            {
                "logging.googleapis.com/trace": f"projects/shop/traces/{TRACE}",
                "logging.googleapis.com/spanId": "00000000000000ff",
            },
        ),
        (
            {"traceparent": f"00-{TRACE}-00000000000000aa-01"},
            "",
            {
                "logging.googleapis.com/trace": TRACE,
                "logging.googleapis.com/spanId": "00000000000000aa",
            },
        ),
    ],
)
def test_a_line_names_the_trace_of_its_request(
    headers: dict[str, str], project: str, fields: dict[str, str]
) -> None:
    assert trace_fields(headers, project) == fields
