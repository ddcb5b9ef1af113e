"""Places to go to for tests: contexts whose sessions start nothing, and a scripted directory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from console_scenes import QuietSession, settled
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.config import Config
from console.model.contexts import ContextChoice, Recent, context_choices
from console.model.projects import GcloudSettings, ListedService, Project, Region, ServiceList
from console.model.service import Condition, ConditionState, ServiceName, ServiceSnapshot
from console.model.text import SafeText
from console.modes import OpenDeployer
from console.screens.base import Surroundings
from console.sources.base import SourceError
from console.store import Store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SERVICE = "my-project/us-central1/z-image"


def listed(region: str, service: str, state: ConditionState) -> ListedService:
    ready = Condition(SafeText("Ready"), state)
    name = ServiceName("shop-prod", region, service)
    return ListedService(name=name, ready=ready, updated=NOON)


@dataclass
class ScriptedDirectory:
    """Answers what it is told to; an error is raised, and `None` keeps whoever asks waiting."""

    projects_answer: Sequence[Project] | SourceError | None = (
        Project("images-lab", SafeText("Images lab")),
        Project("shop-prod", SafeText("The shop")),
        Project("shop-test", SafeText("shop-test")),
    )
    regions_answer: Sequence[Region] | SourceError | None = (
        Region("asia-southeast1", SafeText("Singapore")),
        Region("europe-west4", SafeText("Netherlands")),
        Region("us-central1", SafeText("Iowa")),
    )
    services_answer: ServiceList | SourceError | None = field(
        default_factory=lambda: ServiceList(
            (
                listed("us-central1", "z-image", ConditionState.SUCCEEDED),
                listed("us-central1", "z-image-gpu", ConditionState.FAILED),
            )
        )
    )
    project_of_gcloud: str = "shop-test"

    async def settings(self) -> GcloudSettings:
        return GcloudSettings(project=SafeText(self.project_of_gcloud) or None)

    async def projects(self) -> tuple[Project, ...]:
        return tuple(await self._said(self.projects_answer))

    async def regions(self, project: str) -> tuple[Region, ...]:
        return tuple(await self._said(self.regions_answer))

    async def services(self, project: str) -> ServiceList:
        found: ServiceList = await self._said(self.services_answer)
        return found

    async def aclose(self) -> None:
        pass

    async def _said(self, answer: Any) -> Any:
        if isinstance(answer, SourceError):
            raise answer
        if answer is None:
            await asyncio.Event().wait()
        return answer


class SessionToLeave(QuietSession):
    """Says when it runs, and takes a moment to end."""

    def __init__(self, store: Store, config: Config, journal: list[str]) -> None:
        super().__init__(store, config)
        store.set_service(ServiceSnapshot(source=config.context))
        self._journal = journal

    async def run(self) -> None:
        self._journal.append(f"{self.config.context} began")
        try:
            await super().run()
        finally:
            await asyncio.sleep(0)
            self._journal.append(f"{self.config.context} ended")


@dataclass
class ScriptedPlaces:
    """Places whose sessions write into `journal` when they begin and end."""

    config: Config
    configured: str | None = None
    recents: Sequence[Recent] = ()
    scripted: ScriptedDirectory | None = None
    journal: list[str] = field(default_factory=list)

    def choices(self) -> tuple[ContextChoice, ...]:
        return context_choices(self.configured, self.recents, NOON)

    def directory(self) -> ScriptedDirectory | None:
        return self.scripted

    def store(self, context: str) -> Store:
        return Store()

    def restarts(self, context: str) -> bool:
        return context == "local"

    def open_session(self, context: str, store: Store) -> SessionToLeave:
        return SessionToLeave(store, replace(self.config, context=context), self.journal)


@asynccontextmanager
async def console_with(
    places: ScriptedPlaces,
    context: str = "local",
    size: tuple[int, int] = (80, 24),
    open_deployer: OpenDeployer | None = None,
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    """A console that begins in `context` (empty: nobody said where) and can go to `places`."""
    app = ConsoleApp(
        Surroundings(Store(), lambda: 100.0, context=context),
        lambda store: places.open_session(context, store),
        places=places,
        open_deployer=open_deployer,
        repaint_interval=0.0,
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        await settled(app, pilot)
        try:
            yield app, pilot
        finally:
            await app.end_session()
