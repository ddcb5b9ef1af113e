"""Reads a recording: whatever is whole of it, in the order in which it was written."""

from __future__ import annotations

import gzip
import json
import math
import os
import stat
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from console.config import is_context
from console.language import tr
from console.model.text import SafeText
from console.recording.lines import (
    FORMAT,
    LARGEST_BYTES,
    LONGEST_LINE,
    SCHEMA_VERSION,
    Header,
    RecordingError,
    shape,
)
from console.session.json_facts import from_json
from console.terminal.sanitise import sanitise

_GZIP: Final = b"\x1f\x8b"
_LONGEST_SECONDS: Final = 366 * 86_400.0
_DAMAGE: Final = (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, RecursionError)

Key = tuple[str, str]
"""A method, and the shape of what it was asked with."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `at` seconds after the beginning, and what it says, not yet read."""

    at: float
    raw: bytes

    def said(self) -> dict[str, Any]:
        """Return what the line says."""
        return cast(dict[str, Any], json.loads(self.raw))


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream: what it was opened with, what it brought, and how it ended if it did."""

    opened: Entry
    entries: list[Entry] = field(default_factory=list)

    @property
    def end(self) -> str:
        """How it came to its end: `whole`, or `left`; empty if it broke or went on."""
        last = self.entries[-1].said() if self.entries else {}
        return str(last.get("end", ""))


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of `seconds`; `damage` says from where on it could not be read, if so.

    `asked` has the answers, `streams` the streams of each question, in order.
    """

    header: Header
    seconds: float
    asked: Mapping[Key, list[Entry]]
    streams: Mapping[Key, list[Stream]]
    damage: SafeText | None = None


def key_of(call: str, arguments: object) -> Key:
    """Return by what a question is found again; `arguments` are as in the recording."""
    return call, json.dumps(shape(arguments), sort_keys=True, ensure_ascii=False)


def read(path: Path, *, largest: int = LARGEST_BYTES) -> Recording:
    """Read the recording at `path`; raises `RecordingError`.

    What follows a damaged line is left away, which `Recording.damage` says.
    """
    try:
        # A pipe that nobody writes to would be waited for otherwise.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            return _read(_plain(file), path, largest)
    except RecordingError:
        raise
    except _DAMAGE as error:
        raise _cannot(path, error) from None


def _plain(file: BinaryIO) -> BinaryIO:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise ValueError(tr("it is no regular file"))
    start = file.read(len(_GZIP))
    file.seek(0)
    return cast(BinaryIO, gzip.GzipFile(fileobj=file)) if start == _GZIP else file


def _cannot(path: Path, error: Exception) -> RecordingError:
    why = (error.strerror if isinstance(error, OSError) else None) or error
    return RecordingError(tr("cannot replay {path}: {why}", path=path, why=sanitise(str(why))))


def _read(file: BinaryIO, path: Path, largest: int) -> Recording:
    header = _header(file.readline(LONGEST_LINE), path)
    index = _Index()
    damage: SafeText | None = None
    try:
        for raw in _lines(file, largest):
            index.take(raw)
    except _DAMAGE as error:
        why = sanitise(str(error).splitlines()[0] if str(error) else type(error).__name__)
        damage = sanitise(
            tr(
                "{name} is damaged or cut off {seconds:.1f} s after its beginning (line {line}: "
                "{why}); what comes before it is shown",
                name=path.name,
                seconds=index.at,
                line=index.lines + 2,
                why=why,
            )
        )
    return Recording(header, index.at, index.asked, index.streams, damage)


def _header(raw: bytes, path: Path) -> Header:
    try:
        said = json.loads(raw)
        if said["format"] != FORMAT:
            raise ValueError
        version = said["schema_version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise RecordingError(
            tr(
                "{path} is no recording of a zimage-console; make one with: zimage-console "
                "--record FILE",
                path=path,
            )
        ) from None
    if version != SCHEMA_VERSION:
        raise RecordingError(
            tr(
                "{path} is a recording of version {version}, and this console reads version "
                "{own}; use the console that recorded it",
                path=path,
                version=sanitise(str(version))[:20],
                own=SCHEMA_VERSION,
            )
        )
    header = from_json(Header, said)
    if not is_context(header.context):
        raise RecordingError(
            tr("{path} does not say of which context it is; record it anew", path=path)
        )
    return header


def _lines(file: BinaryIO, largest: int) -> Iterator[bytes]:
    read = 0
    while raw := file.readline(LONGEST_LINE + 1):
        read += len(raw)
        if read > largest:
            raise ValueError(tr("more than {size} MiB are not read", size=largest // 1024 // 1024))
        if not raw.endswith(b"\n"):
            raise ValueError(tr("the line has no end"))
        yield raw


class _Index:
    """Takes the lines after the first, and knows which question each one answers."""

    def __init__(self) -> None:
        self.at = 0.0
        self.lines = 0
        self.asked: dict[Key, list[Entry]] = defaultdict(list)
        self.streams: dict[Key, list[Stream]] = defaultdict(list)
        self._open: dict[int, Stream] = {}

    def take(self, raw: bytes) -> None:
        """Take one line; raises for one that makes no sense."""
        said = json.loads(raw)
        at = float(said["at"])
        if not (math.isfinite(at) and 0 <= at <= _LONGEST_SECONDS):
            raise ValueError(tr("it is of no moment"))
        entry = Entry(max(at, self.at), raw)
        if "begin" in said:
            stream = self._open[said["begin"]] = Stream(entry)
            self.streams[key_of(str(said["call"]), said["with"])].append(stream)
        elif "of" in said:
            self._open[said["of"]].entries.append(entry)
        elif "call" in said:
            self.asked[key_of(str(said["call"]), said["with"])].append(entry)
        self.at = entry.at
        self.lines += 1
