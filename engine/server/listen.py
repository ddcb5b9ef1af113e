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
    return listening


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
