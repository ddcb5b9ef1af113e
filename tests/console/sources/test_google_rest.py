"""Interfaces asked by JSON over HTTP, with a login."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.sandbox.gateway import Gateway
from console.sources.base import Unauthenticated
from console.sources.google_errors import Asked
from console.sources.google_rest import CredentialHeaders, GoogleRest

ASKED = Asked("look around", "p-1", "things.googleapis.com", "things.get")
LONG_AGO = datetime(2001, 1, 1)
FAR_OFF = datetime(2999, 1, 1)


@asynccontextmanager
async def mirror(credentials: Credentials) -> AsyncIterator[GoogleRest]:
    """Give a way to something that answers with the headers that it was asked with."""

    async def headers(request: Request) -> Response:
        return JSONResponse(dict(request.headers))

    gateway = Gateway([Route("/headers", headers)])
    address = await gateway.open()
    rest = GoogleRest(CredentialHeaders(credentials), f"http://{address}")
    try:
        yield rest
    finally:
        await rest.aclose()
        await gateway.close()


async def test_the_token_of_the_login_and_who_pays_go_with_every_question() -> None:
    login = Credentials(token="of-ada", expiry=FAR_OFF, quota_project_id="payer")
    async with mirror(login) as rest:
        said = await rest.get(ASKED, "/headers", {})

    assert (said["authorization"], said["x-goog-user-project"]) == ("Bearer of-ada", "payer")


async def test_a_login_that_has_run_out_is_renewed() -> None:
    renewed: list[str] = []

    def renew(request: object, scopes: object) -> tuple[str, datetime]:
        renewed.append("once")
        return "new", FAR_OFF

    login = Credentials(token="old", expiry=LONG_AGO, refresh_handler=renew)
    async with mirror(login) as rest:
        tokens = [(await rest.get(ASKED, "/headers", {}))["authorization"] for _ in range(2)]

    assert (tokens, renewed) == (["Bearer new"] * 2, ["once"])


async def test_a_login_that_cannot_be_renewed_says_how_to_log_in() -> None:
    def fail(request: object, scopes: object) -> tuple[str, datetime]:
        raise RefreshError("it was taken back")

    login = Credentials(token="old", expiry=LONG_AGO, refresh_handler=fail)
    async with mirror(login) as rest:
        with pytest.raises(Unauthenticated, match="taken back; run `gcloud auth application"):
            await rest.get(ASKED, "/headers", {})
