"""Published files fetched by a session, as the screen of model files has it done."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from cloud_scenes import NOW
from pull_scenes import names
from running_session import until
from stand_in_hub import StandInHub

from console.model.models.pull_offer import PullOffer, PullWish
from console.model.models.pulling import Standing
from console.model.models.snapshot import Stage, Work
from console.session.models_watch import ModelsWatch
from console.session.models_work import ModelsWork
from console.sources.base import SourceError
from console.sources.tools import BUNDLED
from console.store import Store

DEMO = ("z_image_demo-Q8_0.gguf", "qwen3_demo-Q8_0.gguf", "ae_demo.safetensors")
IN_SOCKETS = 2_000_000


def hold_demo(hub: StandInHub) -> int:
    """Have the stand-in hold the demo model as the published one; returns its bytes."""
    held = [(BUNDLED / name).read_bytes() for name in DEMO]
    for file, content in zip(PullWish(directory="").files, held, strict=True):
        hub.publish(file.repository, file.path, content)
    return sum(map(len, held))


@asynccontextmanager
async def working(
    store: Store, hub: StandInHub, directory: Path | None = BUNDLED
) -> AsyncIterator[ModelsWork]:
    """A session's work on an engine of this machine, with the stand-in as its mirror."""
    environment = {**os.environ, "HF_ENDPOINT": hub.endpoint}
    watch = ModelsWatch(store, directory, environment, lambda: NOW)
    work = ModelsWork(store, watch, environment, mounts=False)
    running = asyncio.create_task(watch.run())
    try:
        yield work
    finally:
        await work.close()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def offered(work: ModelsWork, directory: Path) -> PullOffer:
    return await work.pull_offer(PullWish(directory=str(directory)), lambda line: None)


def at(store: Store) -> Stage | None:
    return None if store.models.job is None else store.models.job.stage


def fetched(store: Store) -> int:
    return 0 if store.models.job is None else store.models.job.progress.done


async def test_what_was_fetched_is_looked_at(hub: StandInHub, tmp_path: Path) -> None:
    size, store = hold_demo(hub), Store()
    async with working(store, hub) as work:
        said: list[str] = []
        wish = PullWish(directory=str(tmp_path / "model"))
        offer = await work.pull_offer(wish, said.append)
        assert (offer.plan.missing, offer.plan.endpoint) == (size, hub.endpoint)
        assert "ae.safetensors" in offer.changed, "the demo model's is another file"
        assert said[0].startswith("asking 127.0.0.1")
        assert offer.plan.rate is not None
        assert not (tmp_path / "model").exists(), "nothing is written before it is agreed to"

        work.pull(offer)
        await until(store, lambda: at(store) is Stage.DONE and store.models.here is not None)
        job, here = store.models.job, store.models.here
        assert job is not None
        assert here is not None
        assert (job.work, job.stage, job.progress.done) == (Work.PULL, Stage.DONE, size)
        assert (here.directory, here.problem) == (str(tmp_path / "model"), "")
        assert names(tmp_path / "model") == sorted(each.name for each in wish.files)


async def test_a_pull_that_was_stopped_is_gone_on_with(hub: StandInHub, tmp_path: Path) -> None:
    size, store = hold_demo(hub), Store()
    async with working(store, hub) as work:
        offer = await offered(work, tmp_path)
        sampled, hub.pause = hub.sent, 0.03
        work.pull(offer)
        await until(store, lambda: fetched(store) > size / 4)
        with pytest.raises(SourceError, match="something is done with the files"):
            await offered(work, tmp_path)
        assert work.stop()
        await until(store, lambda: at(store) is Stage.STOPPED)

        hub.pause = 0.0
        passed = hub.sent - sampled
        offer = await offered(work, tmp_path)
        assert Standing.BEGUN in [each.standing for each in offer.plan.files]
        assert offer.plan.missing < size
        sampled = hub.sent
        work.pull(offer)
        await until(store, lambda: at(store) is Stage.DONE)
        assert passed + hub.sent - sampled < size + IN_SOCKETS


async def test_another_session_goes_on_with_what_was_left(hub: StandInHub, tmp_path: Path) -> None:
    size, store = hold_demo(hub), Store()
    async with working(store, hub) as work:
        offer = await offered(work, tmp_path)
        hub.pause = 0.03
        work.pull(offer)
        await until(store, lambda: fetched(store) > size / 4)
    hub.pause = 0.0
    store = Store()
    async with working(store, hub) as work:
        offer = await offered(work, tmp_path)
        assert offer.plan.missing < size
        work.pull(offer)
        await until(store, lambda: at(store) is Stage.DONE)


async def test_nothing_is_asked_of_an_address_that_is_none(hub: StandInHub, tmp_path: Path) -> None:
    hub.endpoint = "ftp://mirror"
    async with working(Store(), hub) as work:
        with pytest.raises(SourceError, match="is no address"):
            work.source()
        with pytest.raises(SourceError, match="is no address"):
            await offered(work, tmp_path)


async def test_files_go_where_one_looks_but_never_beside_the_demo_model(
    hub: StandInHub, tmp_path: Path
) -> None:
    async with working(Store(), hub) as work:
        assert work.target() == "~/models/z-image"
    async with working(Store(), hub, None) as work:
        assert work.target() == "~/models/z-image"
    async with working(Store(), hub, tmp_path) as work:
        assert work.target() == str(tmp_path)


async def test_a_file_where_the_directory_should_be_is_refused(
    hub: StandInHub, tmp_path: Path
) -> None:
    hold_demo(hub)
    (tmp_path / "file").write_text("")
    async with working(Store(), hub) as work:
        with pytest.raises(SourceError, match="is no directory; name one for the files"):
            await offered(work, tmp_path / "file")
