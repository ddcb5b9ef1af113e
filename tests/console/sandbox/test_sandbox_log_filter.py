"""Filters of log entries, by what they let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sandbox.logs.log_filter import InvalidFilter, compiled

ENTRY = {
    "logName": "projects/p/logs/run.googleapis.com%2Fstdout",
    "resource": {"type": "cloud_run_revision", "labels": {"service_name": "zimage"}},
    "labels": {"instanceId": "00ab"},
    "timestamp": "2026-01-01T12:00:00.500000Z",
    "severity": "WARNING",
    "insertId": "1",
    "httpRequest": {"status": 404, "latency": "1.500000s"},
    "jsonPayload": {"event": "ready", "message": 'A "Cat" [x]', "warm": True, "a.b": "dotted"},
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        'resource.type="cloud_run_revision"',
        "resource.type=cloud_run_revision AND resource.labels.service_name=zimage",
        "resource.type=cloud_run_revision\nresource.labels.service_name=zimage",
        "severity>=INFO severity<ERROR",
        "severity=warning",
        'timestamp>="2026-01-01T12:00:00.5Z"',
        'timestamp<"2026-01-01T13:00:01+01:00"',
        'log_id("run.googleapis.com/stdout")',
        "httpRequest.status>=400 http_request.status<500",
        "httpRequest.latency>1",
        'jsonPayload.message:"cat"',
        'jsonPayload.message=~"^A .Cat. \\\\[x"',
        'jsonPayload.message!~"dog"',
        'jsonPayload.message:"\\"Cat\\""',
        'jsonPayload."a.b"=dotted',
        "jsonPayload.warm=true",
        "jsonPayload.event:*",
        "NOT jsonPayload.event=failed",
        "-severity=ERROR",
        "jsonPayload.event=(ready OR failed)",
        "severity=ERROR OR severity=WARNING",
        "severity=ERROR OR severity=WARNING AND jsonPayload.event=ready",
        '"cat" -- a remark',
        "labels.instanceId!=00cd",
        "textPayload!=x",
    ],
)
def test_these_let_the_entry_through(text: str) -> None:
    assert compiled(text)(ENTRY)


@pytest.mark.parametrize(
    "text",
    [
        "severity>WARNING",
        "severity=DEFAULT",
        'timestamp>"2026-01-01T12:00:00.5Z"',
        'log_id("run.googleapis.com/stderr")',
        "httpRequest.status=40",
        "textPayload:cat",
        "textPayload=~cat",
        "jsonPayload.event.deeper=x",
        'jsonPayload.message=~"cat"',
        "severity=WARNING OR severity=ERROR AND jsonPayload.event=failed",
        "NOT (severity=WARNING AND jsonPayload.event=ready)",
        "dog",
        "jsonPayload.event>=5",
    ],
)
def test_these_do_not(text: str) -> None:
    assert not compiled(text)(ENTRY)


def test_an_entry_without_a_severity_has_the_default_one() -> None:
    assert compiled("severity=DEFAULT AND severity<DEBUG")({})


@pytest.mark.parametrize(
    "text",
    [
        "severity>=",
        "severity>=LOUD",
        'timestamp>="yesterday"',
        "AND",
        "a=1 OR",
        "(a=1",
        "a=1)",
        '"open',
        'a=~"("',
        "frobnicate(x)",
        "(" * 200 + "a=1" + ")" * 200,
        "a" * 20_001,
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InvalidFilter) as refusal:
        compiled(text)
    assert "\n" not in str(refusal.value)


@given(st.text(alphabet='ab =!<>~:()"\\-.ANDORT*5', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        match = compiled(text)
    except InvalidFilter:
        return
    assert match(ENTRY) in (True, False)
