"""What Docker there is, and what its engine keeps, as the `docker` program tells it.

Nothing is removed. Source: https://docs.docker.com/reference/cli/docker/system/df/.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from console.language import tr
from console.model.doctor.facts import Docker, DockerEngine, Program
from console.model.text import SafeText
from console.sources.base import SourceError
from console.sources.docker_kept import TITLE, Stock, stock
from console.sources.programs import (
    Json,
    Said,
    ask,
    exit_status,
    find,
    json_in,
    objects_in,
    text_in,
)
from console.terminal.sanitise import sanitise

SECONDS: Final = 6.0
"""How long Docker may take to say which it is."""

COUNTING_SECONDS: Final = 12.0
"""How long it may take to say what it keeps: it adds up the files of everything."""

_ALL: Final = "{{json .}}"
_LABELLED: Final = (
    '{"id":{{json .Id}},"tags":{{json .RepoTags}},"digests":{{json .RepoDigests}}'
    '{{with .Config}},"labels":{{json .Labels}}{{end}}}'
)
_MOST_LABELLED: Final = 500
_VERSION: Final = re.compile(r"version ([^\s,]+)")
_DESKTOP: Final = "Docker Desktop"


class DockerProgram:
    """The `docker` program, as it is found in `environment`'s PATH.

    `exists` says whether there is a folder on this machine. `seconds` is how long it may take to
    say which it is, `counting` how long to say what it keeps.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        exists: Callable[[Path], bool] = Path.exists,
        seconds: float = SECONDS,
        counting: float = COUNTING_SECONDS,
    ) -> None:
        self._environment = environment
        self._exists = exists
        self._seconds = seconds
        self._counting = counting
        self._path = find("docker", environment)

    async def look(self) -> Docker:
        """Return what there is; a program that fails or does not end is told of in it."""
        if self._path is None:
            return Docker(Program(None), SafeText(""))
        client, said = await asyncio.gather(self._client(self._path), self._info())
        if isinstance(said, str):
            return Docker(client, said)
        info = json_in(said.output)
        server = text_in(info, "ServerVersion")
        buildx = _has_buildx(info)
        if not server:
            why = said.errors or tr("it says nothing of itself")
            return Docker(client, sanitise(why), buildx)
        return Docker(client, await self._engine(info, server), buildx)

    async def _client(self, path: str) -> Program:
        try:
            said = await self._ask("--version")
        except SourceError as error:
            return Program(sanitise(path), problem=error.message)
        match = _VERSION.search(said.output.decode("utf-8", "replace"))
        problem = said.errors or exit_status(said.code) if said.code else ""
        return Program(sanitise(path), sanitise(match[1] if match else ""), sanitise(problem))

    async def _info(self) -> Said | SafeText:
        """Return what the engine says of itself, or why it does not."""
        try:
            return await self._ask("info", "--format", _ALL)
        except SourceError as error:
            return error.message

    async def _engine(self, info: Json, server: str) -> DockerEngine:
        root, kept = text_in(info, "DockerRootDir"), await self._kept()
        told = Stock() if isinstance(kept, str) else kept
        return DockerEngine(
            version=sanitise(server),
            root=sanitise(root),
            here=self._on_this_machine(info) and bool(root) and self._exists(Path(root)),
            images=told.images,
            cache=told.cache,
            kept=told.kept,
            silent=kept if isinstance(kept, str) else SafeText(""),
        )

    def _on_this_machine(self, info: Json) -> bool:
        """Say whether its folders are here: not over a network, nor in a machine in this one."""
        if text_in(info, "OperatingSystem") == _DESKTOP:
            return False
        host = self._environment.get("DOCKER_HOST", "")
        if host:
            return host.startswith("unix:")
        client = info.get("ClientInfo")
        context = text_in(client, "Context") if isinstance(client, dict) else ""
        return context in ("", "default", "rootless")

    async def _kept(self) -> Stock | SafeText:
        """Return what takes up room, or why that is not known."""
        try:
            async with asyncio.timeout(self._counting):
                # One after the other: an engine adds up for one at a time, and refuses a second.
                sums = await self._count("system", "df", "--format", _ALL)
                each = await self._count("system", "df", "--verbose", "--format", _ALL)
                labelled = await self._labelled()
        except (SourceError, TimeoutError):
            return sanitise(
                tr("`docker system df` said nothing within {seconds:g} s", seconds=self._counting)
            )
        if sums.code or each.code:
            return sanitise(sums.errors or each.errors or tr("`docker system df` failed"))
        lines = () if labelled is None else labelled.output.splitlines()
        return stock(json_in(each.output), sums.output.splitlines(), lines)

    async def _labelled(self) -> Said | None:
        """Return what Docker says of the images that have a title, None without any."""
        listed = await self._count(
            *("image", "ls", "--no-trunc", "--quiet", "--filter", f"label={TITLE}")
        )
        known = dict.fromkeys(listed.output.decode("ascii", "replace").split())
        if not known:
            return None
        asked = list(known)[:_MOST_LABELLED]
        return await self._count("image", "inspect", "--format", _LABELLED, *asked)

    async def _count(self, *arguments: str) -> Said:
        assert self._path is not None
        return await ask((self._path, *arguments), self._environment, self._counting)

    async def _ask(self, *arguments: str) -> Said:
        assert self._path is not None
        return await ask((self._path, *arguments), self._environment, self._seconds)


def _has_buildx(info: Json) -> bool | None:
    client = info.get("ClientInfo")
    if not isinstance(client, dict) or "Plugins" not in client:
        return None
    return any(text_in(each, "Name") == "buildx" for each in objects_in(client, "Plugins"))
