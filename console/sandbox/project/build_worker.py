"""What a build does here: `docker build` and `docker push`, without a Docker.

The source archive and the Dockerfile in it are real; the image is known by its digest alone. What
is written is what Cloud Build and Docker write.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import tarfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from console.sandbox.faults import Fault, Faults
from console.sandbox.json_calls import JsonObject, an_object, objects, strings, text
from console.sandbox.project.image_name import ImageName
from console.sandbox.project.registry import Registry
from console.sandbox.run.refused import Refused

Write = Callable[[str, str], None]
"""Writes a line into the build's log: which step says it, and what."""
Pause = Callable[[], Awaitable[None]]
"""Waits as long as one instruction of a Dockerfile takes."""

_DOCKER: Final = re.compile(
    r"(?:gcr\.io/cloud-builders/)?docker(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?"
)
_TAGGING: Final = ("-t", "--tag")
_FILE: Final = ("-f", "--file")
_GOES_ON: Final = re.compile(r"[ \t]*\\\n")
_MAIN: Final = "MAIN"
_LARGEST_DOCKERFILE: Final = 1024 * 1024
_PIECE: Final = 1024 * 1024
_LAYER: Final = 40_000_000
_NO_SPACE: Final = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left"


class BuildFailed(Exception):
    """A build that cannot go on; `kind` is the word that Cloud Build has for it."""

    def __init__(self, message: str, kind: str = "USER_BUILD_STEP") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(slots=True)
class Workspace:
    """The files of the source, and the images that were made of them.

    Of each there is its size, and what it runs on.
    """

    archive: Path | None = None
    files: dict[str, str] = field(default_factory=dict)
    images: dict[str, int] = field(default_factory=dict)
    architectures: dict[str, str] = field(default_factory=dict)


class BuildWorker:
    """Carries out builds; `source` finds the file of an object in a bucket."""

    def __init__(
        self,
        source: Callable[[str, str], Path | None],
        registry: Registry,
        pause: Pause,
        faults: Faults,
    ) -> None:
        self._faults = faults
        self._source = source
        self._registry = registry
        self._pause = pause

    async def run(self, build: JsonObject, write: Write) -> JsonObject:
        """Carry out a build and return its results; raises `BuildFailed`."""
        write(_MAIN, "FETCHSOURCE")
        workspace = await self._fetch(build, write)
        write(_MAIN, "BUILD")
        for number, step in enumerate(objects(build.get("steps"))):
            await self._step(number, step, workspace, write)
        write(_MAIN, "PUSH")
        pushed = [
            self._push(image, workspace, write, _MAIN) for image in strings(build.get("images"))
        ]
        write(_MAIN, "DONE")
        return {"images": pushed}

    async def _fetch(self, build: JsonObject, write: Write) -> Workspace:
        source = an_object(an_object(build.get("source")).get("storageSource"))
        if not source:
            return Workspace()
        bucket, name = text(source.get("bucket")), text(source.get("object"))
        write(_MAIN, f"Fetching storage object: gs://{bucket}/{name}")
        archive = self._source(bucket, name)
        if archive is None:
            raise BuildFailed(
                f"failed to fetch source: object gs://{bucket}/{name} does not exist",
                "FETCH_SOURCE_FAILED",
            )
        try:
            files = await asyncio.to_thread(_names, archive)
        except (OSError, tarfile.TarError, EOFError) as error:
            raise BuildFailed(
                f"failed to unpack source gs://{bucket}/{name}: {error}", "FETCH_SOURCE_FAILED"
            ) from None
        return Workspace(archive, files)

    async def _step(
        self, number: int, step: JsonObject, workspace: Workspace, write: Write
    ) -> None:
        who, image = f"Step #{number}", text(step["name"])
        if identifier := text(step.get("id")):
            who += f' - "{identifier}"'

        def say(line: str) -> None:
            write(who, f"{who}: {line}")

        try:
            command, *arguments = strings(step.get("args")) or [""]
            if not _DOCKER.fullmatch(image) or command not in ("build", "push"):
                raise BuildFailed(
                    f"{image} {command}: the sandbox carries out docker build and docker push alone"
                )
            if command == "build":
                await self._docker_build(arguments, workspace, say)
            else:
                self._push(_operand(arguments), workspace, write, who)
        except BuildFailed as failed:
            say(str(failed))
            raise BuildFailed(
                f'build step {number} "{image}" failed: step exited with non-zero status: 1'
            ) from None

    async def _docker_build(
        self, arguments: Sequence[str], workspace: Workspace, say: Callable[[str], None]
    ) -> None:
        file = _option(arguments, _FILE)[-1:] or ["Dockerfile"]
        tags = _option(arguments, _TAGGING)
        text_of_file = await asyncio.to_thread(_read, workspace, file[0])
        if text_of_file is None:
            raise BuildFailed(
                "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat "
                f"/workspace/{file[0]}: no such file or directory"
            )
        instructions = _instructions(text_of_file)
        if not instructions:
            raise BuildFailed(f"the Dockerfile ({file[0]}) cannot be empty")
        identity = hashlib.sha256(text_of_file.encode()).hexdigest()
        for number, instruction in enumerate(instructions, start=1):
            say(f"Step {number}/{len(instructions)} : {instruction}")
            await self._pause()
            if Fault.BUILD_FAILS in self._faults and number == (len(instructions) + 1) // 2:
                say(_NO_SPACE)
                raise BuildFailed(f"The command '{instruction}' returned a non-zero code: 1")
        say(f"Successfully built {identity[:12]}")
        for tag in tags:
            workspace.images[tag] = _LAYER * len(instructions)
            workspace.architectures[tag] = self._architecture(arguments)
            say(f"Successfully tagged {tag}")

    def _architecture(self, arguments: Sequence[str]) -> str:
        """Return what an image runs on: what is asked for, unless it turns out otherwise."""
        if Fault.IMAGE_ARM64 in self._faults:
            return "arm64"
        asked = _option(arguments, ("--platform",))[-1:]
        return asked[0].removeprefix("linux/").partition("/")[0] if asked else "amd64"

    def _push(self, image: str, workspace: Workspace, write: Write, who: str) -> JsonObject:
        if image not in workspace.images:
            raise BuildFailed(
                f"An image does not exist locally with the tag: {image}", "PUSH_FAILED"
            )
        try:
            name = ImageName.parse(image)
            content = "".join((image, *workspace.files.values()))
            digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
            pushed = self._registry.push(
                name, digest, workspace.images[image], workspace.architectures[image]
            )
        except (ValueError, Refused) as error:
            write(who, f"denied: {error}")
            raise BuildFailed(f"failed to push {image}: {error}", "PUSH_FAILED") from None
        write(who, f"The push refers to repository [{name.path}]")
        write(who, f"{name.tag or 'latest'}: digest: {digest} size: {pushed['imageSizeBytes']}")
        return {"name": image, "digest": digest}


