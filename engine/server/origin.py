"""Which web pages may call: the service's own, and those of the origins that are listed.

CORS alone only keeps other sites from reading answers; a browser still sends them its user's
requests. So whatever changes something is refused where the browser says that another site
asks (Fetch Metadata, W3C; RFC 6454, "The Web Origin Concept"). Programs send neither header.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from engine.server.refusals import Refusal

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE: Final = frozenset({"same-origin", "none"})
_PREFLIGHT_SECONDS: Final = 600
# Names that no stranger can own, like those without a dot; containers call their host by one.
_NOBODYS_SUFFIXES: Final = (".localhost", ".internal", ".local", ".test")


class OriginPolicy:
    """`allowed` origins may call and read; `local` refuses names that only look like this machine.

    A page whose own name is made to point at this machine would otherwise count as the service's
    own (DNS rebinding), where the service listens on loopback and asks for no key.
    """

    def __init__(self, allowed: Collection[str], *, local: bool) -> None:
        self._allowed = frozenset(allowed)
        self._local = local

    def refusal(self, method: str, headers: Mapping[str, str]) -> Refusal | None:
        """Return how to refuse a request for where it comes from; None if it may pass."""
        host = headers.get("host", "")
        if self._local and not _is_local(host):
            message = (
                f"{host[:80]!r} is not this machine's own name; call http://localhost, or set "
                "ZIMAGE_API_KEY to let the engine be called by other names"
            )
            return Refusal(403, message, "host_not_allowed")
        origin = headers.get("origin", "").lower()
        if method in _SAFE_METHODS or origin in self._allowed:
            return None
        site = headers.get("sec-fetch-site")
        foreign = site not in _OWN_SITE if site else origin and urlsplit(origin).netloc != host
        if not foreign:
            return None
        message = (
            f"pages of {origin[:80] or 'another site'} may not call the engine; list the origin "
            "in ZIMAGE_CORS_ORIGINS"
        )
        return Refusal(403, message, "origin_not_allowed")

    def answer_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return what lets a listed origin's page read the answer; nothing for anybody else."""
        if not self._allowed:
            return {}
        origin = headers.get("origin", "")
        if origin.lower() not in self._allowed:
            return {"vary": "origin"}
        return {
            "vary": "origin",
            "access-control-allow-origin": origin,
            "access-control-expose-headers": "x-request-id, retry-after",
            "cross-origin-resource-policy": "cross-origin",
        }

    def preflight(self, method: str, headers: Mapping[str, str]) -> dict[str, str] | None:
        """Return the headers that answer a listed origin's preflight; None if it is none."""
        asked = headers.get("access-control-request-method")
        listed = headers.get("origin", "").lower() in self._allowed
        if method != "OPTIONS" or not asked or not listed:
            return None
        return {
            "access-control-allow-methods": "GET, POST",
            "access-control-allow-headers": "authorization, content-type, x-api-key",
            "access-control-max-age": str(_PREFLIGHT_SECONDS),
        }


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if "." not in name or name.endswith(_NOBODYS_SUFFIXES):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
