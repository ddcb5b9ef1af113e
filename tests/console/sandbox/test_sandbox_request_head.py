"""Heads of requests, read and written anew."""

from __future__ import annotations

import pytest

from console.sandbox.instances.request_head import NoRequest, RequestHead

HEAD = (
    b"POST /v1/images?x=1 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n"
    b"X-Forwarded-For: 8.8.8.8\r\nContent-Length: 2\r\n\r\n"
)


def test_method_target_and_fields_are_read() -> None:
    head = RequestHead.parse(HEAD)
    assert (head.method, head.target) == ("POST", "/v1/images?x=1")
    assert head.get("content-length") == "2"
    assert head.get("user-agent") == ""
    assert head.trace is None


def test_the_instance_is_told_client_and_trace_and_to_close() -> None:
    forwarded = RequestHead.parse(HEAD).forwarded("127.0.0.1", "a" * 32, "00000000000000ff")
    again = RequestHead.parse(forwarded)
    assert dict(again.fields) == {
        "Host": "a",
        "Content-Length": "2",
        "Connection": "close",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "http",
        "Traceparent": f"00-{'a' * 32}-00000000000000ff-01",
        "X-Cloud-Trace-Context": f"{'a' * 32}/255;o=1",
    }
    assert again.trace == ("a" * 32, "00000000000000ff")


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET http://other/ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno field\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        b"\x16\x03\x01\x02\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(head: bytes) -> None:
    with pytest.raises(NoRequest):
        RequestHead.parse(head)
