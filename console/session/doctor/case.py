"""What is to be examined, and the sources that are asked about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from console.model.doctor.checks import Check, Purpose, asked_in
from console.model.doctor.facts import Terminal
from console.model.service import ServiceName
from console.sources.examination import LoginSource, MachineSource, ReachSource, ToolSource
from console.sources.google_channel import GoogleCloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is to be examined.

    `service` is what the context names, None for an engine on this machine. `choice` is `cpu` or
    `gpu` where somebody said which shape is to be looked at. `models` is the directory of model
    files, None for the bundled ones. `folders` are those that the console writes to. With
    `read_only` nobody can want to do more than look.
    """

    context: str
    service: ServiceName | None
    sandbox: bool
    terminal: Terminal
    history: Path
    folders: tuple[Path, ...]
    models: str | None = None
    choice: str = ""
    read_only: bool = False
    purpose: Purpose = Purpose.UNSAID

    @property
    def asked(self) -> frozenset[Check]:
        """What matters here."""
        cloud = self.service is not None and not self.sandbox
        return asked_in(cloud=cloud, sandbox=self.sandbox, looking=self.looking)

    @property
    def looking(self) -> bool:
        """Whether nothing is to be deployed."""
        return self.read_only or self.purpose is Purpose.LOOK


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Who is asked. `logins` and `reach` are made when they are needed, since they take long to.

    `open_cloud` is the way to the cloud; entering it raises `SourceError`. `reach` is asked where
    there is none.
    """

    open_cloud: Callable[[], AbstractAsyncContextManager[GoogleCloud]]
    logins: Callable[[], Awaitable[LoginSource]]
    reach: Callable[[], Awaitable[ReachSource]]
    tools: ToolSource
    machine: MachineSource
