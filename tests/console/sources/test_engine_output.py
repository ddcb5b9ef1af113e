from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.model.log.lines import Severity
from console.sources.engine_output import OutputLine, lines, parse_error_line, parse_line
from engine.schema import Phase, StartupEvent

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def parsed(**fields: object) -> OutputLine:
    line = parse_line(json.dumps(fields).encode(), NOW)
    assert line is not None
    return line


class Chunks:
    """Bytes that arrive in the pieces given."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = [chunk for chunk in chunks if chunk]

    async def read(self, n: int = -1) -> bytes:
        return self._chunks.pop(0) if self._chunks else b""


def split(chunks: Sequence[bytes], limit: int) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [line async for line in lines(Chunks(chunks), limit)]

    return asyncio.run(collect())


@given(st.lists(st.binary(max_size=20).map(lambda each: each.replace(b"x", b"\n")), max_size=20))
def test_lines_are_the_same_however_the_bytes_arrive(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    expected = whole.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert split(chunks, limit=10_000) == expected


def test_a_huge_line_is_cut_and_the_next_one_is_whole() -> None:
    assert split([b"a" * 70, b"a" * 70, b"a\nnext\n"], limit=100) == [b"a" * 100, b"next"]


def test_a_huge_line_at_the_end_is_told_once() -> None:
    assert split([b"a" * 150, b"a" * 150], limit=100) == [b"a" * 100]


def test_a_log_line_is_read_with_its_fields() -> None:
    line = parsed(
        severity="ERROR",
        message="it broke",
        time="2026-01-01T11:59:58.5Z",
        event="request",
        status=500,
        nested={"list": ["a\x1b[0mb"]},
    )
    assert line.severity is Severity.ERROR
    assert line.message == "it broke"
    assert line.time == NOW - timedelta(seconds=1.5)
    assert line.event == "request"
    assert line.fields == {"status": 500, "nested": {"list": ["ab"]}}
    assert line.startup is None


def test_a_moment_of_the_start_is_recognised() -> None:
    line = parsed(message="port 81 is open", event="port_open", at=0.125, port=81)
    assert line.startup == StartupEvent(Phase.PORT_OPEN, 0.125, port=81)


def test_a_time_that_cannot_be_true_is_not_believed() -> None:
    assert parsed(message="x", time="0001-01-01T00:00:00+14:00").time == NOW
    assert parsed(message="x", time="soon").time == NOW
    assert parsed(message="x", time="2026-01-01T12:00:00").time == NOW


def test_text_that_is_no_json_is_shown_as_it_is() -> None:
    line = parse_line(b"Loading \x1b[31mthings\x1b[0m {", NOW)
    assert line == OutputLine(NOW, Severity.INFO, line.message if line else "")
    assert line is not None
    assert line.message == "Loading things {"


def test_nesting_that_has_no_end_is_no_reason_to_fail() -> None:
    assert parse_line(b'{"a":' * 20_000, NOW) is not None
    assert parse_line(b'{"a":' + b"[" * 500 + b"]" * 500 + b"}", NOW) is not None


def test_standard_error_is_a_warning() -> None:
    line = parse_error_line(b"something odd\r", NOW)
    assert line is not None
    assert (line.severity, line.message, line.event) == (
        Severity.WARNING,
        "something odd",
        "stderr",
    )


def test_an_empty_line_is_no_line() -> None:
    assert parse_line(b"", NOW) is None
    assert parse_error_line(b"  \r", NOW) is None


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ).map(
            lambda value: json.dumps({"event": "weights_read", "at": value, "x": value}).encode()
        ),
    )
)
def test_whatever_a_process_writes_is_read(raw: bytes) -> None:
    line = parse_line(raw, NOW)
    assert line is None or line.message.isprintable() or not line.message.isascii()
