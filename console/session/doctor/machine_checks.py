"""The doctor's questions about this machine: its programs, its room, its terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from console.language import tr
from console.model.doctor import docker_space, machine, tools
from console.model.doctor.answers import Unanswered
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer, Docker, DockerEngine, ModelSet, Space
from console.model.doctor.finding import Finding
from console.session.doctor.asking import Once, ask, ask_here
from console.session.doctor.case import Case, World
from console.session.doctor.history_file import look_at_history

Finder = Coroutine[Any, Any, Finding]


class MachineChecks:
    """Asks this machine; `on_gpu` says, once it is known, whether a GPU is to be built for."""

    def __init__(
        self, case: Case, world: World, on_gpu: Callable[[], Awaitable[bool]], seconds: float
    ) -> None:
        self._case = case
        self._world = world
        self._on_gpu = on_gpu
        self._seconds = seconds
        self._docker = Once(self._find_docker)
        self._missing = Once(self._find_missing)
        self._models = Once(self._find_models)

    def checks(self) -> Mapping[Check, Callable[[], Finder]]:
        """Return what finds out about each thing."""
        return {
            Check.GCLOUD: self._gcloud,
            Check.DOCKER: self._docker_found,
            Check.BUILD_SPACE: self._build_space,
            Check.ENGINE: self._engine,
            Check.MODELS: self._models_found,
            Check.MEMORY: self._memory,
            Check.DISK: self._disk,
            Check.HISTORY: self._history,
            Check.TERMINAL: self._terminal,
        }

    async def _gcloud(self) -> Finding:
        found = await ask(self._world.tools.gcloud(), tr("ask gcloud its version"), self._seconds)
        return tools.gcloud(found)

    async def _docker_found(self) -> Finding:
        return tools.docker(await self._docker())

    async def _build_space(self) -> Finding:
        found, space = await self._docker(), None
        engine = found.engine if isinstance(found, Docker) else None
        if isinstance(engine, DockerEngine) and engine.here:
            space = await self._space(Path(engine.root))
        return docker_space.build_space(found, space, await self._on_gpu())

    async def _engine(self) -> Finding:
        return machine.engine(await self._missing())

    async def _models_found(self) -> Finding:
        return machine.models(await self._models(), not await self._missing())

    async def _memory(self) -> Finding:
        found = await ask_here(self._world.machine.memory, tr("look at memory"), self._seconds)
        return machine.memory(found, await self._models())

    async def _disk(self) -> Finding:
        folders = self._case.folders
        found = await asyncio.gather(*map(self._space, folders))
        refused = next((each for each in found if isinstance(each, Unanswered)), None)
        return machine.disk(refused or [each for each in found if isinstance(each, Space)])

    async def _history(self) -> Finding:
        look = partial(look_at_history, self._case.history)
        return machine.history(await ask_here(look, tr("look at the history"), self._seconds))

    async def _terminal(self) -> Finding:
        return machine.terminal(self._case.terminal)

    async def _space(self, folder: Path) -> Answer[Space]:
        look = partial(self._world.machine.space, folder)
        return await ask_here(look, tr("look at {folder}", folder=folder), self._seconds)

    async def _find_docker(self) -> Answer[Docker]:
        return await ask(self._world.tools.docker(), tr("ask Docker"), self._seconds)

    async def _find_missing(self) -> Answer[tuple[str, ...]]:
        look = self._world.machine.missing_packages
        return await ask_here(look, tr("look for packages"), self._seconds)

    async def _find_models(self) -> Answer[ModelSet] | None:
        """Return what the model files are, None if they are not on this machine."""
        directory = self._case.models
        if directory is not None and "://" in directory:
            return None
        asked = self._world.tools.models(directory)
        return await ask(asked, tr("ask the engine about model files"), self._seconds)
