"""What is done about a deployment at somebody's wish: looking, planning, applying, stopping.

It goes on while other screens are shown. The way to the cloud is one of its own, since what is
under way must not end with a session that loses its connection for a moment.
"""

from __future__ import annotations

import asyncio
import importlib
import random
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from console.language import tr, tr_later
from console.model.deploy.observed import Observed, ServiceSeen, Unseen
from console.model.deploy.planning import plan_deployment
from console.model.deploy.progress import Application
from console.model.deploy.snapshot import Applied
from console.model.deploy.step import Plan
from console.model.deploy.wish import DeployWish
from console.model.service import ServiceName
from console.model.text import SafeText
from console.session.secrets import redacted
from console.sources.base import EngineFailed, Missing, Offline, SourceError, Unauthenticated
from console.store import Store
from console.terminal.sanitise import sanitise

if TYPE_CHECKING:
    from console.session.deploy.pace import Pace
    from console.session.deploy.world import Here
    from console.sources.google_channel import GoogleCloud

Planner = Callable[[DeployWish, Observed], Plan]
"""Makes a plan of what is wanted and what there is."""

_HEAVY: Final = (
    "console.session.deploy.observing",
    "console.session.deploy.applying",
    "console.session.transfer.push_planning",
)
_BUSY: Final = tr_later("a plan is carried out; wait for it, or stop it")


