"""The files here and there side by side, and how each pair stands to one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later
from console.model.models.parts import ModelPart, part_of
from console.model.models.snapshot import Compared, FileHere, ModelsSnapshot
from console.model.models.verification import Verdict
from console.model.storage import Kept, StoredObject, UnfinishedUpload
from console.model.text import SafeText


class Match(StrEnum):
    """How a file here stands to what is in the bucket under its name."""

    SAME = tr_later("same")
    DIFFERENT = tr_later("differs")
    ALIKE = tr_later("not compared")
    ONLY_HERE = tr_later("only here")
    ONLY_THERE = tr_later("only there")
    LEFT_OUT = tr_later("not sent")
    REPLACED = tr_later("replaced")
    DELETED = tr_later("deleted")
    UNFINISHED = tr_later("unfinished")
    UNKNOWN = "–"

    @property
    def words(self) -> str:
        """What is said of it, in a word or two."""
        return tr(self.value)


_KEPT: Final = {Kept.NONCURRENT: Match.REPLACED, Kept.SOFT_DELETED: Match.DELETED}
_ORDER: Final = tuple(ModelPart)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One name: the file here, the object there, or what is left of an upload.

    `why` says more of how they stand to one another, or nothing; `compared_at` is when all of
    their bytes were compared.
    """

    name: SafeText
    part: ModelPart | None
    match: Match
    here: FileHere | None = None
    there: StoredObject | None = None
    upload: UnfinishedUpload | None = None
    why: str = ""
    compared_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        if self.upload is not None:
            return self.name, self.upload.id
        kept = self.there is not None and self.there.kept is not Kept.LIVE
        return self.name, str(self.there.generation) if kept and self.there else ""


def file_rows(known: ModelsSnapshot) -> tuple[FileRow, ...]:
    """Return a row for each file, by part; then what is paid for and no use."""
    here = {each.name: each for each in known.here.files} if known.here else {}
    objects = known.there.found.objects if known.there else ()
    live = {each.name: each for each in objects if each.kept is Kept.LIVE}
    names = dict.fromkeys([*here, *live])
    pairs = [_pair(name, here.get(name), live.get(name), known) for name in names]
    return (*sorted(pairs, key=_place), *_left_over(known))


def _place(row: FileRow) -> tuple[bool, int, str]:
    place = len(_ORDER) if row.part is None else _ORDER.index(row.part)
    return row.match is Match.LEFT_OUT, place, row.name


def _pair(
    name: SafeText, here: FileHere | None, there: StoredObject | None, known: ModelsSnapshot
) -> FileRow:
    part = here.part if here is not None else part_of(there) if there is not None else None
    if here is None or there is None:
        match = Match.ONLY_THERE if here is None else Match.ONLY_HERE
        if known.there is None or known.here is None:
            match = Match.UNKNOWN
        if here is not None and here.left_out:
            match = Match.LEFT_OUT
        return FileRow(name, part, match, here, there, why=here.left_out if here else "")
    if here.left_out:
        return FileRow(name, part, Match.LEFT_OUT, here, there, why=here.left_out)
    if here.size != there.size:
        return FileRow(name, part, Match.DIFFERENT, here, there, why=tr("another size"))
    match, why = _compared(name, known.compared)
    at = known.compared.at if known.compared and match is not Match.ALIKE else None
    return FileRow(name, part, match, here, there, why=why, compared_at=at)


def _compared(name: SafeText, compared: Compared | None) -> tuple[Match, str]:
    found = next((each for each in compared.files if each.name == name), None) if compared else None
    match found.verdict if found else None:
        case Verdict.SAME | Verdict.SOUND:
            return Match.SAME, ""
        case Verdict.DIFFERENT | Verdict.DAMAGED:
            return Match.DIFFERENT, found.why if found else ""
        case _:
            return Match.ALIKE, tr("the sizes are equal; v compares the checksums")


def _left_over(known: ModelsSnapshot) -> Iterator[FileRow]:
    """Yield what is kept of what was, and what uploads left."""
    if known.there is None:
        return
    for each in known.there.found.objects:
        if each.kept in _KEPT:
            yield FileRow(each.name, part_of(each), _KEPT[each.kept], there=each)
    for upload in known.there.unfinished:
        yield FileRow(upload.name, None, Match.UNFINISHED, upload=upload)
