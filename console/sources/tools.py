"""The programs that the doctor asks: gcloud, Docker, and the engine about model files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import engine
from console.language import tr
from console.model.doctor.facts import Docker, ModelFile, ModelSet, Program
from console.sources.base import EngineFailed, SourceError
from console.sources.docker import DockerProgram
from console.sources.local_engine import child_environment
from console.sources.programs import (
    SECONDS,
    Json,
    ask,
    exit_status,
    find,
    json_in,
    objects_in,
    text_in,
)
from console.terminal.sanitise import sanitise

BUNDLED: Final = Path(engine.__file__).parent / "demo" / "files"
_QUIETLY: Final = {
    "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
    "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
}
_SDK: Final = "Google Cloud SDK"
_ITS_OWN_WORDS: Final = "engine: "


class Tools:
    """A `ToolSource` of what is found by `environment`; each program may take `seconds`."""

    def __init__(self, environment: Mapping[str, str], seconds: float = SECONDS) -> None:
        self._environment = environment
        self._seconds = seconds

    async def gcloud(self) -> Program:
        """Return whether there is `gcloud`, whether it works, and of which version."""
        path = find("gcloud", self._environment)
        if path is None:
            return Program(None)
        command = (path, "version", "--format=json")
        try:
            said = await ask(command, {**self._environment, **_QUIETLY}, self._seconds)
        except SourceError as error:
            return Program(sanitise(path), problem=error.message)
        if said.code:
            why = said.errors or exit_status(said.code)
            return Program(sanitise(path), problem=sanitise(why))
        return Program(sanitise(path), sanitise(text_in(json_in(said.output), _SDK)))

    async def docker(self) -> Docker:
        """Return what Docker there is, and what its engine keeps."""
        return await DockerProgram(self._environment).look()

    async def models(self, directory: str | None) -> ModelSet:
        """Return what the engine says of a directory, None for the bundled one.

        Raises `SourceError`.
        """
        where = str(BUNDLED) if directory is None else directory
        command = (sys.executable, "-P", "-m", "engine", "inspect", where, "--json")
        said = await ask(command, child_environment(self._environment, ""), self._seconds)
        document = json_in(said.output)
        if "files" not in document:
            why = said.errors.removeprefix(_ITS_OWN_WORDS) or exit_status(said.code)
            if said.errors.startswith(_ITS_OWN_WORDS):
                return ModelSet(sanitise(where), (), sanitise(why), directory is None)
            words = tr("the engine cannot look at {directory}: {why}", directory=where, why=why)
            raise EngineFailed(sanitise(words))
        return ModelSet(
            directory=sanitise(where),
            files=tuple(_file(each) for each in objects_in(document, "files")),
            problem=sanitise(text_in(document, "problem")),
            bundled=directory is None,
        )


def _file(item: Json) -> ModelFile:
    size = item.get("bytes")
    return ModelFile(
        name=sanitise(Path(text_in(item, "path")).name),
        part=sanitise(text_in(item, "part")),
        bytes=size if isinstance(size, int) else 0,
        problem=sanitise(text_in(item, "problem")),
        warning=sanitise(text_in(item, "warning")),
    )
