"""What somebody at a screen wishes of a deployment, turned into plans and carried out.

Whatever is wished for is looked at in the background; only one thing at a time, and the last wish
counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from console.language import tr, tr_later
from console.model.deploy.choices import Choices
from console.model.deploy.likeness import choices_like, wish_like
from console.model.deploy.observed import ServiceSeen
from console.model.deploy.step import Plan
from console.model.service import ServiceName, TrafficShare
from console.session.deploy import moves
from console.session.deploy_work import DeployWork
from console.sources.base import EngineFailed, SourceError
from console.terminal.sanitise import sanitise

_NOTHING_PLANNED: Final = tr_later("nothing is planned; n plans a deployment")
_STOPPED: Final = tr_later("stopped looking; nothing was changed")

Look = Callable[[], Awaitable[object]]


class DeployDesk:
    """Takes wishes about the deployment of the service `place`.

    `usual` returns what is chosen where nobody said anything yet; it may take a moment, and raises
    `ValueError` or `SourceError`.
    """

    def __init__(
        self, work: DeployWork, place: ServiceName, usual: Callable[[], Awaitable[Choices]]
    ) -> None:
        self.place = place
        self._work = work
        self._usual = usual
        self._task: asyncio.Task[None] | None = None
        self._last: Look | None = None

    def wanted(self) -> None:
        """Somebody comes to see the deployment: say what is remembered, and what changed since."""
        if self._work.busy or self._looking:
            return
        self._work.recall(self.place)
        if self._work.store.deploy.plan is None:
            self._begin(self._arrival)

    async def choices(self) -> Choices:
        """Return what was chosen last, or is usual here; raises `ValueError` and `SourceError`."""
        usual = await self._usual()
        applied = self._work.remembered(self.place)
        if applied is not None:
            return choices_like(applied.wish, usual)
        begun = self._work.begun(self.place)
        if begun is not None:
            return choices_like(begun, usual)
        found: ServiceSeen | None = None
        with suppress(SourceError):
            found = await self._work.seen(self.place)
        wish = wish_like(self.place, None, found)
        guess = replace(usual, variant=wish.variant, gpu=wish.settings.gpu or usual.gpu)
        return replace(guess, bucket=wish.bucket) if found is not None else guess

    async def service(self) -> ServiceSeen:
        """Return the service with its revisions; raises `SourceError`."""
        return await self._work.seen(self.place)

    def deploy(self, choices: Choices) -> None:
        """Plan a deployment; raises `ValueError` for what contradicts itself."""
        wish = choices.wish(self.place)
        self._look(partial(self._work.look, wish))

    def roll_back(self, revision: str) -> None:
        """Plan to send all requests to a revision."""
        self._move(moves.roll_back(revision))

    def split(self, shares: tuple[TrafficShare, ...]) -> None:
        """Plan to split requests between revisions."""
        self._move(moves.split(shares))

    def scale(self, instances: int | None) -> None:
        """Plan to hold so many instances by hand, None: as many as are needed."""
        self._move(moves.scale(instances))

    def destroy(self, *, with_bucket: bool) -> None:
        """Plan to remove what was deployed, with the bucket or without."""
        self._move(moves.destroy(with_bucket=with_bucket))

    def drift(self) -> None:
        """Plan what was deployed from here last once more; raises `EngineFailed` if nothing was."""
        applied = self._work.remembered(self.place)
        if applied is None:
            raise EngineFailed(
                sanitise(tr("nothing was deployed from here yet; n plans a deployment"))
            )
        self._look(partial(self._work.look, applied.wish))

    def again(self) -> None:
        """Plan once more what was planned last, or what was begun and never ended.

        Raises `EngineFailed` if there is nothing of the kind.
        """
        begun = self._work.begun(self.place)
        if self._last is not None:
            self._look(self._last)
        elif begun is not None:
            self._look(partial(self._work.look, begun))
        else:
            raise EngineFailed(sanitise(tr(_NOTHING_PLANNED)))

    def apply(self, plan: Plan) -> None:
        """Carry a plan out; raises `EngineFailed` if it may not be."""
        self._work.apply(plan)

    def stop(self) -> bool:
        """Stop looking, or stop after what is being done now; says whether anything was."""
        if self._looking and self._task is not None:
            self._task.cancel()
            return True
        return self._work.stop()

    async def close(self) -> None:
        """End; what is under way in the cloud goes on, and is waited for the next time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._work.close()

    @property
    def _looking(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _arrival(self) -> None:
        await self._work.look_at_revisions(self.place)
        known = self._work.store.deploy
        if known.applied is not None and known.drift is None:
            await self._work.look_for_drift(self.place)

    def _look(self, look: Look) -> None:
        if self._work.busy:
            raise EngineFailed(
                sanitise(tr("a plan is carried out; wait for it, or stop it with s"))
            )
        self._last = look
        self._begin(look)

    def _begin(self, look: Look) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._quietly(look), name="deployment plan")

    async def _quietly(self, look: Look) -> None:
        try:
            await look()
        except SourceError as error:
            self._work.say(problem=error.message)
        except asyncio.CancelledError:
            if self._task is asyncio.current_task():
                self._work.say(problem=sanitise(tr(_STOPPED)))
            raise

    def _move(self, move: moves.Move) -> None:
        self._look(partial(moves.planned, self._work, self.place, move))
