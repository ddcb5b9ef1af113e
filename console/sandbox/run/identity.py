"""Who the operator is: identity tokens as a metadata server gives them, and what they are worth.

Sources: https://cloud.google.com/compute/docs/metadata/overview, RFC 7519 (the tokens).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from console.sandbox.moments import Clock
from console.sandbox.run.demo_service import OPERATOR

LIFE_SECONDS: Final = 3_600
ISSUER: Final = "https://accounts.google.com"
_FLAVOR: Final = {"Metadata-Flavor": "Google"}
_HEAD: Final = {"alg": "HS256", "typ": "JWT", "kid": "sandbox"}


class Identities:
    """Makes identity tokens of `OPERATOR`, signed with `key`, and knows them again."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def token(self, audience: str) -> str:
        """Return a token for the service at the address `audience`."""
        now = int(self._clock().timestamp())
        claims = {
            "aud": audience,
            "email": OPERATOR,
            "email_verified": True,
            "exp": now + LIFE_SECONDS,
            "iat": now,
            "iss": ISSUER,
            "sub": "1",
        }
        signed = f"{_encoded(_HEAD)}.{_encoded(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def holder(self, token: str, audiences: Collection[str]) -> str | None:
        """Return who shows a token at an address; None when the token is worth nothing there."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            return None
        claims = json.loads(_decoded(signed.partition(".")[2]))
        if claims["exp"] <= self._clock().timestamp() or claims["aud"] not in audiences:
            return None
        return str(claims["email"])

    def routes(self) -> list[BaseRoute]:
        """Return the metadata server as far as it says who one is."""
        account = "/computeMetadata/v1/instance/service-accounts/default"
        return [
            Route(f"{account}/identity", self._identity, methods=["GET"]),
            Route(f"{account}/email", self._email, methods=["GET"]),
        ]

    async def _identity(self, request: Request) -> Response:
        audience = request.query_params.get("audience", "")
        if not _asked_properly(request):
            return PlainTextResponse("Missing Metadata-Flavor:Google header.\n", 403)
        if not audience:
            return PlainTextResponse("non-empty audience parameter required\n", 400, _FLAVOR)
        return PlainTextResponse(self.token(audience), headers=_FLAVOR)

    async def _email(self, request: Request) -> Response:
        if not _asked_properly(request):
            return PlainTextResponse("Missing Metadata-Flavor:Google header.\n", 403)
        return PlainTextResponse(OPERATOR, headers=_FLAVOR)

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _asked_properly(request: Request) -> bool:
    """Whether the header is there that keeps web pages from asking (the metadata server's rule)."""
    return request.headers.get("metadata-flavor") == "Google"


def _encoded(part: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
