"""A directory on a mount, or a file in it, that can be asked what `pathlib.Path` can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from engine.weights.ahead.shelf import AheadSource
from engine.weights.mount.files import MountedFile
from engine.weights.mount.shelf import MountShelf
from engine.weights.place import Status


@dataclass(frozen=True, slots=True)
class MountPlace:
    """A path on a mount; `shelf` reads the files of the model that it belongs to."""

    shelf: MountShelf
    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.name

    @property
    def stem(self) -> str:
        """The name without its ending."""
        return self.path.stem

    @property
    def suffix(self) -> str:
        """The name's ending with its dot."""
        return self.path.suffix

    @property
    def parent(self) -> MountPlace:
        """The directory that it lies in."""
        return MountPlace(self.shelf, self.path.parent)

    def __truediv__(self, name: str, /) -> MountPlace:
        return MountPlace(self.shelf, self.path / name)

    def with_name(self, name: str, /) -> MountPlace:
        """Return the file of another name beside it."""
        return MountPlace(self.shelf, self.path.with_name(name))

    def is_file(self) -> bool:
        """Whether there is a file."""
        return self.path.is_file()

    def is_dir(self) -> bool:
        """Whether there is a directory."""
        return self.path.is_dir()

    def iterdir(self) -> Iterator[MountPlace]:
        """Yield what a directory holds."""
        return (MountPlace(self.shelf, path) for path in self.path.iterdir())

    def stat(self) -> Status:
        """Return what is known of a file."""
        return self.path.stat()

    def open(self, mode: Literal["rb"] = "rb", /) -> BinaryIO:
        """Open a file to read its header; raises `ModelNotFound`."""
        return self.shelf.beginnings.open(self.stored())

    def read_bytes(self) -> bytes:
        """Return a whole small file."""
        return self.path.read_bytes()

    def stored(self) -> MountedFile:
        """Return the file as it was first; raises `ModelNotFound` if there is none."""
        return self.shelf.stored(self.path)

    def source(self, extents: Sequence[tuple[int, int]]) -> AheadSource[MountedFile]:
        """Open the file to read `extents` of it, in this order."""
        return self.shelf.source(str(self), self.stored(), extents)

    def leave_out(self) -> None:
        """Read no more of the file, if that was begun."""
        self.shelf.leave_out(self.stored())
