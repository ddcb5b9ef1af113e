"""The doctor's questions about a service, its project, and the way to both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final, TypeVar

from console.language import tr
from console.model.doctor import permissions, project, quotas, reaching, serving
from console.model.doctor.answers import NOBODY, Because, Place, Unanswered
from console.model.doctor.checks import Check, Purpose
from console.model.doctor.facts import Answer, Login, ProjectFacts, Reached
from console.model.doctor.finding import Finding, State
from console.model.service import ServiceFacts, ServiceName
from console.model.storage import Bucket
from console.session.doctor.asking import Once, ask
from console.session.doctor.case import Case, World
from console.sources.google_channel import GoogleCloud

_Thing = TypeVar("_Thing")
Finder = Coroutine[Any, Any, Finding]

_LOGIN_SECONDS: Final = 30.0
"""How long finding out who is logged in may take: `gcloud` needs a second to start."""


class CloudChecks:
    """Asks `google`, or tells why it cannot be; what several checks need is asked once."""

    def __init__(
        self,
        case: Case,
        name: ServiceName,
        world: World,
        google: Answer[GoogleCloud],
        seconds: float,
    ) -> None:
        self._case = case
        self._name = name
        self._world = world
        self._google = google
        self._seconds = seconds
        self.service = Once(self._find_service)
        self._reached = Once(self._reach)
        self._login = Once(self._who)
        self._project = Once(self._find_project)
        self._held = Once(self._find_permissions)
        self._bucket = Once(self._find_bucket)

    def checks(self) -> Mapping[Check, Callable[[], Finder]]:
        """Return what finds out about each thing."""
        return {
            Check.NETWORK: self._network,
            Check.CLOCK: self._clock,
            Check.LOGIN: self._logged_in,
            Check.GCLOUD_LOGIN: self._gcloud_login,
            Check.PROJECT: self._project_found,
            Check.BILLING: self._billing,
            Check.INTERFACES: self._interfaces,
            Check.WATCHING: self._watching,
            Check.DEPLOYING: self._deploying,
            Check.STORING: self._storing,
            Check.QUOTAS: self._quotas,
            Check.BUCKET: self._bucket_found,
            Check.SERVICE: self._service_found,
        }

    async def _network(self) -> Finding:
        return reaching.network(await self._reached(), self._case.sandbox)

    async def _clock(self) -> Finding:
        return reaching.clock(await self._reached())

    async def _logged_in(self) -> Finding:
        refused = await self._refused()
        login = await self._login()
        if login is None:
            return reaching.sandbox_login(refused)
        clock = reaching.clock(await self._reached())
        return reaching.login(login, refused, clock.state is State.WRONG)

    async def _gcloud_login(self) -> Finding:
        logins = await self._world.logins()
        found = await ask(logins.gcloud(), tr("ask gcloud who is logged in"), _LOGIN_SECONDS)
        return reaching.gcloud_login(found, self._name.project)

    async def _project_found(self) -> Finding:
        return project.project(await self._project(), await self._place())

    async def _billing(self) -> Finding:
        found = await self._ask(
            tr("read who pays"), lambda cloud: cloud.project.billing(self._name.project)
        )
        return project.billing(found, await self._place())

    async def _interfaces(self) -> Finding:
        found = await self._ask(
            tr("read which APIs are on"), lambda cloud: cloud.project.interfaces(self._name.project)
        )
        return project.interfaces(found, await self._place(), self._case.looking)

    async def _watching(self) -> Finding:
        return permissions.watching(await self._held(), await self._place())

    async def _deploying(self) -> Finding:
        place, surely = await self._place(), self._case.purpose is Purpose.DEPLOY
        return permissions.deploying(await self._held(), place, surely)

    async def _storing(self) -> Finding:
        name, found = await self._bucket()
        place, surely = await self._place(), self._case.purpose is Purpose.DEPLOY
        looks = not surely and permissions.only_looks(await self._held())
        if isinstance(found, Unanswered) and found.because is Because.MISSING:
            return permissions.storing(await self._held(), place, "", looks)
        held = await self._ask(
            tr("read permissions of the bucket"),
            lambda cloud: cloud.project.bucket_permissions(
                place.project, name, permissions.STORING
            ),
        )
        return permissions.storing(held, place, name, looks)

    async def _quotas(self) -> Finding:
        service = await self.service()
        known = service if isinstance(service, ServiceFacts) else None
        shape = quotas.wanted(self._case.choice, known)
        names = tuple(shape.needs)
        answers = await asyncio.gather(*map(self._quota, names))
        allowed = dict(zip(names, answers, strict=True))
        return quotas.quotas(shape, allowed, await self._place())

    async def _quota(self, quota: str) -> Answer[int | None]:
        at = self._name
        return await self._ask(
            tr("read quotas"), lambda cloud: cloud.project.quota(at.project, at.region, quota)
        )

    async def _bucket_found(self) -> Finding:
        name, found = await self._bucket()
        return serving.bucket(name, found, await self.service(), await self._place())

    async def _service_found(self) -> Finding:
        return serving.service(await self.service(), await self._place())

    async def _find_service(self) -> Answer[ServiceFacts]:
        return await self._ask(tr("read the service"), lambda cloud: cloud.services.get(self._name))

    async def _find_project(self) -> Answer[ProjectFacts]:
        return await self._ask(
            tr("read the project"), lambda cloud: cloud.project.project(self._name.project)
        )

    async def _find_permissions(self) -> Answer[frozenset[str]]:
        wanted = permissions.OF_THE_PROJECT
        return await self._ask(
            tr("read permissions"),
            lambda cloud: cloud.project.permissions(self._name.project, wanted),
        )

    async def _find_bucket(self) -> tuple[str, Answer[Bucket]]:
        name = serving.models_bucket(await self.service(), self._name.project)
        found = await self._ask(tr("read the bucket"), lambda cloud: cloud.storage.bucket(name))
        return name, found

    async def _reach(self) -> Answer[Reached]:
        if isinstance(self._google, Unanswered):
            if self._case.sandbox:
                return self._google
            reach = await self._world.reach()
        else:
            reach = self._google.reach
        return await ask(reach.reach(), tr("reach the cloud"), self._seconds)

    async def _who(self) -> Answer[Login] | None:
        """Return the login, None for the sandbox, which asks for none."""
        if self._case.sandbox:
            return None
        logins = await self._world.logins()
        return await ask(logins.login(), tr("find out who is logged in"), _LOGIN_SECONDS)

    async def _refused(self) -> Unanswered | None:
        """Return how a question was refused that takes a login."""
        found = await self._project()
        return found if isinstance(found, Unanswered) else None

    async def _place(self) -> Place:
        login, at = await self._login(), self._name
        account = login.account if isinstance(login, Login) else NOBODY
        named = self._case.context if self._case.sandbox else ""
        return Place(at.project, at.region, at.service, account, named)

    async def _ask(
        self, what: str, question: Callable[[GoogleCloud], Awaitable[_Thing]]
    ) -> Answer[_Thing]:
        if isinstance(self._google, Unanswered):
            return self._google
        return await ask(question(self._google), what, self._seconds)
