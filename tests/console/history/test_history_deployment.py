from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest
from history_scenes import record
from keeping import NAME, Kept, keeping

from console.model.cost.billed_time import Billing
from console.model.cost.life_records import InstanceRecord
from console.model.service import Revision, ServiceFacts, ServiceSnapshot, StartupProbe, Volume
from console.model.starts.snapshot import Setting
from console.model.text import SafeText
from console.session.history import deployment
from console.session.history.deployment import DeploymentWatch
from console.sources.base import Missing, Offline, SourceError

NEWEST, BEFORE, FIRST = (SafeText(f"z-image-0000{number}") for number in (3, 2, 1))
FACTS = ServiceFacts(
    name=NAME,
    latest_created_revision=NEWEST,
    cpu=SafeText("4"),
    memory=SafeText("16Gi"),
    gpu=SafeText("nvidia-l4"),
    zonal_redundancy=False,
    cpu_boost=True,
    startup_probe=StartupProbe(SafeText("HTTP"), 10.0, 90),
    volumes=(Volume(SafeText("models"), SafeText("/models")),),
    max_instances=3,
)


@dataclass
class Revisions:
    """Cloud Run, as far as it knows revisions; `refusals` come first."""

    known: dict[str, Revision] = field(default_factory=dict)
    refusals: list[SourceError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def revision(self, name: object, revision: str) -> Revision:
        assert name == NAME
        self.asked.append(revision)
        if self.refusals:
            raise self.refusals.pop(0)
        if revision not in self.known:
            raise Missing(SafeText("there is no such revision"))
        return self.known[revision]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "BETWEEN_SECONDS", 0.0)
    monkeypatch.setattr(deployment, "AGAIN_SECONDS", 0.0)


@asynccontextmanager
async def watching(kept: Kept, revisions: Revisions) -> AsyncIterator[None]:
    watch = DeploymentWatch(kept.store, kept.keeper)
    running = asyncio.create_task(watch.run(revisions, NAME))  # type: ignore[arg-type]
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def of(revision: SafeText, instance: str) -> InstanceRecord:
    told = record(instance)
    return replace(told, signs=replace(told.signs, revision=revision))


async def test_the_newest_revision_is_known_by_the_service(tmp_path: Path) -> None:
    async with keeping(tmp_path / "h.sqlite3") as kept, watching(kept, Revisions()):
        kept.store.set_service(ServiceSnapshot(facts=FACTS))
        await kept.until(lambda: NEWEST in kept.keeper.shapes)
        shape = kept.keeper.shapes[NEWEST]
        assert (shape.cpu, shape.memory, shape.gpu) == (Decimal(4), Decimal(16), "nvidia-l4")
        assert (shape.region, shape.zonal_redundancy) == ("us-central1", False)
        await kept.until(lambda: kept.store.starts.setting != Setting())
        assert kept.store.starts.setting == Setting(
            mounted=True, direct=False, gpu=True, cpu_boost=True, http_probe=True, probe_period=10.0
        )


async def test_while_it_is_rolled_out_nobody_knows_whose_shape_it_is(tmp_path: Path) -> None:
    async with keeping(tmp_path / "h.sqlite3") as kept, watching(kept, Revisions()):
        kept.store.set_service(ServiceSnapshot(facts=replace(FACTS, reconciling=True)))
        await kept.until(lambda: kept.store.starts.setting.gpu is True)
        assert kept.keeper.shapes == {}


async def test_what_earlier_revisions_got_is_asked_once(tmp_path: Path) -> None:
    before = Revision(name=BEFORE, cpu=SafeText("8"), cpu_always_allocated=True, min_instances=1)
    revisions = Revisions({BEFORE: before}, [Offline(SafeText("no answer"))])
    path = tmp_path / "h.sqlite3"
    async with keeping(path) as kept, watching(kept, revisions):
        for number, revision in enumerate((FIRST, BEFORE)):
            kept.keeper.keep_life(of(revision, f"a{number}"))
        await kept.until(lambda: BEFORE in kept.keeper.shapes)
        shape = kept.keeper.shapes[BEFORE]
        assert (shape.cpu, shape.billing, shape.min_instances) == (8, Billing.INSTANCES, 1)
        kept.keeper.keep_life(of(BEFORE, "a2"))
        await kept.until(lambda: len(kept.keeper.lives[BEFORE]) == 2)
    assert revisions.asked == [FIRST, FIRST, BEFORE]

    async with keeping(path) as kept, watching(kept, revisions):
        await kept.until(lambda: BEFORE in kept.keeper.shapes)
    assert revisions.asked.count(BEFORE) == 1
