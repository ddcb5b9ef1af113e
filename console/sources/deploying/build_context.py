"""What an image is built from: the files of a directory that `.dockerignore` lets through.

The same files go to Docker on this machine and, as an archive, to Cloud Build, so that both build
the same image. Everything here blocks while it reads.

Sources: https://docs.docker.com/build/concepts/context/#dockerignore-files and
https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds#storagesource.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from console.language import tr
from console.model.deploy.observed import SourceSeen
from console.model.text import SafeText
from console.sources.base import EngineFailed, Missing
from console.terminal.sanitise import sanitise

IGNORE_FILE: Final = ".dockerignore"
_DOCKERFILES: Final = ("Dockerfile.optimized", "Dockerfile.gpu")
_LARGE: Final = 32_000_000
_SHOWN: Final = 5
_BLOCK: Final = 1 << 20
_NOT_LOOKED_INTO: Final = (".git", ".venv", "node_modules", "__pycache__")


def find_source(start: Path) -> Path:
    """Return the directory that images are built from: `start`, or the checkout of this program.

    Raises `Missing` where neither has the Dockerfiles.
    """
    beside = Path(__file__).resolve().parents[3]
    for each in (start, *start.parents, beside):
        if all((each / name).is_file() for name in _DOCKERFILES):
            return each
    raise Missing(
        sanitise(
            tr(
                "there is no {dockerfile} in {directory}, nor above it: name a checkout of "
                "the project by --source DIR, or a finished image by --image NAME",
                dockerfile=_DOCKERFILES[0],
                directory=start,
            )
        )
    )


@dataclass(frozen=True, slots=True)
class ContextFile:
    """A file of a context: `name` with slashes, relative to the context."""

    name: str
    path: Path
    size: int
    executable: bool


class BuildContext:
    """The files of `root` that a build by `dockerfile` is given.

    Raises `Missing` if there is no such directory or Dockerfile, and `EngineFailed` if one of the
    files cannot be read.
    """

    def __init__(self, root: Path, dockerfile: str) -> None:
        if not (root / dockerfile).is_file():
            raise Missing(
                sanitise(
                    tr(
                        "there is no {dockerfile} in {directory}: name another by --source",
                        dockerfile=dockerfile,
                        directory=root,
                    )
                )
            )
        self.root = root
        self.dockerfile = dockerfile
        with _readable(root):
            self.files = tuple(_files(root, dockerfile))

    @property
    def bytes(self) -> int:
        """How many bytes the files have together."""
        return sum(each.size for each in self.files)

    def seen(self) -> SourceSeen:
        """Return what is sent, with a checksum of it and of which Dockerfile is used."""
        largest = sorted(self.files, key=lambda each: -each.size)[:_SHOWN]
        return SourceSeen(
            checksum=self.checksum(),
            files=len(self.files),
            bytes=self.bytes,
            largest=tuple((sanitise(each.name), each.size) for each in largest),
            left_out=tuple(self._left_out()),
        )

    def checksum(self) -> str:
        """Return the SHA-256 of names, contents and modes, in hexadecimal digits.

        Nothing else of a file gets into an image, so the same checksum means the same image, as
        far as what is fetched meanwhile is the same.
        """
        whole = hashlib.sha256(self.dockerfile.encode())
        with _readable(self.root):
            for each in self.files:
                with each.path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                whole.update(f"\n{each.name}\0{int(each.executable)}\0{digest}".encode())
        return whole.hexdigest()

    def archive(self, target: BinaryIO) -> None:
        """Write the files as a compressed archive; the same files give the same bytes."""
        with (
            _readable(self.root),
            gzip.GzipFile(fileobj=target, mode="wb", mtime=0, filename="") as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            for each in self.files:
                entry = tarfile.TarInfo(each.name)
                entry.mode = 0o755 if each.executable else 0o644
                with each.path.open("rb") as file:
                    entry.size = os.fstat(file.fileno()).st_size
                    archive.addfile(entry, file)

    def _left_out(self) -> Iterator[tuple[SafeText, int]]:
        """Yield large files that are not sent, the largest first, for whoever wonders."""
        sent = {each.name for each in self.files}
        found = [
            (name, size)
            for name, size in _large(self.root)
            if name.replace(os.sep, "/") not in sent
        ]
        for name, size in sorted(found, key=lambda each: -each[1])[:_SHOWN]:
            yield sanitise(name), size


def _files(root: Path, dockerfile: str) -> Iterator[ContextFile]:
    # Importing it takes a moment, and few need it.
    from docker.utils.build import exclude_paths

    ignore = root / IGNORE_FILE
    patterns = ignore.read_text(encoding="utf-8").splitlines() if ignore.is_file() else []
    kept = [each for each in patterns if each.strip() and not each.lstrip().startswith("#")]
    for name in sorted(exclude_paths(str(root), kept, dockerfile)):
        path = root / name
        facts = path.lstat()
        if stat.S_ISREG(facts.st_mode):
            executable = bool(facts.st_mode & stat.S_IXUSR)
            yield ContextFile(name.replace(os.sep, "/"), path, facts.st_size, executable)


def _large(root: Path) -> Iterator[tuple[str, int]]:
    for folder, folders, names in os.walk(root):
        folders[:] = [each for each in folders if each not in _NOT_LOOKED_INTO]
        for name in names:
            path = os.path.join(folder, name)
            try:
                size = os.lstat(path).st_size
            except OSError:
                continue
            if size >= _LARGE:
                yield os.path.relpath(path, root), size


@contextmanager
def _readable(root: Path) -> Iterator[None]:
    """Tell of files that cannot be read in one line."""
    try:
        yield
    except OSError as error:
        name = error.filename or root
        raise EngineFailed(
            sanitise(
                tr(
                    "cannot build from {directory}: {name} cannot be read ({why})",
                    directory=root,
                    name=name,
                    why=error.strerror or error,
                )
            )
        ) from None
    except UnicodeDecodeError:
        raise EngineFailed(
            sanitise(
                tr(
                    "cannot build from {directory}: {file} is not written in UTF-8",
                    directory=root,
                    file=IGNORE_FILE,
                )
            )
        ) from None
