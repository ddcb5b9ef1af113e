"""Who may send requests to a service, and what those who may not are answered.

The words are the platform's own. Source: https://cloud.google.com/run/docs/troubleshooting.
"""

from __future__ import annotations

import html
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from google.cloud.run_v2.types import IngressTraffic

from console.sandbox.instances.request_head import RequestHead
from console.sandbox.run.demo_service import OPERATOR
from console.sandbox.run.identity import Identities
from console.sandbox.run.services import Deployment

INVOKER: Final = "roles/run.invoker"
_TROUBLE: Final = (
    " Additional troubleshooting documentation can be found at: "
    "https://cloud.google.com/run/docs/troubleshooting#"
)
NOT_AUTHENTICATED: Final = (
    "The request was not authenticated. Either allow unauthenticated invocations or set the "
    "proper Authorization header. Read more at "
    "https://cloud.google.com/run/docs/securing/authenticating" + _TROUBLE + "unauthorized-client"
)
BAD_TOKEN: Final = (
    "The request was not authorized to invoke this service. Read more at "
    "https://cloud.google.com/run/docs/securing/authenticating" + _TROUBLE + "401"
)
_PAGE: Final = """
<html><head>
<meta http-equiv="content-type" content="text/html;charset=utf-8">
<title>{title}</title>
</head>
<body text=#000000 bgcolor=#ffffff>
<h1>Error: {error}</h1>
<h2>{said}</h2>
<h2></h2>
</body></html>
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that the platform gives in the place of the service; `why` is for the log."""

    status: int
    why: str
    body: str
    headers: tuple[tuple[str, str], ...] = ()


def not_found() -> Refusal:
    """Return the answer of an address where nothing serves."""
    said = "The requested URL was not found on this server."
    return Refusal(404, "", _page("404 Page not found", "Page not found", said))


def refusal(
    deployment: Deployment, head: RequestHead, audiences: Collection[str], identities: Identities
) -> Refusal | None:
    """Return what a request is refused with, None when it may pass."""
    service = deployment.service
    if service.ingress not in (0, IngressTraffic.INGRESS_TRAFFIC_ALL):
        return not_found()
    if service.invoker_iam_disabled or "allUsers" in _invokers(deployment):
        return None
    token = _bearer(head)
    if not token:
        return _forbidden(head)
    holder = identities.holder(token, (*audiences, *service.custom_audiences))
    if holder is None:
        return _unauthorized(head)
    # Who owns the project may do everything in it.
    members = {OPERATOR} | {each.partition(":")[2] for each in _invokers(deployment)}
    known = holder in members or "allAuthenticatedUsers" in _invokers(deployment)
    return None if known else _forbidden(head)


def _invokers(deployment: Deployment) -> set[str]:
    return {
        member
        for binding in deployment.policy.bindings
        if binding.role == INVOKER
        for member in binding.members
    }


def _bearer(head: RequestHead) -> str:
    said = head.get("x-serverless-authorization") or head.get("authorization")
    scheme, _, token = said.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _forbidden(head: RequestHead) -> Refusal:
    url = html.escape(head.target)
    said = f"Your client does not have permission to get URL <code>{url}</code> from this server."
    return Refusal(403, NOT_AUTHENTICATED, _page("403 Forbidden", "Forbidden", said))


def _unauthorized(head: RequestHead) -> Refusal:
    url = html.escape(head.target)
    said = f"Your client does not have permission to the requested URL <code>{url}</code>."
    challenge = (
        'Bearer error="invalid_token" error_description="The access token could not be verified"'
    )
    return Refusal(
        401,
        BAD_TOKEN,
        _page("401 Unauthorized", "Unauthorized", said),
        (("WWW-Authenticate", challenge),),
    )


def _page(title: str, error: str, said: str) -> str:
    return _PAGE.format(title=title, error=error, said=said)
