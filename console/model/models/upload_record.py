"""What is remembered of an upload that may be gone on with: lines of JSON, in the order of time.

The first line says what is uploaded whereto; every other one is about a part that arrived. A line
that was cut off, as by a machine that lost its power, is one that was never written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Final

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """By what a file is known again without reading it: times are in nanoseconds since 1970."""

    size: int
    modified: int
    changed: int
    inode: int
    device: int


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part that arrived: from 1 on, with the tag it got and its CRC32C as a number."""

    number: int
    tag: str
    crc32c: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRecord:
    """An upload of the file at `path` to `name` in a bucket.

    It is put together under the name `staged`; `upload` is the id of that. Parts have `part_size`
    bytes, the last one fewer.
    """

    bucket: str
    name: str
    staged: str
    upload: str
    part_size: int
    path: str
    identity: FileIdentity
    parts: Mapping[int, SentPart] = field(default_factory=dict)

    def part_bytes(self, number: int) -> int:
        """Return how many bytes a part has."""
        return min(self.part_size, self.identity.size - (number - 1) * self.part_size)

    @property
    def sent_bytes(self) -> int:
        """How many bytes arrived, as far as is known."""
        return sum(self.part_bytes(number) for number in self.parts)

    def only(self, arrived: Mapping[int, tuple[str, int]]) -> UploadRecord:
        """Return it with the parts alone that are there, by their tags and sizes."""
        kept = {
            number: part
            for number, part in self.parts.items()
            if _bare(arrived.get(number)) == (part.tag.strip('"'), self.part_bytes(number))
        }
        return replace(self, parts=kept)

    def first_line(self) -> str:
        """Return the line that an upload's record begins with."""
        head = {key: value for key, value in asdict(self).items() if key != "parts"}
        return json.dumps({"version": VERSION, **head}) + "\n"


def _bare(arrived: tuple[str, int] | None) -> tuple[str, int] | None:
    """Return a tag without the quotes that lists have around it, or have not."""
    return None if arrived is None else (arrived[0].strip('"'), arrived[1])


def part_line(part: SentPart) -> str:
    """Return the line about a part that arrived."""
    return json.dumps({"part": part.number, "tag": part.tag, "crc32c": part.crc32c}) + "\n"


def read_record(lines: Iterable[str]) -> UploadRecord | None:
    """Return what is remembered; None if that makes no sense."""
    remembered = iter(lines)
    try:
        record = _head(json.loads(next(remembered, "")))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    count = -(-record.identity.size // record.part_size)
    parts: dict[int, SentPart] = {}
    for line in remembered:
        try:
            part = _part(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if 1 <= part.number <= count:
            parts[part.number] = part
    return replace(record, parts=parts)


def _head(said: Mapping[str, object]) -> UploadRecord:
    if said["version"] != VERSION:
        raise ValueError("a record of another version")
    identity = said["identity"]
    if not isinstance(identity, dict):
        raise TypeError("a file without an identity")
    record = UploadRecord(
        bucket=_text(said["bucket"]),
        name=_text(said["name"]),
        staged=_text(said["staged"]),
        upload=_text(said["upload"]),
        path=_text(said["path"]),
        part_size=_whole(said["part_size"]),
        identity=FileIdentity(
            **{
                key: _whole(identity[key])
                for key in ("size", "modified", "changed", "inode", "device")
            }
        ),
    )
    if record.part_size < 1 or not record.upload or not record.staged:
        raise ValueError("an upload of nothing to nowhere")
    return record


def _part(said: Mapping[str, object]) -> SentPart:
    return SentPart(_whole(said["part"]), _text(said["tag"]), _whole(said["crc32c"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("no whole number")
    return value
