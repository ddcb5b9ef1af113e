"""What of a deployment its starts and costs depend on: its set-up, and the shape of revisions."""

from __future__ import annotations

import asyncio
from typing import Final

from console.model.cost.compute_cost import Shape, shape_of
from console.model.service import Revision, ServiceFacts, ServiceName
from console.model.starts.snapshot import Setting
from console.model.starts.start import ProbeKind
from console.model.text import SafeText
from console.session.history.keeper import HistoryKeeper
from console.sources.base import Missing, ServiceSource, SourceError
from console.store import Store, Topic

BETWEEN_SECONDS: Final = 1.0
"""How long to wait between two revisions that are asked for."""

AGAIN_SECONDS: Final = 60.0
"""How long to wait after a failure."""


class DeploymentWatch:
    """Tells `keeper` what `store` knows of the service, and asks for revisions of before."""

    def __init__(self, store: Store, keeper: HistoryKeeper) -> None:
        self._store = store
        self._keeper = keeper
        self._facts: ServiceFacts | None = None
        self._gone: set[SafeText] = set()
        self._news = asyncio.Event()

    async def run(self, services: ServiceSource, name: ServiceName) -> None:
        """Tell what changes, and ask what revisions get of which there are lives."""
        ends = [
            self._store.subscribe(self._heard),
            self._keeper.subscribe(self._news.set),
        ]
        try:
            self._heard(Topic.SERVICE)
            await self._keeper.loaded.wait()
            while True:
                self._news.clear()
                await self._ask(services, name)
                await self._news.wait()
        finally:
            for end in ends:
                end()

    def _heard(self, topic: Topic) -> None:
        facts = self._store.service.facts
        if topic is not Topic.SERVICE or facts is None or facts == self._facts:
            return
        self._facts = facts
        self._keeper.set_up(setting_of(facts))
        if facts.latest_created_revision is not None and not facts.reconciling:
            shape = _shape(facts, facts.name.region)
            self._keeper.keep_shape(facts.latest_created_revision, shape)

    async def _ask(self, services: ServiceSource, name: ServiceName) -> None:
        """Ask for what is not known of each revision of which there are lives."""
        for revision in tuple(self._keeper.lives):
            if not revision or revision in self._keeper.shapes or revision in self._gone:
                continue
            try:
                facts = await services.revision(name, revision)
            except Missing:
                self._gone.add(revision)
            except SourceError:
                await asyncio.sleep(AGAIN_SECONDS)
                self._news.set()
                return
            else:
                self._keeper.keep_shape(revision, _shape(facts, name.region))
            await asyncio.sleep(BETWEEN_SECONDS)


def setting_of(facts: ServiceFacts) -> Setting:
    """Return what of a service matters for its starts."""
    probe = facts.startup_probe
    return Setting(
        mounted=bool(facts.volumes),
        direct=facts.read_directly is not None,
        gpu=facts.gpu is not None,
        cpu_boost=facts.cpu_boost,
        http_probe=None if probe is None else str(probe.kind) == ProbeKind.HTTP,
        probe_period=None if probe is None else probe.period,
    )


def _shape(facts: ServiceFacts | Revision, region: str) -> Shape:
    return shape_of(
        facts,
        region,
        min_instances=facts.min_instances,
        max_instances=facts.max_instances,
        zonal_redundancy=facts.zonal_redundancy,
    )
