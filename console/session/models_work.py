"""What is done with model files at somebody's wish: fetching, pushing and comparing them.

Each goes on while other screens are shown, in threads of its own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console.language import tr, tr_later
from console.model.models.pull_offer import PullOffer, PullWish
from console.model.models.push_offer import PushChoices, PushOffer
from console.model.storage import Kept
from console.session.models_here import shortened
from console.session.models_jobs import ModelsJobs
from console.session.models_pull import ModelsPull
from console.session.models_push import ModelsPush, Say
from console.session.models_verify import verify
from console.session.models_watch import NO_BUCKET_HERE, NO_DIRECTORY, ModelsWatch
from console.session.transfer.place import NoPlace
from console.session.transfer.upload_records import UploadRecords
from console.sources.base import Offline
from console.store import Store
from console.terminal.sanitise import sanitise

if TYPE_CHECKING:
    from console.session.cloud_session import Cloud

_NO_WAY: Final = tr_later("there is no way to the bucket now")
_WAY_SECONDS: Final = 15.0


class ModelsWork:
    """Does one thing at a time with what `watch` knows of; `relist` asks for the bucket's list.

    `mounts` says whether a bucket can belong to what is looked after. `environment` is what the
    engine inherits, and names the hub. `records` are as for `ModelsPush`.
    """

    def __init__(
        self,
        store: Store,
        watch: ModelsWatch,
        environment: Mapping[str, str] = os.environ,
        *,
        mounts: bool,
        relist: Callable[[], None] = lambda: None,
        records: UploadRecords | None = None,
    ) -> None:
        self.watch = watch
        self._store = store
        self._environment = environment
        self._mounts = mounts
        self._cloud: Cloud | None = None
        self._reached = asyncio.Event()
        self._jobs = ModelsJobs(store, watch)
        self._pushing = ModelsPush(self._jobs, watch, environment, relist, records)
        self._pulling = ModelsPull(self._jobs, watch, environment)

    def reach(self, cloud: Cloud | None) -> None:
        """Work by this way to the cloud from now on; None if there is none."""
        self._cloud = cloud
        if cloud is not None:
            self._reached.set()
        else:
            self._reached.clear()

    def wanted(self) -> None:
        """Somebody comes to see the files."""
        self.watch.wanted()

    def look_at(self, directory: str) -> None:
        """Look into another directory from now on."""
        self.watch.look_at(Path(directory).expanduser().absolute())

    @property
    def busy(self) -> bool:
        """Whether something is done."""
        return self._jobs.busy

    async def offer(self, say: Say) -> PushOffer:
        """Return what a push would do now; `say` hears what is looked at. Raises `SourceError`."""
        directory = self._directory()
        return await self._pushing.offer(await self._way(say), directory, say)

    def push(self, offer: PushOffer, choices: PushChoices) -> None:
        """Carry out what was offered last, as was chosen."""
        self._pushing.push(offer, choices)

    def source(self) -> str:
        """Return the address that published files come from; raises `SourceError`."""
        return self._pulling.place()

    def target(self) -> str:
        """Return the directory that they go to, unless somebody names another."""
        return shortened(self._pulling.directory())

    async def pull_offer(self, wish: PullWish, say: Say) -> PullOffer:
        """Return what a pull would do now; `say` hears what is looked at.

        Raises `SourceError` and `OSError`.
        """
        return await self._pulling.offer(wish, say)

    def pull(self, offer: PullOffer) -> None:
        """Carry out what was offered last."""
        self._pulling.pull(offer)

    def verify(self) -> None:
        """Read the files here, and compare them with what is in the bucket; raises `SourceError`.

        Nothing is read of the bucket: it tells the checksums of what it has.
        """
        directory, there = self._directory(), self._store.models.there
        if not self._mounts:
            raise NoPlace(sanitise(tr(NO_BUCKET_HERE)))
        if there is None:
            raise Offline(sanitise(tr("what is in the bucket is not known yet")))
        if self.busy:
            return
        live = there.found.of(Kept.LIVE)
        self._jobs.begin(verify(self._jobs, self.watch, directory, self._environment, live))

    def stop(self) -> bool:
        """Stop what is done; says whether anything was. A transfer can be gone on with."""
        return self._jobs.stop()

    async def close(self) -> None:
        """Stop, and leave threads to end by themselves."""
        await self._jobs.close()

    async def _way(self, say: Say) -> Cloud:
        """Return the way to the bucket; one that is just being opened is waited for."""
        if not self._mounts:
            raise NoPlace(sanitise(tr(NO_BUCKET_HERE)))
        if self._cloud is None:
            say(tr("waiting for a way to the bucket"))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._reached.wait(), _WAY_SECONDS)
        cloud = self._cloud
        if cloud is None or cloud.storage is None or cloud.uploads is None:
            raise Offline(sanitise(tr(_NO_WAY)))
        return cloud

    def _directory(self) -> Path:
        if self.watch.directory is None:
            raise NoPlace(sanitise(tr(NO_DIRECTORY)))
        return self.watch.directory
