from datetime import timedelta

import pytest
from google.cloud.audit.audit_log_pb2 import AuditLog
from google.cloud.logging_v2.types import LogEntry
from google.protobuf import any_pb2, struct_pb2
from google.rpc import status_pb2
from scripted_google import NOON

from console.model.log.lines import LogRecord, Origin, Severity
from console.sources import log_records

PROJECT_LOGS = "projects/p/logs/"


def log_record(entry: LogEntry) -> LogRecord:
    return log_records.log_record(LogEntry.pb(entry))


def struct(**values: object) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(values)
    return made


@pytest.mark.parametrize(
    ("log", "origin"),
    [
        ("run.googleapis.com%2Fstdout", Origin.APPLICATION),
        ("run.googleapis.com%2Fstderr", Origin.APPLICATION),
        ("run.googleapis.com%2Fvarlog%2Fsystem", Origin.PLATFORM),
        ("run.googleapis.com%2Frequests", Origin.REQUEST),
        ("cloudaudit.googleapis.com%2Fsystem_event", Origin.AUDIT),
    ],
)
def test_the_log_says_who_wrote(log: str, origin: Origin) -> None:
    assert log_record(LogEntry(log_name=PROJECT_LOGS + log)).provenance.origin is origin


def test_a_line_of_the_platform_keeps_its_instance() -> None:
    record = log_record(
        LogEntry(
            log_name=PROJECT_LOGS + "run.googleapis.com%2Fvarlog%2Fsystem",
            timestamp=NOON,
            severity=200,
            text_payload="Starting new instance. Reason: AUTOSCALING - because.\n",
            labels={"instanceId": "00f"},
            resource={"type": "cloud_run_revision", "labels": {"revision_name": "z-00001"}},
            insert_id="abc",
        )
    )

    assert record.message == "Starting new instance. Reason: AUTOSCALING - because."
    assert (record.time, record.severity) == (NOON, Severity.INFO)
    assert (record.provenance.instance, record.provenance.revision) == ("00f", "z-00001")
    assert record.provenance.insert_id == "abc"


def test_a_structured_line_gives_its_message_event_and_fields() -> None:
    payload = struct(message="port open", event="port_open", port=7860, at=0.25, deep={"a": [1]})
    record = log_record(LogEntry(json_payload=payload, severity=500))

    assert (record.message, record.event) == ("port open", "port_open")
    assert record.fields == {"port": 7860, "at": 0.25, "deep": {"a": [1]}}
    assert record.severity is Severity.ERROR


def test_a_structured_line_without_a_message_shows_itself() -> None:
    assert log_record(LogEntry(json_payload=struct(a=1))).message == '{"a": 1}'


def test_a_request_is_told_in_one_line() -> None:
    record = log_record(
        LogEntry(
            log_name=PROJECT_LOGS + "run.googleapis.com%2Frequests",
            trace="projects/p/traces/0af",
            http_request={
                "request_method": "POST",
                "request_url": "https://z.run.app/v1/images/generations?x=1",
                "status": 200,
                "response_size": 1_234_567,
                "latency": timedelta(seconds=28.12),
            },
        )
    )

    assert record.message == "POST /v1/images/generations 200 in 28.1 s, 1.2 MB"
    assert record.provenance.trace == "projects/p/traces/0af"
    assert record.fields == {
        "httpRequest": {
            "requestMethod": "POST",
            "requestUrl": "https://z.run.app/v1/images/generations?x=1",
            "status": 200,
            "responseSize": 1_234_567,
            "latency": 28.12,
        }
    }


def test_an_audit_entry_says_what_it_says() -> None:
    audit = AuditLog(
        method_name="google.cloud.run.v2.Services.CreateService",
        status=status_pb2.Status(message="Ready condition status changed to True for Service z."),
    )
    packed = any_pb2.Any()
    packed.Pack(audit)
    raw = LogEntry(log_name=PROJECT_LOGS + "cloudaudit.googleapis.com%2Fsystem_event")
    LogEntry.pb(raw).proto_payload.CopyFrom(packed)

    assert log_record(raw).message == "Ready condition status changed to True for Service z."


def test_an_audit_entry_that_cannot_be_read_is_still_a_line() -> None:
    raw = LogEntry()
    LogEntry.pb(raw).proto_payload.type_url = "type.googleapis.com/google.cloud.audit.AuditLog"
    LogEntry.pb(raw).proto_payload.value = b"\xff\xff"

    assert "AuditLog" in log_record(raw).message


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        (0, Severity.INFO),
        (100, Severity.DEBUG),
        (300, Severity.INFO),
        (400, Severity.WARNING),
        (500, Severity.ERROR),
        (800, Severity.ERROR),
    ],
)
def test_severities_are_google_s_numbers(number: int, severity: Severity) -> None:
    assert log_record(LogEntry(severity=number)).severity is severity


def test_nothing_in_an_entry_can_reach_the_terminal() -> None:
    hostile = "a\x1b]52;c;QUFB\x07\x1b[2J\u202e"
    record = log_record(
        LogEntry(
            json_payload=struct(message=hostile, event=hostile, field={hostile: [hostile]}),
            labels={"instanceId": hostile},
            trace=hostile,
            insert_id=hostile,
            http_request={"user_agent": hostile},
        )
    )

    assert "\x1b" not in repr(record)
    assert "\u202e" not in repr(record)
    assert record.message == record.event == "a·"


def test_numbers_that_json_cannot_say_are_no_obstacle() -> None:
    payload = struct(worst=float("inf"), odd=float("nan"), nothing=None)
    record = log_record(LogEntry(json_payload=payload))

    assert record.fields["worst"] == float("inf")
    assert record.fields["nothing"] is None


def test_values_without_end_are_cut() -> None:
    nested: object = "deep"
    for _ in range(30):
        nested = {"in": nested}

    assert "…" in repr(log_record(LogEntry(json_payload=struct(payload=nested))).fields)


def test_a_time_beyond_the_calendar_is_no_obstacle() -> None:
    raw = LogEntry(text_payload="late")
    LogEntry.pb(raw).timestamp.seconds = 2**60

    assert log_record(raw).message == "late"
