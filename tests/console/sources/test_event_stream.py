from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sources.event_stream import EventStreamReader, ServerSentEvent

STREAM = (
    ": keep-alive\n\n"
    'event: progress\ndata: {"a": "x\u2028y"}\n\n'
    "data: one\r\ndata: two\r\n\r\n"
    "id: 7\rdata:none\r\r"
    "event: unsaid\n\n"
    "data: [DONE]\n\n"
).encode()
EVENTS = [
    ServerSentEvent("progress", '{"a": "x\u2028y"}'),
    ServerSentEvent("message", "one\ntwo"),
    ServerSentEvent("message", "none"),
    ServerSentEvent("message", "[DONE]"),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_events_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    reader, events = EventStreamReader(), []
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in itertools.pairwise(edges):
        events += reader.feed(STREAM[start:end])
    assert events == EVENTS


def test_an_event_is_not_given_before_its_empty_line() -> None:
    reader = EventStreamReader()
    assert reader.feed(b"data: half\n") == []
    assert reader.feed(b"\n") == [ServerSentEvent("message", "half")]


def test_an_event_past_the_limit_is_refused() -> None:
    reader = EventStreamReader(limit=100)
    reader.feed(b"data: " + b"x" * 90)
    with pytest.raises(ValueError, match="more than 100 bytes"):
        reader.feed(b"x" * 10)


def test_many_small_events_never_reach_the_limit() -> None:
    reader = EventStreamReader(limit=100)
    events = [event for _ in range(50) for event in reader.feed(b"data: 0123456789\n\n")]
    assert len(events) == 50


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_garbage_is_no_reason_to_fail(chunks: list[bytes]) -> None:
    reader = EventStreamReader()
    for chunk in chunks:
        reader.feed(chunk)
