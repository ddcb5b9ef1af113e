"""Clients that mean no good: each is refused or dropped, and the engine goes on serving."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from raw_client import PATIENCE, connect, error_code, exchange, post, read_to_end, status
from running_engine import RunningEngine

LONG = json.dumps({"prompt": "x", "size": "512x512", "steps": 50}).encode()
GET = b"GET /healthz HTTP/1.1\r\nhost: engine\r\n"
CLOSE = b"connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def victim(tiny_model: Path) -> Iterator[RunningEngine]:
    """An engine that gives each request a second to arrive, and has room for few connections."""
    env = {
        "ZIMAGE_REQUEST_SECONDS": "1",
        "ZIMAGE_CONNECTIONS": "16",
        "ZIMAGE_QUEUE": "100",
    }
    with RunningEngine(tiny_model, env=env) as running:
        running.wait_for("ready")
        yield running
        assert running.end() == 0
        assert not [line for line in running.lines if line["severity"] == "ERROR"]


def is_full(answer: bytes) -> bool:
    """Whether an engine answers that too many connections are at work, which passes."""
    return status(answer) == 503 and error_code(answer) == "too_many_connections"


@pytest.fixture(autouse=True)
def still_serves(victim: RunningEngine) -> Iterator[None]:
    """After each abuse a picture is made as ever, once the engine has seen who hung up."""
    yield
    wish = {"prompt": "x", "size": "64x64", "steps": 1}
    asked = post(json.dumps(wish).encode(), "connection: close")
    deadline = time.monotonic() + PATIENCE
    while is_full(answer := exchange(victim.port, asked)):
        # Requests of clients that are gone are at work until their end is read from the network.
        assert time.monotonic() < deadline, "connections of clients that are gone are never let go"
        time.sleep(0.01)
    assert status(answer) == 200
    assert b'"b64_json"' in answer


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST /v1/im", post(b"", length=100) + b'{"prompt"', post(LONG), GET + b"\r\n"],
    ids=["nothing", "half a head", "half a body", "a request", "a whole exchange"],
)
def test_hanging_up(victim: RunningEngine, sent: bytes) -> None:
    for _ in range(20):
        with connect(victim.port) as connection:
            connection.sendall(sent)


def test_hanging_up_in_the_middle_of_the_answer(victim: RunningEngine) -> None:
    with connect(victim.port) as connection:
        connection.sendall(post(json.dumps({"prompt": "x", "steps": 50, "stream": True}).encode()))
        assert b"200 OK" in connection.recv(12 + 64)


def test_a_connection_without_a_request_is_closed(victim: RunningEngine) -> None:
    assert exchange(victim.port) == b""


@pytest.mark.parametrize(
    "sent",
    [b"GET /healthz HT", GET, post(b'{"prompt"', length=100), post(b"", length=10)],
    ids=["half a line", "half a head", "half a body", "no body"],
)
def test_a_request_that_does_not_end_is_given_up(victim: RunningEngine, sent: bytes) -> None:
    answer = exchange(victim.port, sent)

    assert (status(answer), error_code(answer)) == (408, "request_timeout")


def test_a_second_request_that_does_not_end_is_given_up_too(victim: RunningEngine) -> None:
    answer = exchange(victim.port, GET + b"\r\n" + b"GET /heal")

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 408" in answer


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
        b"GET\r\n\r\n",
        b"hello\r\n\r\n",
        b"\x00" * 4_096,
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nna me: b\r\n\r\n",
        post(b"{}", "content-length: 7"),
        post(b"{}", length=-1),
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["tls", "cut", "words", "zeros", "hosts", "name", "lengths", "negative", "chunk"],
)
def test_what_is_not_http_is_refused(victim: RunningEngine, sent: bytes) -> None:
    answer = exchange(victim.port, sent)

    assert (status(answer), error_code(answer)) == (400, "bad_request")


def test_a_hundred_megabytes_are_refused_after_the_first(victim: RunningEngine) -> None:
    megabyte = b" " * 1_000_000
    answer = exchange(
        victim.port, post(b"", "connection: close", length=100_000_000), *[megabyte] * 100
    )

    assert (status(answer), error_code(answer)) == (413, "body_too_large")


@pytest.mark.parametrize(
    "headers",
    [
        b"".join(b"a%d: b\r\n" % index for index in range(10_000)),
        b"a: %s\r\n" % (b"b" * 1_000_000),
        b"a: %s\r\n" % (b"b" * 40_000),
        b"a: b\r\n" * 101,
    ],
    ids=["ten thousand", "a megabyte", "40 kilobytes", "a hundred and one"],
)
def test_too_many_headers_are_refused(victim: RunningEngine, headers: bytes) -> None:
    answer = exchange(victim.port, GET + headers + CLOSE)

    # Whoever is still sending when the answer comes may not see it.
    if answer or len(headers) < 50_000:
        assert (status(answer), error_code(answer)) == (431, "headers_too_large")


def test_requests_sent_without_waiting_are_answered_in_their_order(victim: RunningEngine) -> None:
    wrong = post(b"{}")
    answer = exchange(victim.port, GET + b"\r\n", wrong, GET + CLOSE)

    found = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert found == [200, 400, 200]


def test_a_body_longer_than_it_was_said_to_be_is_no_second_request(victim: RunningEngine) -> None:
    answer = exchange(victim.port, post(b'{"prompt": ""} and more', length=14))

    first, _, second = answer.partition(b"HTTP/1.1 400")[2].partition(b"HTTP/1.1 ")
    assert b'"invalid_value"' in first
    assert second.startswith(b"400")


def test_a_body_that_is_cut_off_is_logged_as_the_clients_end(victim: RunningEngine) -> None:
    with connect(victim.port) as connection:
        connection.sendall(post(b'{"prompt"', length=100))

    assert victim.wait_for("request", status=499)["severity"] == "INFO"


@pytest.mark.parametrize(
    "body",
    [b'{"prompt": "\xff\xfe"}', b"[" * 500_000, b'{"a":' * 150_000, b'{"prompt": "\\ud800"}'],
    ids=["not utf-8", "deep array", "deep object", "half a character"],
)
def test_a_body_made_to_break_the_reader_is_refused(victim: RunningEngine, body: bytes) -> None:
    answer = exchange(victim.port, post(body, "connection: close"))

    assert (status(answer), error_code(answer)) == (400, "invalid_value")


@pytest.mark.parametrize("sent", [b"", GET, post(b"", length=10)], ids=["idle", "head", "body"])
def test_connections_without_a_whole_request_make_room(victim: RunningEngine, sent: bytes) -> None:
    idle = [connect(victim.port) for _ in range(40)]
    for connection in idle:
        with contextlib.suppress(ConnectionError):
            connection.sendall(sent)

    answer = exchange(victim.port, GET + CLOSE)

    assert status(answer) == 200
    for connection in idle:
        with connection:
            read_to_end(connection)