def _operand(arguments: Sequence[str]) -> str:
    return next((each for each in reversed(arguments) if not each.startswith("-")), "")


def _option(arguments: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the values of an option, written `-t X`, `--tag X` or `--tag=X`."""
    values: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, joined, value = argument.partition("=")
        if name in names:
            values.append(value if joined else next(rest, ""))
    return values


def _names(archive: Path) -> dict[str, str]:
    """Return the files of a source archive, each with a digest of what is in it."""
    with tarfile.open(archive) as tar:
        return {_normal(member.name): _digest(tar, member) for member in tar if member.isfile()}


def _digest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    digest, file = hashlib.sha256(), tar.extractfile(member)
    while file is not None and (piece := file.read(_PIECE)):
        digest.update(piece)
    return digest.hexdigest()


def _normal(name: str) -> str:
    return str(PurePosixPath(name))


def _read(workspace: Workspace, name: str) -> str | None:
    wanted = _normal(name.removeprefix("/workspace/"))
    if workspace.archive is None or wanted not in workspace.files:
        return None
    with tarfile.open(workspace.archive) as tar:
        for member in tar:
            if _normal(member.name) == wanted and member.isfile():
                file = tar.extractfile(member)
                return None if file is None else _decoded(file.read(_LARGEST_DOCKERFILE))
    return None


def _decoded(content: bytes) -> str:
    return content.decode(errors="replace")


def _instructions(dockerfile: str) -> list[str]:
    """Return the instructions of a Dockerfile, lines that go on joined, without comments."""
    lines = [line.strip() for line in dockerfile.splitlines()]
    kept = [line for line in lines if line and not line.startswith("#")]
    return [line for line in _GOES_ON.sub(" ", "\n".join(kept)).splitlines() if line.strip()]
