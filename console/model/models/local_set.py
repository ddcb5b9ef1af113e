"""What the files of a directory are, as the engine tells it, and which of them are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from console.language import tr
from console.model.models.parts import NEEDED, ModelPart, part_by_name, part_called
from console.model.text import SafeText

LONGEST_NAME: Final = 1_024
"""How many bytes the name of an object may have."""

_INTEGERS: Final = "I8"
"""How a file that `engine convert` made has its large weights."""

_ELSEWHERE: Final = (
    ", or name another directory with --models",
    " or name another directory with --models",
    " with --models or ZIMAGE_MODELS",
    " with --models",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """A file that is sent: `path` is where it is, `name` what it is called in the bucket.

    `layout` says whose names its tensors have, `types` how they are stored, by the number of
    tensors, `parameters` how many numbers its part has, or 0 where that is not known.
    """

    path: str
    name: str
    part: ModelPart | None
    format: str = ""
    layout: str = ""
    types: tuple[tuple[str, int], ...] = ()
    parameters: int = 0
    warning: str = ""

    @property
    def prepared_size(self) -> int:
        """About how many bytes `engine convert` makes of it; 0 where it makes nothing of it."""
        if self.part is not ModelPart.TRANSFORMER or _INTEGERS in dict(self.types):
            return 0
        return self.parameters


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not sent, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class LocalSet:
    """What there is of a model in a directory; `problem` is empty if it is a whole one.

    `checked` is False if nobody looked into the files.
    """

    directory: str
    files: tuple[LocalFile, ...]
    left_out: tuple[LeftOut, ...] = ()
    problem: str = ""
    checked: bool = True


def local_set(said: Mapping[str, object], directory: str, beside: Sequence[str]) -> LocalSet:
    """Return what the engine's document says of a directory.

    `beside` are the paths of the other files that parts may need: tokenizers and configurations.
    Raises `ValueError` if the document makes no sense.
    """
    described = said.get("files")
    if not isinstance(described, list):
        raise ValueError("a document without files")
    rows = [_Row(each) for each in described if isinstance(each, dict)]
    lenders = {row.tokenizer for row in rows if row.usable and row.tokenizer}
    files: list[LocalFile] = []
    left_out: list[LeftOut] = []
    for row in rows:
        if row.usable or row.path in lenders:
            files += row.files(directory)
        else:
            left_out.append(LeftOut(_name(row.path, directory), row.why))
    files += [_beside(path, directory) for path in beside]
    return LocalSet(directory, tuple(files), tuple(left_out), mended(_text(said.get("problem"))))


def set_by_names(directory: str, paths: Sequence[str]) -> LocalSet:
    """Return what a directory seems to hold when nobody can look into its files."""
    files = tuple(
        LocalFile(path=path, name=_name(path, directory), part=part_by_name(path)) for path in paths
    )
    parts = [each.part for each in files]
    for part in NEEDED:
        if (count := parts.count(part)) != 1:
            return LocalSet(directory, files, (), _ill_named(directory, part, count), False)
    return LocalSet(directory, files, (), "", checked=False)


def _ill_named(directory: str, part: ModelPart, count: int) -> str:
    """Say that there are so many files called like a part, and not one."""
    if count == 0:
        return tr(
            "{directory} has no file that is called like the {part}, and nobody can look into "
            "them here",
            directory=directory,
            part=part.words,
        )
    return tr(
        "{directory} has {count} files called like the {part}, and nobody can look into them here",
        directory=directory,
        count=count,
        part=part.words,
    )


def bad_name(name: str, safe: SafeText) -> str:
    """Say why an object cannot have this name, empty if it can; `safe` is the name made safe."""
    if safe != name:
        return tr("the name {name} has characters that cannot be shown; rename the file", name=safe)
    if len(name.encode("utf-8", "replace")) > LONGEST_NAME:
        return tr(
            "the name {beginning}… is longer than {most} bytes; rename the file",
            beginning=safe[:40],
            most=LONGEST_NAME,
        )
    return ""


def mended(problem: str) -> str:
    """Return a reason of the engine's without its mends that name its own flags."""
    for words in _ELSEWHERE:
        problem = problem.replace(words, "")
    return problem


class _Row:
    """A part of the model in the engine's document."""

    def __init__(self, said: Mapping[str, object]) -> None:
        self.path = _text(said.get("path"))
        self.why = mended(_text(said.get("problem"))) or tr("it is no part of the model")
        self.tokenizer = _text(said.get("tokenizer"))
        self.part = part_called(_text(said.get("part")))
        self.usable = self.part is not None and not said.get("problem")
        self._said = said

    def files(self, directory: str) -> Iterator[LocalFile]:
        """Yield the files that it lies in."""
        said = self._said.get("files")
        paths = said if isinstance(said, list) else [self.path]
        types = self._said.get("types")
        for path in map(_text, paths):
            yield LocalFile(
                path=path,
                name=_name(path, directory),
                part=self.part or ModelPart.TOKENIZER,
                format=_text(self._said.get("format")),
                layout=_text(self._said.get("layout")),
                types=_counts(types if isinstance(types, dict) else {}),
                parameters=_count(self._said.get("parameters")),
                warning=_text(self._said.get("warning")),
            )


def _beside(path: str, directory: str) -> LocalFile:
    name = _name(path, directory)
    return LocalFile(path=path, name=name, part=part_by_name(name))


def _name(path: str, directory: str) -> str:
    try:
        return PurePath(path).relative_to(directory).as_posix()
    except ValueError:
        return PurePath(path).name


def _counts(types: Mapping[object, object]) -> tuple[tuple[str, int], ...]:
    return tuple((str(name), count) for name, count in types.items() if isinstance(count, int))


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
