"""What is known of model files, and for how long what came of comparing them holds."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cloud_scenes import NOW
from model_file_scenes import LIVE, VAE, stored, there
from running_session import until

from console.model.cost.bucket_cost import BucketContents
from console.model.cost.facts import Known
from console.model.freshness import Freshness, Freshnesses, Standing
from console.model.models.verification import Verdict, Verified
from console.model.service import ServiceSnapshot
from console.model.text import SafeText
from console.session.models_watch import Bucket, ModelsWatch
from console.session.models_work import ModelsWork
from console.sources.base import SourceError
from console.sources.prices import packaged_prices
from console.sources.tools import BUNDLED
from console.store import Store


@asynccontextmanager
async def watching(
    store: Store,
    directory: Path | None,
    contents: Callable[[], Known[BucketContents]] | None = None,
) -> AsyncIterator[ModelsWatch]:
    """A watch at work."""
    bucket = None if contents is None else Bucket(contents, packaged_prices)
    watch = ModelsWatch(store, directory, os.environ, lambda: NOW, bucket)
    running = asyncio.create_task(watch.run())
    await asyncio.sleep(0)
    try:
        yield watch
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def listed(store: Store, standing: Standing = Standing.FRESH) -> None:
    """Let the store say that the bucket was listed."""
    known = Freshnesses(weights=Freshness(standing, NOW))
    store.set_service(replace(ServiceSnapshot(), fresh=known))


async def test_a_directory_is_looked_into_when_somebody_comes_and_not_before() -> None:
    store = Store()
    async with watching(store, BUNDLED) as watch:
        assert store.models.here is None
        watch.wanted()
        await until(store, lambda: store.models.here is not None)
        assert store.models.here is not None
        assert store.models.here.bundled
        assert [each.part for each in store.models.here.files].count(None) == 0
        assert not store.models.here.problem


async def test_another_directory_takes_the_place_of_the_first(tmp_path: Path) -> None:
    store = Store()
    async with watching(store, BUNDLED) as watch:
        watch.look_at(tmp_path / "gone")
        await until(store, lambda: store.models.here_fresh.standing is Standing.ERROR)
        assert "does not exist" in (store.models.here_fresh.problem or "")
        assert store.models.here is None


async def test_without_a_directory_it_is_said_how_to_name_one() -> None:
    store = Store()
    async with watching(store, None) as watch:
        watch.wanted()
        await until(store, lambda: store.models.here_fresh.standing is Standing.ABSENT)
        assert "d names one" in (store.models.here_fresh.problem or "")


async def test_what_was_compared_holds_until_the_object_is_another() -> None:
    store, name = Store(), "ae_demo.safetensors"
    object_ = stored(replace(VAE, name=SafeText(name)), generation=7)
    known = [Known(there(object_), "")]
    listed(store)
    async with watching(store, BUNDLED, lambda: known[0]) as watch:
        watch.wanted()
        await until(store, lambda: store.models.here is not None)
        watch.compared([(Verified(name, object_.size, Verdict.SAME), 7)])
        assert store.models.compared is not None
        known[0] = Known(there(replace(object_, generation=8)), "")
        watch.changed()
        assert store.models.compared is None


@pytest.mark.parametrize("standing", [Standing.DENIED, Standing.ERROR])
async def test_a_bucket_that_is_closed_keeps_what_was_listed_before(standing: Standing) -> None:
    store = Store()
    listed(store)
    async with watching(store, None, lambda: Known(there(*LIVE), "")):
        assert store.models.there_fresh.standing is Standing.FRESH
        listed(store, standing)
        assert store.models.there_fresh.standing is standing
        assert store.models.there is not None


async def test_without_a_service_nothing_can_be_pushed_or_compared() -> None:
    store = Store()
    async with watching(store, BUNDLED) as watch:
        work = ModelsWork(store, watch, os.environ, mounts=False)
        with pytest.raises(SourceError, match="a bucket belongs to a service"):
            await work.offer(lambda line: None)
        with pytest.raises(SourceError, match="a bucket belongs to a service"):
            work.verify()
        assert not work.stop()
