"""A push looked at before anything is sent: what is here, what is there, what is wrong."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import google_crc32c

from console.language import tr
from console.model.models.local_set import (
    LeftOut,
    LocalFile,
    LocalSet,
    bad_name,
    local_set,
    set_by_names,
)
from console.model.models.parts import SUFFIXES, TOKENIZER_FILE
from console.model.models.push_plan import PlannedFile, PushPlan, Standing, other_parts
from console.model.models.upload_record import UploadRecord
from console.model.storage import Kept, StoredObject
from console.session.transfer.local_reading import identity_of, in_base64
from console.session.transfer.odd_entries import odd_entries
from console.session.transfer.place import Place
from console.sources.base import EngineFailed, SourceError
from console.sources.engine_inspect import EngineAbsent, inspected
from console.terminal.sanitise import sanitise

_INDEX: Final = "model_index.json"
_CONFIG: Final = "config.json"
_PIECE: Final = 4 << 20
_MOST_NAMED: Final = 2
_LONGEST_TOLD: Final = 300


class NotReady(SourceError):
    """What is on this machine cannot be sent; the message has the mend."""


@dataclass(frozen=True, slots=True)
class LocalFacts:
    """What is on this machine; `unchecked` says why nobody looked into the files, if so.

    `odd` is what is called like a model file and is no file.
    """

    known: LocalSet
    unchecked: str = ""
    odd: tuple[LeftOut, ...] = ()


async def look_here(directory: Path, environment: Mapping[str, str]) -> LocalFacts:
    """Return what a directory holds; raises `NotReady` unless that is a whole model."""
    facts = await described(directory, environment)
    if facts.known.problem:
        odd = [
            tr("{name} there is {what}", name=each.name, what=each.why)
            for each in facts.odd[:_MOST_NAMED]
        ]
        raise NotReady(sanitise(tr("; ").join([facts.known.problem, *odd])))
    for each in facts.known.files:
        _check_file(each)
    return facts


async def described(directory: Path, environment: Mapping[str, str]) -> LocalFacts:
    """Return what a directory holds, a whole model or not; raises `NotReady` if it is none.

    Where there is no engine to look into the files, their names have to do.
    """
    check_directory(directory)
    try:
        said = await inspected(directory, environment)
        found = local_set(said, str(directory), [str(each) for each in _beside(directory, said)])
        unchecked = ""
    except EngineAbsent as absent:
        found = set_by_names(str(directory), _weights_in(directory))
        unchecked = absent.message
    except ValueError as error:
        raise EngineFailed(
            sanitise(tr("the engine's words make no sense: {error}", error=error))
        ) from None
    return LocalFacts(found, unchecked, odd_entries(directory))


def check_directory(directory: Path) -> None:
    """Raise `NotReady` if there is no such directory, or it cannot be read."""
    name = shortened(directory)
    try:
        mode = directory.stat().st_mode
    except FileNotFoundError:
        raise NotReady(
            sanitise(tr("{name} does not exist; name the directory with the models", name=name))
        ) from None
    except OSError as error:
        raise NotReady(
            sanitise(
                tr(
                    "{name} cannot be looked at ({error}); name the directory with the models",
                    name=name,
                    error=error.strerror,
                )
            )
        ) from None
    if not stat.S_ISDIR(mode):
        raise NotReady(
            sanitise(tr("{name} is a file; name the directory that it is in", name=name))
        )
    if not os.access(directory, os.R_OK | os.X_OK):
        raise NotReady(sanitise(tr("{name} cannot be read; mend its permissions", name=name)))


def shortened(directory: Path) -> str:
    """Return a path for a message, without the middle of one that nobody would read to its end."""
    text = str(directory)
    return text if len(text) <= _LONGEST_TOLD else f"{text[:100]} … {text[-50:]}"


def _weights_in(directory: Path) -> list[str]:
    return [str(each) for each in sorted(directory.iterdir()) if _is_weights(each)]


def _is_weights(path: Path) -> bool:
    return path.is_file() and (path.name == TOKENIZER_FILE or path.suffix.lower() in SUFFIXES)


def _beside(directory: Path, said: Mapping[str, object]) -> Iterator[Path]:
    """Yield the files that the parts need beside them, each once."""
    files = said.get("files")
    rows = [each for each in files if isinstance(each, dict)] if isinstance(files, list) else []
    used = [row for row in rows if row.get("part") and not row.get("problem")]
    wanted = dict.fromkeys(
        [
            directory / _INDEX,
            *(Path(str(row["path"])).with_name(_CONFIG) for row in used),
            *(Path(str(row["tokenizer"])) for row in used if row.get("tokenizer")),
        ]
    )
    weights = {str(path) for row in rows for path in row.get("files") or ()}
    yield from (each for each in wanted if each.is_file() and str(each) not in weights)


def _check_file(file: LocalFile) -> None:
    path = Path(file.path)
    problem = bad_name(file.name, sanitise(file.name))
    if problem:
        raise NotReady(sanitise(problem))
    try:
        with path.open("rb") as opened:
            empty = not opened.read(1)
    except OSError as error:
        raise NotReady(
            sanitise(
                tr(
                    "{name} cannot be read ({error}); mend its permissions",
                    name=file.name,
                    error=error.strerror,
                )
            )
        ) from None
    if empty:
        raise NotReady(sanitise(tr("{name} is empty; download it again", name=file.name)))


async def plan_push(
    facts: LocalFacts,
    place: Place,
    records: list[UploadRecord],
    checking: Callable[[str], None] = lambda name: None,
) -> PushPlan:
    """Compare what is here with what is in the bucket; `checking` hears which file is read for it.

    `records` are of uploads to it that did not come to their end. Raises `NotReady`.
    """
    live = {each.name: each for each in place.found.of(Kept.LIVE)}
    known = {each.name: each for each in records}
    files = [
        await _planned(file, live.get(sanitise(file.name)), known.get(file.name), checking)
        for file in facts.known.files
    ]
    return PushPlan(
        bucket=place.bucket.name,
        directory=facts.known.directory,
        files=tuple(files),
        others=other_parts(facts.known.files, place.found),
    )


async def _planned(
    file: LocalFile,
    stored: StoredObject | None,
    record: UploadRecord | None,
    checking: Callable[[str], None],
) -> PlannedFile:
    path = Path(file.path)
    try:
        identity = identity_of(path)
        standing = Standing.NEW if stored is None else Standing.DIFFERENT
        if stored is not None and stored.size == identity.size:
            checking(file.name)
            if await asyncio.to_thread(file_crc32c, path) == stored.crc32c:
                standing = Standing.SAME
    except OSError as error:
        raise NotReady(
            sanitise(tr("{name} cannot be read ({error})", name=file.name, error=error.strerror))
        ) from None
    begun = 0
    if record is not None and (record.path, record.identity) == (file.path, identity):
        begun = record.sent_bytes
    return PlannedFile(file, identity, standing, stored, begun)


def file_crc32c(path: Path) -> str:
    """Return the CRC32C of a file as Cloud Storage writes it; raises `OSError`."""
    crc32c = 0
    with path.open("rb", buffering=0) as file:
        while data := file.read(_PIECE):
            crc32c = google_crc32c.extend(crc32c, data)
    return in_base64(crc32c)
