"""What Docker there is, and what its engine keeps, as the `docker` program tells it.

Nothing is removed. Source: https://docs.docker.com/reference/cli/docker/system/df/.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from console.model.doctor.facts import CacheRecord, Docker, DockerEngine, DockerImage, Program
from console.model.text import SafeText
from console.sources.base import SourceError
from console.sources.programs import SECONDS, Json, Said, ask, find, json_in, objects_in, text_in
from console.terminal.sanitise import sanitise

_ALL: Final = "{{json .}}"
_SIZE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?([kMGT]?)B")
_FACTORS: Final = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_VERSION: Final = re.compile(r"version ([^\s,]+)")
_NO_NAME: Final = "<none>"


class DockerProgram:
    """The `docker` program, as it is found in `environment`'s PATH.

    `exists` says whether there is a folder on this machine.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        exists: Callable[[Path], bool] = Path.exists,
        seconds: float = SECONDS,
    ) -> None:
        self._environment = environment
        self._exists = exists
        self._seconds = seconds
        self._path = find("docker", environment)

    async def look(self) -> Docker:
        """Return what there is; raises `SourceError` when the program does not end."""
        if self._path is None:
            return Docker(Program(None), SafeText(""))
        version, said = await asyncio.gather(
            self._ask("--version"), self._ask("info", "--format", _ALL)
        )
        client = _client(self._path, version)
        info = json_in(said.output)
        server = text_in(info, "ServerVersion")
        if not server:
            why = said.errors or "it says nothing of itself"
            return Docker(client, sanitise(why))
        return Docker(client, await self._engine(info, server))

    async def _engine(self, info: Json, server: str) -> DockerEngine:
        root = text_in(info, "DockerRootDir")
        images, cache, used = await self._kept()
        return DockerEngine(
            version=sanitise(server),
            root=sanitise(root),
            here=self._on_this_machine() and bool(root) and self._exists(Path(root)),
            images=images,
            cache=cache,
            used=used,
        )

    def _on_this_machine(self) -> bool:
        host = self._environment.get("DOCKER_HOST", "")
        return not host or host.startswith("unix:")

    async def _kept(self) -> tuple[tuple[DockerImage, ...], tuple[CacheRecord, ...], int | None]:
        """Return what takes up room; nothing if Docker does not say in time."""
        try:
            each, sums = await asyncio.gather(
                self._ask("system", "df", "--verbose", "--format", _ALL),
                self._ask("system", "df", "--format", _ALL),
            )
        except SourceError:
            return (), (), None
        said = json_in(each.output)
        sizes = [_size(text_in(json_in(line), "Size")) for line in sums.output.splitlines()]
        known = [size for size in sizes if size is not None]
        return (
            tuple(image for item in objects_in(said, "Images") if (image := _image(item))),
            tuple(record for item in objects_in(said, "BuildCache") if (record := _record(item))),
            sum(known) if known and len(known) == len(sizes) else None,
        )

    async def _ask(self, *arguments: str) -> Said:
        assert self._path is not None
        return await ask((self._path, *arguments), self._environment, self._seconds)


def _client(path: str, said: Said) -> Program:
    match = _VERSION.search(said.output.decode("utf-8", "replace"))
    problem = said.errors or f"exit status {said.code}" if said.code else ""
    return Program(sanitise(path), sanitise(match[1] if match else ""), sanitise(problem))


def _image(item: Json) -> DockerImage | None:
    identifier, repository = text_in(item, "ID"), text_in(item, "Repository")
    if not identifier:
        return None
    tag = text_in(item, "Tag")
    name = "" if repository == _NO_NAME else repository
    return DockerImage(
        id=sanitise(identifier.removeprefix("sha256:")[:12]),
        name=sanitise(f"{name}:{tag}" if name and tag and tag != _NO_NAME else name),
        size=_size(text_in(item, "Size")),
        # What cannot be told from the count counts as used, so that nothing is offered for it.
        used=text_in(item, "Containers") != "0",
    )


def _record(item: Json) -> CacheRecord | None:
    identifier = text_in(item, "ID")
    if not identifier.isalnum():
        return None
    return CacheRecord(
        id=sanitise(identifier),
        description=sanitise(text_in(item, "Description")),
        size=_size(text_in(item, "Size")),
        in_use=text_in(item, "InUse") != "false",
    )


def _size(text: str) -> int | None:
    """Read a size as Docker writes it for people, such as `1.5GB`; None if it is none."""
    match = _SIZE.fullmatch(text.strip())
    return None if match is None else int(float(match[1]) * _FACTORS[match[2]])
