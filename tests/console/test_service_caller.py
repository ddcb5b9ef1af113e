"""What a service is asked and what its refusals are told as, over a real connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from cloud_scenes import FACTS
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from console.model.service import ServiceFacts
from console.model.text import SafeText
from console.sandbox.gateway import Gateway
from console.session.service_caller import ServiceCaller
from console.sources.base import Denied, EngineFailed, SourceError, Unauthenticated
from console.terminal.sanitise import sanitise
from engine.schema import GenerationRequest

FORBIDDEN = HTMLResponse("<title>403 Forbidden</title>", 403)
NO_KEY = JSONResponse({"error": {"message": "the key is missing"}}, 401)


class Login:
    """An identity that is `token`, or none for the reason given."""

    def __init__(self, token: str | SourceError | None) -> None:
        self._token = token

    async def token(self, audience: str) -> str | None:
        if isinstance(self._token, SourceError):
            raise self._token
        return self._token


NOBODY = Login(Unauthenticated(sanitise("nobody is logged in")))


@asynccontextmanager
async def service(answer: Callable[[str], Response]) -> AsyncIterator[str]:
    """A service that answers a request by the login it shows; yields its address."""

    async def endpoint(request: Request) -> Response:
        return answer(request.headers.get("authorization", ""))

    gateway = Gateway([Route("/v1/images/generations", endpoint, methods=["POST"])])
    try:
        yield f"http://{await gateway.open()}"
    finally:
        await gateway.close()


async def ask(url: str | None, login: Login) -> None:
    async def facts() -> ServiceFacts:
        return replace(FACTS, url=None if url is None else SafeText(url))

    async for _ in ServiceCaller(facts, login).generate(GenerationRequest("a cat")):
        pass


async def test_the_login_is_shown() -> None:
    seen: list[str] = []

    def answer(login: str) -> Response:
        seen.append(login)
        return FORBIDDEN

    async with service(answer) as url:
        with pytest.raises(Denied):
            await ask(url, Login("a-token"))
    assert seen == ["Bearer a-token"]


async def test_a_private_service_names_the_role_that_is_missing() -> None:
    async with service(lambda _: FORBIDDEN) as url:
        with pytest.raises(Denied) as refused:
            await ask(url, Login("a-token"))
    assert "403 Forbidden" in refused.value.message
    assert "lets in who has roles/run.invoker" in refused.value.message
    assert (refused.value.permission, refused.value.role) == (
        "run.routes.invoke",
        "roles/run.invoker",
    )


async def test_what_an_engine_says_itself_is_told() -> None:
    async with service(lambda _: NO_KEY) as url:
        with pytest.raises(Denied, match="the key is missing"):
            await ask(url, Login(None))


async def test_without_a_login_a_service_is_asked_and_its_refusal_explained() -> None:
    async with service(lambda login: FORBIDDEN if not login else NO_KEY) as url:
        with pytest.raises(Unauthenticated, match="nobody is logged in"):
            await ask(url, NOBODY)


async def test_without_a_login_a_public_service_answers() -> None:
    async with service(lambda _: JSONResponse({"error": "made nothing"}, 500)) as url:
        with pytest.raises(EngineFailed, match="made nothing"):
            await ask(url, NOBODY)


async def test_a_service_without_an_address_is_not_asked() -> None:
    with pytest.raises(EngineFailed, match="has no address yet"):
        await ask(None, Login("a-token"))
