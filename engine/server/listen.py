"""Opening the port: standard library only, so that it happens before anything slow is imported."""

from __future__ import annotations

import errno
import os
import socket

from engine.errors import EngineError

BACKLOG = 2_048


class PortUnavailable(EngineError):
    """The address cannot be listened on."""


def open_port(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host` and `port`; 0 lets the system choose the port.

    Clients can connect from now on and wait for their answer. Raises `PortUnavailable`.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise PortUnavailable(f"cannot listen on {host} port {port}: {_why(error)}") from None
    listening.setblocking(False)
    _configure(listening)
    return listening


def _configure(listening: socket.socket) -> None:
    """Set what all connections inherit from the port."""
    # asyncio does so only where a socket names its protocol, which an accepted one does not: the
    # second half of an answer would wait 40 ms for the first to be acknowledged.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Otherwise a picture would be made for a client whose machine went away without a word.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


def _why(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "another program uses it; choose another with --port, or --port 0 for a free one"
        case errno.EACCES:
            return "ports below 1024 need privileges; choose another with --port"
        case errno.EADDRNOTAVAIL:
            return "this machine does not have that address; choose another with --host"
        case _ if isinstance(error, socket.gaierror):
            return "that host name is unknown; choose another with --host"
        case number:
            return os.strerror(number) if number else str(error)
