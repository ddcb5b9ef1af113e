"""The file that grows while it is fetched: nobody else writes it, and what is written stays."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from console.language import tr
from console.terminal.sanitise import sanitise


class PullError(Exception):
    """A file cannot be had; `str()` is one line with the mend."""


class NoSpace(PullError):
    """The disk is full, for this file and for all others."""

    def __init__(self) -> None:
        super().__init__(tr("the disk is full; what came is kept: make room and run it again"))


def not_written(error: OSError, path: Path) -> PullError:
    """Return what it means that a file cannot be written; `NoSpace` if the disk is full."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace()
    name = sanitise(path.name)
    if error.errno == errno.EFBIG:
        return PullError(
            tr(
                "{name} is larger than a file may be there (4 GiB on FAT32); name another "
                "directory",
                name=name,
            )
        )
    return PullError(
        tr(
            "{name} cannot be kept in {where} ({error}); mend that",
            name=name,
            where=sanitise(str(path.parent)),
            error=error.strerror or error,
        )
    )


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open `path` for reading and for writing at its end, for nobody else at the same time.

    The lock goes with the process, however that ends. Raises `PullError`.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    with open(os.open(path, flags, 0o666), "r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PullError(
                tr(
                    "{path} is being written by another pull; wait for it to end",
                    path=sanitise(str(path)),
                )
            ) from None
        yield file


def append(file: BinaryIO, data: bytes) -> None:
    """Write all of `data`; raises `OSError`."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def keep(part: Path, target: Path, replace_other: bool) -> None:
    """Give the file its name; raises `PullError` if another file has it by now."""
    if replace_other:
        part.replace(target)
    else:
        try:
            os.link(part, target)
        except FileExistsError:
            raise PullError(in_the_way(target)) from None
        except OSError:
            # Not every file system knows two names for a file.
            if target.exists():
                raise PullError(in_the_way(target)) from None
            part.rename(target)
    part.unlink(missing_ok=True)
    _keep_name(target.parent)


def forget_parts(directory: Path, name: str) -> None:
    """Take away what was begun of the file `name`, in whichever version."""
    for part in directory.glob(f".{name}.*.part"):
        part.unlink(missing_ok=True)


def in_the_way(path: Path) -> str:
    """Return the refusal to touch another file of that name."""
    return tr(
        "{path} is there and is another file; move it away, or --replace puts the published one "
        "in its place",
        path=sanitise(str(path)),
    )


def _keep_name(directory: Path) -> None:
    """Have the directory written, so that the name outlives a power cut."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
