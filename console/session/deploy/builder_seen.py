"""The Docker engine of this machine, and how much room it has."""

from __future__ import annotations

from pathlib import Path

from console.language import tr
from console.model.deploy.observed import ABSENT, Absent, BuilderSeen
from console.model.doctor.facts import DockerEngine
from console.sources.base import Offline
from console.sources.examination import ToolSource
from console.sources.off_loop import off_loop
from console.sources.this_machine import ThisMachine
from console.terminal.sanitise import sanitise


async def look_at_docker(tools: ToolSource) -> BuilderSeen | Absent:
    """Return what there is of Docker here; raises `SourceError` if its engine does not answer."""
    docker = await tools.docker()
    if docker.client.path is None:
        return ABSENT
    if not isinstance(docker.engine, DockerEngine):
        raise Offline(
            sanitise(tr("Docker's engine does not answer: {engine}", engine=docker.engine))
        )
    engine = docker.engine
    room = None
    if engine.here:
        room = (await off_loop(lambda: ThisMachine().space(Path(engine.root)), "room")).free
    return BuilderSeen(version=engine.version, room=room)
