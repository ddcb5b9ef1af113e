"""Published files fetched to this machine at the wish of somebody at the screen."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console.language import tr
from console.model.models.progress import Way
from console.model.models.pull_offer import PullOffer, PullWish, pull_offer
from console.model.models.snapshot import Job, Stage, Work
from console.session.models_jobs import ModelsJobs
from console.session.models_watch import ModelsWatch
from console.sources.base import EngineFailed, SourceError
from console.sources.off_loop import off_loop
from console.sources.tools import BUNDLED
from console.terminal.sanitise import sanitise

if TYPE_CHECKING:
    from console.sources.hub import HubSource

USUAL_DIRECTORY: Final = Path("~/models/z-image")
"""Where files go to if no directory was named."""


class ModelsPull:
    """Offers pulls and carries out the one that was offered last.

    `environment` names the hub or its mirror, and what to log in with.
    """

    def __init__(
        self, jobs: ModelsJobs, watch: ModelsWatch, environment: Mapping[str, str]
    ) -> None:
        self._jobs = jobs
        self._watch = watch
        self._environment = environment
        self._offered: tuple[PullOffer, HubSource] | None = None

    def place(self) -> str:
        """Return the address that files come from; raises `SourceError` if it is none."""
        from console.sources.hub import InvalidEndpoint, endpoint_of

        try:
            return endpoint_of(self._environment)
        except InvalidEndpoint as error:
            raise EngineFailed(sanitise(str(error))) from None

    def directory(self) -> Path:
        """Return where files go to unless somebody says otherwise: where one looks, if that is one.

        The files that come with the console are not to be mixed with others.
        """
        here = self._watch.directory
        return USUAL_DIRECTORY.expanduser() if here is None or here == BUNDLED else here

    async def offer(self, wish: PullWish, say: Callable[[str], None]) -> PullOffer:
        """Return what a pull would do now; `say` hears what is looked at.

        Raises `SourceError` and `OSError`.
        """
        from console.session.transfer.part_file import PullError
        from console.session.transfer.pull import measured, plan_pull
        from console.session.transfer.waiting import Surroundings
        from console.sources.hub import hub_of

        self._jobs.alone()
        self.place()
        source, endpoint = hub_of(self._environment)
        loop, stop = asyncio.get_running_loop(), threading.Event()
        around = Surroundings(time.monotonic, stop.wait)

        def tell(doing: str) -> None:
            # Whoever listened may be gone, and the loop with it.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(say, doing)

        def look() -> PullOffer:
            plan = plan_pull(source, endpoint, wish.files, _target(wish), around, tell)
            if plan.missing and not plan.lacking:
                tell(tr("measuring how fast {place} is", place=source.place))
                plan = measured(plan, source, around)
            return pull_offer(wish, plan)

        try:
            offer = await off_loop(look, "pull-plan")
        except PullError as error:
            raise EngineFailed(sanitise(str(error))) from None
        finally:
            stop.set()
        self._offered = offer, source
        return offer

    def pull(self, offer: PullOffer) -> None:
        """Carry out what was offered last, by somebody who saw what stands against it."""
        if self._offered is None or self._offered[0] is not offer or self._jobs.busy:
            return
        source = self._offered[1]
        self._offered = None
        if offer.useful:
            self._jobs.begin(self._pull(offer, source))

    async def _pull(self, offer: PullOffer, source: HubSource) -> None:
        from console.session.transfer.fetching import Stopped
        from console.session.transfer.pull import Pull
        from console.session.transfer.waiting import Surroundings

        around = Surroundings(time.monotonic, self._jobs.new_stop().wait)
        # Whoever agreed saw which files are replaced.
        work = Pull(offer.plan, source, around, replace_other=bool(offer.plan.different))
        job = Job(Work.PULL, work.progress(), offer=offer)
        try:
            progress = await self._jobs.shown(job, work.progress, work.run)
        except Stopped:
            self._jobs.end(job, work.progress, Stage.STOPPED)
        except (SourceError, OSError) as error:
            self._jobs.end(job, work.progress, Stage.FAILED, str(error))
        else:
            good = all(each.way is Way.ARRIVED for each in progress.files)
            self._jobs.end(job, work.progress, Stage.DONE if good else Stage.FAILED)
        finally:
            self._show(_target(offer.wish))

    def _show(self, directory: Path) -> None:
        """Look at what came."""
        if self._watch.directory == directory:
            self._watch.look()
        else:
            self._watch.look_at(directory)


def _target(wish: PullWish) -> Path:
    return Path(wish.directory).expanduser().absolute()
