"""A client that sends whatever bytes it is told to, as no HTTP library would."""

from __future__ import annotations

import json
import socket
from typing import Any

PATIENCE = 60.0


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def read_to_end(connection: socket.socket) -> bytes:
    """Return what comes until the server closes; a reset counts as the end."""
    received = b""
    try:
        while more := connection.recv(65_536):
            received += more
    except ConnectionError:
        pass
    return received


def exchange(port: int, *parts: bytes) -> bytes:
    """Send the parts and return everything that comes back until the server closes."""
    with connect(port) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except ConnectionError:
            pass
        return read_to_end(connection)


def post(body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Return the bytes of a request for a picture."""
    lines = [
        "POST /v1/images/generations HTTP/1.1",
        "host: engine",
        "content-type: application/json",
        f"content-length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def error_code(answer: bytes) -> str:
    """Return the code of an error in the shape that all errors have."""
    body: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    return str(body["error"]["code"])
