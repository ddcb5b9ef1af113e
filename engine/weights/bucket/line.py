"""One connection to Cloud Storage: it is kept for the next request, and belongs to one thread."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

from engine.errors import ModelNotFound

PUBLIC: Final = "https://storage.googleapis.com"

_SLICE: Final = 1 << 18
_MOST_WORDS: Final = 1 << 16
_TROUBLES: Final = (OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True)
class Patience:
    """What a network is forgiven: `tries` in a row without a byte, and `stall` seconds of silence.

    A slice of 256 KiB that takes longer than `stall` counts as silence too. Between two tries it
    waits `first_wait` seconds, twice as long each time, up to `longest_wait`.
    """

    tries: int = 10
    stall: float = 15.0
    first_wait: float = 0.25
    longest_wait: float = 8.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where Cloud Storage answers."""

    host: str
    port: int | None
    secure: bool

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Read `http://HOST:PORT` or `HOST:PORT`; raises `ModelNotFound`."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            port = parts.port
        except ValueError:
            port = 0
        if not parts.hostname or parts.scheme not in ("http", "https") or port == 0:
            raise ModelNotFound(
                f"STORAGE_EMULATOR_HOST is {url!r:.80}, no address; write http://HOST:PORT"
            )
        return cls(parts.hostname, port, parts.scheme == "https")


class Trust:
    """Whom an encrypted line believes: the authorities that the system or `SSL_CERT_FILE` names.

    They are read once, which takes as long as an answer does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """Return them as the standard library wants them."""
        with self._lock:
            if self._context is None:
                self._context = ssl.create_default_context()
            return self._context


class TokenSource(Protocol):
    """Where tokens come from; see `engine.weights.bucket.credentials.Tokens`."""

    @property
    def whose(self) -> str:
        """Whose token it is, in words for a message."""

    def current(self, refused: str = "") -> str:
        """Return a token's text, empty for nobody's; never `refused`, which was turned down."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: `status` 0 where none came, `received` bytes in the buffer.

    `trouble` is empty if all that was promised arrived, else one line; `headers` have names in
    lower case, and `words` are what a refusal says.
    """

    status: int
    received: int = 0
    trouble: str = ""
    headers: Mapping[str, str] | None = None
    words: bytes = b""

    def header(self, name: str) -> str:
        """Return a header, empty if it was not sent."""
        return (self.headers or {}).get(name, "")


class Line:
    """Sends GET requests, one after another."""

    def __init__(
        self,
        endpoint: Endpoint,
        tokens: TokenSource,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        trust: Trust | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._tokens = tokens
        self._patience = patience
        self._clock = clock
        self._trust = trust or Trust()
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(
        self, path: str, headers: Mapping[str, str], buffer: memoryview | None = None
    ) -> Answer:
        """Ask for `path`; a 206, or a 200 that is as long as the buffer, goes into `buffer`.

        Without a buffer, and for refusals, the body is in `words`. A token that is turned down is
        renewed once.
        """
        token = self._tokens.current()
        answer = self._ask(path, headers, token, buffer)
        if answer.status == 401 and token:
            answer = self._ask(path, headers, self._tokens.current(refused=token), buffer)
        return answer

    def _ask(
        self, path: str, headers: Mapping[str, str], token: str, buffer: memoryview | None
    ) -> Answer:
        signed = {**headers, "Authorization": f"Bearer {token}"} if token else headers
        fresh = self._connection is None
        try:
            response = self._sent(path, signed)
        except _TROUBLES as error:
            self.close()
            if fresh:
                return Answer(0, trouble=_words(error))
            # One that was kept may have been closed at the other end, which says nothing.
            try:
                response = self._sent(path, signed)
            except _TROUBLES as again:
                self.close()
                return Answer(0, trouble=_words(again))
        return self._taken(response, buffer)

    def _sent(self, path: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        if self._connection is None:
            where = (self._endpoint.host, self._endpoint.port)
            if self._endpoint.secure:
                self._connection = http.client.HTTPSConnection(
                    *where, timeout=self._patience.stall, context=self._trust.context()
                )
            else:
                self._connection = http.client.HTTPConnection(*where, timeout=self._patience.stall)
        self._connection.request("GET", path, headers=dict(headers))
        return self._connection.getresponse()

    def _taken(self, response: http.client.HTTPResponse, buffer: memoryview | None) -> Answer:
        headers = {name.lower(): value for name, value in response.getheaders()}
        whole = response.status == 200 and buffer and response.length == len(buffer)
        if buffer is None or not (response.status == 206 or whole):
            return self._said(response, headers, everything=buffer is None)
        if response.length != len(buffer):
            self.close()
            trouble = f"it offers {response.length} bytes where {len(buffer)} were asked for"
            return Answer(response.status, 0, trouble, headers)
        received, trouble = self._received(response, buffer)
        if trouble:
            self.close()
        return Answer(response.status, received, trouble, headers)

    def _said(
        self, response: http.client.HTTPResponse, headers: Mapping[str, str], *, everything: bool
    ) -> Answer:
        try:
            words = response.read() if everything else response.read(_MOST_WORDS)
        except _TROUBLES as error:
            self.close()
            return Answer(0, trouble=_words(error))
        if not response.isclosed():
            self.close()
        return Answer(response.status, 0, "", headers, words)

    def _received(self, response: http.client.HTTPResponse, buffer: memoryview) -> tuple[int, str]:
        """Fill `buffer` with whatever each receiving brings, so that nothing is lost at a break."""
        done = counted = 0
        since = self._clock()
        while done < len(buffer):
            try:
                count = response.fp.readinto1(buffer[done:])
            except _TROUBLES as error:
                return done, _words(error)
            if not count:
                return done, f"it broke off after {done:,} of {len(buffer):,} bytes"
            done += count
            if done - counted >= _SLICE:
                counted, since = done, self._clock()
            elif self._clock() - since > self._patience.stall and done < len(buffer):
                return done, "it came too slowly"
        response.close()
        return done, ""


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it fell silent"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold ({error.verify_message}); install ca-certificates"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return f"the answer broke off ({type(error).__name__})"