class DeployWork:
    """Plans deployments and carries them out; what is known of that is `store.deploy`.

    `open_google` is the way to the cloud, and raises `SourceError` when it is entered; `here` is
    what is on this machine.
    """

    def __init__(
        self,
        store: Store,
        open_google: Callable[[], AbstractAsyncContextManager[GoogleCloud]],
        here: Here,
    ) -> None:
        self.store = store
        self._open_google = open_google
        self._here = here
        self._pace: Pace | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether a plan is carried out."""
        return self._task is not None and not self._task.done()

    def remembered(self, place: ServiceName) -> Applied | None:
        """Return what was deployed from here last, None if nothing is remembered."""
        return self._here.journal.read(place).applied

    def recall(self, place: ServiceName) -> None:
        """Show what is remembered of a service: its last deployment, and one broken off."""
        known = self._here.journal.read(place)
        self._put(applied=known.applied, unfinished=bool(known.plan), begun=known.plan)

    def begun(self, place: ServiceName) -> DeployWish | None:
        """Return what a deployment is to bring about that was begun here and has not ended."""
        return self._here.journal.read(place).wish

    def say(self, problem: SafeText) -> None:
        """Show in one line why there is no plan."""
        self._put(looking=None, problem=problem)

    async def seen(self, place: ServiceName) -> ServiceSeen:
        """Return a service that there is, and nothing else; raises `SourceError`."""
        await self._imported()
        async with self._open_google() as google:
            found = await google.deploying.services.seen(place)
        if found is None:
            raise Missing(
                sanitise(tr("there is no service {place} yet; n plans a deployment", place=place))
            )
        return found

    async def look_at_revisions(self, place: ServiceName) -> None:
        """Show a service with its revisions, or none where they cannot be seen now."""
        seen: ServiceSeen | None = None
        with suppress(SourceError):
            seen = await self.seen(place)
        self._put(seen=seen)

    async def look(
        self, wish: DeployWish, planner: Planner | None = None, *, neighbours: bool = False
    ) -> Plan:
        """Look at everything that `wish` touches, and show and return a plan.

        It is one to deploy unless there is another `planner`; one that destroys needs to know the
        `neighbours`. Nothing is raised for what could not be seen: the plan says what it takes for
        granted, and what it is blocked by. Raises `EngineFailed` while a plan is carried out.
        """
        if self.busy:
            raise EngineFailed(sanitise(tr(_BUSY)))
        self._put(looking=sanitise(tr("looking at what there is")), problem=None)
        try:
            observed = await self.observe(wish, neighbours=neighbours)
            plan = (planner or self._deployment)(wish, observed)
        except ValueError as error:
            self._put(looking=None, plan=None, problem=sanitise(str(error)))
            raise EngineFailed(sanitise(str(error))) from None
        finally:
            self._put(looking=None)
        self._settle(plan)
        known = self._here.journal.read(wish.place)
        same = known.applied is not None and known.applied.wish == wish and planner is None
        self._put(
            plan=plan,
            drift=plan if same else self.store.deploy.drift,
            observed_at=self._here.clock(),
            applied=known.applied,
            unfinished=bool(known.plan),
            begun=known.plan,
        )
        return plan

    def _settle(self, plan: Plan) -> None:
        """Note that what was broken off has come to its end, if nothing of it is left to do."""
        known = self._here.journal.read(plan.wish.place) if plan.wish else None
        if known is None or known.wish is None or known.wish != plan.wish:
            return
        if plan.service is not None and not plan.acting and not plan.hindrances:
            done = Applied(wish=known.wish, at=self._here.clock())
            self._here.journal.note(known.wish.place, plan="", wish=None, build="", applied=done)

    async def observe(self, wish: DeployWish, *, neighbours: bool = False) -> Observed:
        """Return what there is of everything that `wish` touches."""
        await self._imported()
        from console.session.deploy.observing import observe

        def say(words: str) -> None:
            self._put(looking=sanitise(words))

        try:
            async with self._open_google() as google:
                return await observe(wish, google, self._here, say=say, neighbours=neighbours)
        except SourceError as error:
            blocks = isinstance(error, (Unauthenticated, Offline, EngineFailed))
            nobody = Unseen(sanitise(redacted(error.message)), blocks)
            return await observe(wish, nobody, self._here, say=say)

    async def look_for_drift(self, place: ServiceName) -> Plan | None:
        """Show and return what lies between what there is and what was deployed from here last.

        None if nothing was.
        """
        applied = self._here.journal.read(place).applied
        if applied is None:
            self._put(applied=None, drift=None)
            return None
        try:
            drift = self._deployment(applied.wish, await self.observe(applied.wish))
        finally:
            self._put(looking=None)
        self._put(applied=applied, drift=drift)
        return drift

    def apply(self, plan: Plan) -> None:
        """Begin to carry a plan out; raises `EngineFailed` if one is carried out, or it may not."""
        if self.busy:
            raise EngineFailed(sanitise(tr(_BUSY)))
        hindrance = next(iter(plan.hindrances), None)
        if hindrance is not None:
            raise EngineFailed(
                sanitise(tr("{words}; {mend}", words=hindrance.words, mend=hindrance.mend))
            )
        self._put(plan=plan, problem=None, application=None, drift=None)
        self._task = asyncio.create_task(self._apply(plan), name="deploy")

    async def applied(self, plan: Plan, told: Callable[[Application], None]) -> Application:
        """Carry a plan out and return how it ended; `told` hears how far it is.

        Raises `SourceError` if it could not even begin, and `OSError` if nothing can be remembered.
        """
        await self._imported()
        from console.session.deploy.applying import Apply
        from console.session.deploy.pace import Pace
        from console.session.deploy.world import World

        self._pace = Pace(clock=time.monotonic, jitter=random.random)
        async with self._open_google() as google:
            world = World(google=google, here=self._here)
            return await Apply(plan, world, self._pace, told).run()

    def stop(self) -> bool:
        """Stop after what is going on now; says whether anything was. It can be gone on with."""
        if self._pace is not None:
            self._pace.stop.set()
        return self.busy

    async def close(self) -> None:
        """Stop at once; what is under way in the cloud goes on, and is waited for the next time."""
        self.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _apply(self, plan: Plan) -> None:
        def told(application: Application) -> None:
            self._put(application=application)

        try:
            await self.applied(plan, told)
        except (SourceError, OSError) as error:
            self._put(problem=sanitise(redacted(str(error))))
        finally:
            if plan.place is not None:
                self.recall(plan.place)

    def _deployment(self, wish: DeployWish, observed: Observed) -> Plan:
        return plan_deployment(wish, observed, self._here.prices, self._today)

    @property
    def _today(self) -> date:
        return self._here.clock().date()

    async def _imported(self) -> None:
        """Import what takes its time, such as checksums and what speaks to Google, in a thread."""
        for module in _HEAVY:
            await asyncio.to_thread(importlib.import_module, module)

    def _put(self, **known: Any) -> None:
        self.store.set_deploy(replace(self.store.deploy, **known))
