"""A bucket on loopback for measurements: listings and ranges, with the limits of a network.

    python tools/range_server.py DIRECTORY [--latency SECONDS --stream MB/S --total MB/S]
    python tools/range_server.py DIRECTORY --certificate FILE     # with its key in the same file

Prints its address, and serves until its standard input ends. The directory's files are objects of
the bucket `models`. Bytes go from the page cache to the socket inside the kernel, so that what is
measured is the reader; with a certificate they are encrypted, which takes a processor of its own.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import google_crc32c

BUCKET: Final = "models"
GENERATION: Final = 1_700_000_000_000_000
_BLOCK: Final = 1 << 18


class Pace:
    """A limit in bytes per second that several threads share; 0 is none."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._free_at = 0.0

    def wait(self, size: int) -> None:
        """Wait until it is time to send so many bytes."""
        if not self._rate:
            return
        with self._lock:
            now = time.monotonic()
            self._free_at = max(self._free_at, now - 0.05) + size / self._rate
            delay = self._free_at - now
        if delay > 0:
            time.sleep(delay)


class Handler(BaseHTTPRequestHandler):
    """Answers for one connection."""

    protocol_version = "HTTP/1.1"
    directory: Path
    latency: float
    stream: float
    total: Pace
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a listing or a range."""
        time.sleep(self.latency)
        path = urlsplit(self.path).path
        if path == f"/storage/v1/b/{BUCKET}/o":
            self._list()
            return
        match = re.fullmatch(f"/storage/v1/b/{BUCKET}/o/(.+)", path)
        file = self.directory / unquote(match[1]) if match else self.directory / "none"
        if not file.is_file():
            self._answer(404, b"{}")
            return
        self._send(file)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _list(self) -> None:
        items = [
            {
                "name": file.name,
                "size": str(file.stat().st_size),
                "generation": str(GENERATION),
                "crc32c": checksum(file),
            }
            for file in sorted(self.directory.iterdir())
            if file.suffix != ".crc32c"
        ]
        self._answer(200, json.dumps({"items": items}).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send(self, file: Path) -> None:
        size = file.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        first, last = (int(asked[1]), int(asked[2])) if asked else (0, size - 1)
        self.send_response(206)
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("X-Goog-Generation", str(GENERATION))
        self.end_headers()
        self.wfile.flush()
        own = Pace(self.stream)
        with file.open("rb") as source:
            while first <= last:
                count = min(_BLOCK, last - first + 1)
                self.total.wait(count)
                own.wait(count)
                if isinstance(self.connection, ssl.SSLSocket):
                    self.connection.sendall(os.pread(source.fileno(), count, first))
                    first += count
                else:
                    first += os.sendfile(self.connection.fileno(), source.fileno(), first, count)


def checksum(file: Path) -> str:
    """Return a file's CRC32C as Cloud Storage writes it; it is kept beside the file."""
    kept = file.with_name(file.name + ".crc32c")
    if not kept.is_file() or kept.stat().st_mtime < file.stat().st_mtime:
        whole = 0
        with file.open("rb") as source:
            while data := source.read(1 << 22):
                whole = google_crc32c.extend(whole, data)
        kept.write_text(base64.b64encode(whole.to_bytes(4, "big")).decode())
    return kept.read_text()


def main() -> int:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before an answer")
    parser.add_argument("--stream", type=float, default=0.0, help="MB/s of one connection")
    parser.add_argument("--total", type=float, default=0.0, help="MB/s of all connections")
    parser.add_argument("--certificate", type=Path, help="encrypt; for 127.0.0.1")
    given = parser.parse_args()
    Handler.directory, Handler.latency = given.directory, given.latency
    Handler.stream, Handler.total = given.stream * 1e6, Pace(given.total * 1e6)
    for file in given.directory.iterdir():
        if file.suffix != ".crc32c":
            checksum(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if given.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.certificate)
        # Hands are shaken by the thread of the connection, when it first reads.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    scheme = "https" if given.certificate else "http"
    print(f"{scheme}://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
