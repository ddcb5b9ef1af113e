"""What the model directory on this machine holds, as the screen of model files shows it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from console.model.models.local_set import LocalFile, LocalSet
from console.model.models.snapshot import FileHere, FilesHere
from console.session.transfer.push_planning import described
from console.sources.tools import BUNDLED
from console.terminal.sanitise import sanitise


async def files_here(directory: Path, environment: Mapping[str, str]) -> FilesHere:
    """Return the files of a directory, looked into by the engine; raises `SourceError`."""
    facts = await described(directory, environment)
    return FilesHere(
        sanitise(shortened(directory)),
        tuple(_files(facts.known)),
        sanitise(facts.known.problem),
        sanitise(facts.unchecked),
        bundled=directory == BUNDLED,
    )


def shortened(directory: Path) -> str:
    """Return a path with the home directory as `~`."""
    home = Path.home()
    return f"~/{directory.relative_to(home)}" if directory.is_relative_to(home) else str(directory)


def _files(known: LocalSet) -> Iterator[FileHere]:
    for each in known.files:
        yield _file(each)
    for left in known.left_out:
        size, modified = _size(Path(known.directory, left.name))
        yield FileHere(
            name=sanitise(left.name),
            part=None,
            size=size,
            modified=modified,
            left_out=sanitise(left.why),
        )


def _file(file: LocalFile) -> FileHere:
    size, modified = _size(Path(file.path))
    return FileHere(
        name=sanitise(file.name),
        part=file.part,
        size=size,
        modified=modified,
        format=sanitise(file.format),
        layout=sanitise(file.layout),
        types=sanitise(", ".join(f"{name} {count}" for name, count in file.types)),
        prepared_size=file.prepared_size,
        warning=sanitise(file.warning),
    )


def _size(path: Path) -> tuple[int, datetime | None]:
    try:
        known = os.stat(path)
    except OSError:
        return 0, None
    return known.st_size, datetime.fromtimestamp(known.st_mtime, UTC)
