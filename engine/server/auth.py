"""The optional key: as Bearer token, as the password of HTTP Basic, or as `X-API-Key`."""

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
    offered = [headers.get("x-api-key", "")]
    scheme, _, credentials = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        offered.append(credentials.strip())
    elif scheme.lower() == "basic":
        offered.append(_password(credentials.strip()))
    # Every candidate is compared, so that the time tells nothing about which one was close.
    matches = [hmac.compare_digest(each.encode(), key.encode()) for each in offered]
    return any(matches)


def _password(credentials: str) -> str:
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[2]
