"""Buckets as directories: the live objects as files, for instances to be given as their mount.

A file in such a directory is another name of the object's content, and must only be read. As with
Cloud Storage FUSE, an object is hidden where a file system cannot have it: beside a directory of
its name, or with a name that is too long.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

_SPECIAL = {"": "%", ".": "%2E", "..": "%2E%2E"}


def place(name: str) -> Path:
    """Return where an object is in its bucket's directory; no two names share a place.

    A name is percent-encoded where a file system would not have it, and where it has a percent
    sign. A name that ends in a slash is the place of a directory.
    """
    names = name.removesuffix("/").split("/")
    return Path(*(_SPECIAL.get(each) or _encoded(each) for each in names))


def _encoded(name: str) -> str:
    return name.replace("%", "%25").replace("\0", "%00")


class Mounts:
    """The directories of all buckets, under `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def clear(self) -> None:
        """Remove all of them."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def of(self, bucket: str) -> Path:
        """Return the directory of a bucket."""
        return self._directory / bucket

    def open(self, bucket: str) -> None:
        """Make the directory of a bucket."""
        self.of(bucket).mkdir(parents=True, exist_ok=True)

    def close(self, bucket: str) -> None:
        """Remove the directory of a bucket."""
        shutil.rmtree(self.of(bucket), ignore_errors=True)

    def show(self, bucket: str, name: str, content: Path) -> None:
        """Let an object appear with `content`, in the place of what it was."""
        path = self.of(bucket) / place(name)
        # What cannot be there stays hidden.
        with contextlib.suppress(OSError):
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            new = self._directory / f".{content.name}"
            _link(content, new)
            try:
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)

    def hide(self, bucket: str, name: str) -> None:
        """Let an object disappear, and directories with nothing else in them."""
        root = self.of(bucket)
        path = root / place(name)
        with contextlib.suppress(OSError):
            if not name.endswith("/"):
                path.unlink()
                path = path.parent
            while path != root:
                path.rmdir()
                path = path.parent


def _link(content: Path, new: Path) -> None:
    new.unlink(missing_ok=True)
    try:
        os.link(content, new)
    except OSError:
        new.symlink_to(content.absolute())
