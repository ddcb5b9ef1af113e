"""Headers that every answer carries, and how many a request may have."""

from __future__ import annotations

from typing import Final

from starlette.types import Scope

from engine.server.refusals import Refusal

# For whatever is not the page, which has a policy of its own: nothing is loaded, nothing is run.
SECURITY: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
MAX_HEADERS: Final = 100
MAX_HEADER_BYTES: Final = 32_768


def headers_refusal(scope: Scope) -> Refusal | None:
    """Return how to refuse a request for its headers' number or size; None if they will do."""
    headers = scope["headers"]
    size = sum(len(name) + len(value) for name, value in headers)
    if len(headers) <= MAX_HEADERS and size + len(scope["raw_path"]) <= MAX_HEADER_BYTES:
        return None
    message = (
        f"the request has {len(headers):,} headers of {size:,} bytes; send at most {MAX_HEADERS} "
        f"of {MAX_HEADER_BYTES:,} bytes"
    )
    return Refusal(431, message, "headers_too_large")
