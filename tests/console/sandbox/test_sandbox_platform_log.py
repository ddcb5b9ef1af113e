"""What the platform writes, and what it makes of a service's output."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.sandbox.cloud import DEMO
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.log_filter import Entry, compiled
from console.sandbox.logs.platform_log import STDERR, STDOUT, PlatformLog, StartReason, as_message

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def platform(book: LogBook) -> PlatformLog:
    return PlatformLog(book, DEMO, lambda: NOW, lambda: "id")


def written(line: bytes, log: str = STDOUT) -> list[Entry]:
    book = LogBook()
    platform(book).output("rev", "instance", line, log)
    return list(book.select(compiled(""), None, newest_first=False))


def test_a_line_of_json_gives_its_own_severity_time_and_trace() -> None:
    line = (
        b'{"severity": "ERROR", "time": "2026-01-01T00:00:09Z", "message": "no",'
        b' "logging.googleapis.com/trace": "projects/p/traces/1"}'
    )
    (entry,) = written(line)
    assert (entry["severity"], entry["trace"]) == ("ERROR", "projects/p/traces/1")
    assert entry["timestamp"] == "2026-01-01T00:00:09.000000Z"
    assert entry["jsonPayload"] == {"message": "no"}


@pytest.mark.parametrize(
    "line",
    [
        b"plain",
        b"{not json",
        b"[1]",
        b'{"a": "\\ud800"}',
        b"{" + b'"a": {' * 300 + b"}" * 301,
        b'{"logging.googleapis.com/trace": [1]}',
        b"\x1b[31mred\x1b[0m",
    ],
)
def test_any_other_line_is_text_as_it_stands(line: bytes) -> None:
    (entry,) = written(line, STDERR)
    assert entry["textPayload"] == line.decode()
    assert as_message(entry).text_payload == line.decode()


@pytest.mark.parametrize("line", [b"", b"  ", b"\r"])
def test_an_empty_line_is_none(line: bytes) -> None:
    assert written(line) == []


def test_bytes_that_are_no_text_are_kept_as_far_as_they_are() -> None:
    (entry,) = written(b"a\xffb")
    assert entry["textPayload"] == "a\ufffdb"


def test_instances_that_a_killed_sandbox_left_are_said_to_have_ended() -> None:
    book = LogBook()
    before = platform(book)
    for instance in ("ended", "lost"):
        before.starting("rev", instance, StartReason.AUTOSCALING)
    before.exited("rev", "ended", 0)
    PlatformLog(book, DEMO, lambda: NOW, lambda: "later").settle()
    lost = next(book.select(compiled("labels.instanceId=lost"), None, newest_first=True))
    assert lost.get("textPayload") == "Container terminated on signal 9."
    ended = list(book.select(compiled("labels.instanceId=ended"), None, newest_first=True))
    assert len(ended) == 2
