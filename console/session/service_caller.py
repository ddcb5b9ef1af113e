"""Pictures by a service on Google Cloud, which may want to know who asks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from console.language import tr
from console.model.images import Preview
from console.model.service import ServiceFacts
from console.session.engine_connection import connect
from console.sources.base import (
    Denied,
    EngineFailed,
    IdentitySource,
    Unauthenticated,
)
from console.terminal.sanitise import sanitise
from engine.schema import GenerationRequest

if TYPE_CHECKING:
    from console.sources.engine_http import Finished, Progress

PERMISSION: Final = "run.routes.invoke"
ROLE: Final = "roles/run.invoker"


class ServiceCaller:
    """Makes pictures by the service that `facts` tells of; each request shows who asks.

    Whoever cannot show it asks all the same, since a public service answers everybody.
    """

    def __init__(
        self, facts: Callable[[], Awaitable[ServiceFacts]], identity: IdentitySource
    ) -> None:
        self._facts = facts
        self._identity = identity

    async def generate(
        self, request: GenerationRequest, trace: str = ""
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        """Yield the progress of one picture and last of all `Finished`; raises `SourceError`.

        The request is one of the trace with the hexadecimal number `trace`, if there is one.
        """
        facts = await self._facts()
        if not facts.url:
            raise EngineFailed(
                sanitise(tr("the service has no address yet; wait until it is deployed"))
            )
        token, no_login = await self._token(facts.url)
        client = await connect(facts.url, token)
        try:
            async with aclosing(client.generate(request, trace)) as events:
                async for event in events:
                    yield event
        except Denied as denied:
            if no_login is not None:
                raise no_login from None
            raise _refused(denied) from None
        finally:
            await client.aclose()

    async def _token(self, url: str) -> tuple[str, Unauthenticated | None]:
        """Return a token, or an empty one and why there is none."""
        try:
            return await self._identity.token(url) or "", None
        except Unauthenticated as error:
            return "", error


def _refused(denied: Denied) -> Denied:
    said = tr(
        "the service refused: {why}; a private service lets in who has {role}",
        why=denied.message,
        role=ROLE,
    )
    return Denied(sanitise(said), PERMISSION, ROLE)
