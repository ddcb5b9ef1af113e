"""Where files lie, as far as the engine asks: a path, one on a mount, or a name in a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.weights.bucket.address import BucketAddress

_AT_ONCE: Final = 12

T = TypeVar("T")


class Status(Protocol):
    """What is known of a file without reading it."""

    @property
    def st_size(self) -> int:
        """Its bytes."""


class Place(Protocol):
    """A file or a directory: names are put together without asking, everything else asks.

    Directories raise `OSError` as `pathlib.Path` does, buckets `engine.errors.ModelNotFound`.
    """

    @property
    def name(self) -> str:
        """The last part of the path."""

    @property
    def stem(self) -> str:
        """The name without its ending."""

    @property
    def suffix(self) -> str:
        """The name's ending with its dot."""

    @property
    def parent(self) -> Place:
        """The directory that it lies in."""

    def __truediv__(self, name: str, /) -> Place: ...

    def with_name(self, name: str, /) -> Place:
        """Return the file of another name beside it."""

    def is_file(self) -> bool:
        """Whether there is a file."""

    def is_dir(self) -> bool:
        """Whether there is a directory."""

    def iterdir(self) -> Iterator[Place]:
        """Yield what a directory holds."""

    def stat(self) -> Status:
        """Return what is known of a file."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Open a file to read parts of it."""

    def read_bytes(self) -> bytes:
        """Return a whole small file."""


def asked_of_each(question: Callable[[Place], T], places: Sequence[Place]) -> list[T]:
    """Return the answer of each place; of all at once where an answer takes its time."""
    if len(places) < 2 or isinstance(places[0], Path):
        return [question(place) for place in places]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(len(places), _AT_ONCE)) as asking:
        return list(asking.map(question, places))


def place_of(models: Path | BucketAddress, environ: Mapping[str, str]) -> Place:
    """Return the directory that is named, as one on a mount if it is; a bucket is not asked yet.

    `environ` says how a bucket is reached and with whose credentials, see
    `engine.weights.bucket.credentials`.
    """
    if isinstance(models, Path):
        from engine.weights.mount.kinds import is_remote

        if not is_remote(models):
            return models
        from engine.weights.mount.place import MountPlace
        from engine.weights.mount.shelf import MountShelf

        return MountPlace(MountShelf(), models)
    from engine.weights.bucket.place import open_bucket

    return open_bucket(models, environ)
