"""The head of an HTTP/1.1 request: read, and written anew for the instance that is to answer it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 64 * 1024
_LINE: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}) (\S+) HTTP/1\.[01]")
_FIELD: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_TRACE: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}.*")
_REPLACED: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "traceparent", "x-cloud-trace-context"}
)
_PROXIES: Final = frozenset({"x-forwarded-for", "x-forwarded-proto", "forwarded"})


class NoRequest(ValueError):
    """Bytes that are no head of a request."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """Method, target such as `/v1/models?x=1`, and the fields in their order."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, head: bytes) -> RequestHead:
        """Read a head with its empty line; raises `NoRequest`."""
        first, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        line = _LINE.fullmatch(first)
        fields = [_FIELD.fullmatch(each) for each in rest]
        if line is None or not line[2].startswith("/") or None in fields:
            raise NoRequest("no request of HTTP/1.1 with a path")
        return cls(line[1], line[2], tuple((each[1], each[2]) for each in fields if each))

    def get(self, name: str) -> str:
        """Return the value of a field, empty when it is not there."""
        return next((value for key, value in self.fields if key.lower() == name), "")

    @property
    def trace(self) -> tuple[str, str] | None:
        """The trace and the span that the client names, in hexadecimal."""
        found = _TRACE.fullmatch(self.get("traceparent"))
        return (found[1], found[2]) if found is not None else None

    def forwarded(self, client: str, trace: str, span: str) -> bytes:
        """Write the head for the instance: a request per connection, client and trace named."""
        kept = [
            (name, value) for name, value in self.fields if name.lower() not in _REPLACED | _PROXIES
        ]
        added = [
            ("Connection", "close"),
            ("X-Forwarded-For", client),
            ("X-Forwarded-Proto", "http"),
            ("Traceparent", f"00-{trace}-{span}-01"),
            ("X-Cloud-Trace-Context", f"{trace}/{int(span, 16)};o=1"),
        ]
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in kept + added]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")
