"""The optional key: as Bearer token, as the password of HTTP Basic, or as `X-API-Key`.

Gemini's clients call that last header `X-Goog-Api-Key`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping


def may_enter(headers: Mapping[str, str], key: str) -> bool:
    """Whether the request carries `key`, compared in constant time; always, if `key` is empty.

    `headers` has lower-case names.
    """
    if not key:
        return True
    offered = [_sent(headers.get(name, "")) for name in ("x-api-key", "x-goog-api-key")]
    scheme, _, credentials = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        offered.append(_sent(credentials.strip()))
    elif scheme.lower() == "basic":
        offered.append(_password(credentials.strip()))
    # Every candidate is compared, so that the time tells nothing about which one was close.
    matches = [hmac.compare_digest(each, key.encode()) for each in offered]
    return any(matches)


def challenge(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the header that asks for the key (RFC 9110, 11.6.1).

    At `Basic` a browser asks its user for a password, even when a script made the request. The
    page has a field of its own for the key; its scripts accept neither HTML nor just anything,
    and get `Bearer`.
    """
    accepted = headers.get("accept", "*/*")
    browsing = "text/html" in accepted or "*/*" in accepted
    scheme = "Basic" if browsing else "Bearer"
    charset = ', charset="UTF-8"' if browsing else ""
    return {"www-authenticate": f'{scheme} realm="Z-Image engine"{charset}'}


def _sent(value: str) -> bytes:
    # Headers are read as Latin-1, one character for each byte that was sent.
    return value.encode("latin-1", "replace")


def _password(credentials: str) -> bytes:
    try:
        decoded = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return decoded.partition(b":")[2]
