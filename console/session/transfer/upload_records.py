"""Where unfinished uploads are remembered, so that they outlive the process that sends them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from console.language import tr
from console.model.models.upload_record import SentPart, UploadRecord, part_line, read_record
from console.paths import make_private_directory, write_atomically
from console.sources.base import SourceError
from console.terminal.sanitise import sanitise

MOST_BYTES: Final = 16 << 20
"""A longer file is no record of an upload."""

RATE_SECONDS: Final = 3_600.0
"""For how long a measured rate is believed."""

_SUFFIX: Final = ".upload"
_SENDER: Final = "sender"


class Busy(Exception):
    """Another process on this machine uploads to the same bucket."""


class NotRemembered(SourceError):
    """How far an upload is cannot be written down here; the message has the mend."""


class UploadRecords:
    """The unfinished uploads of this user in a directory that is private to them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def alone(self, bucket: str) -> Iterator[None]:
        """Keep other processes from uploading to a bucket; raises `Busy` and `NotRemembered`.

        Whatever becomes of this process, the bucket is free again once it has ended.
        """
        path = self._directory / f"{_digest(bucket)}.lock"
        with _remembering(self._directory):
            make_private_directory(self._directory)
            opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with open(opened, "r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy from None
            yield

    def sender(self) -> str:
        """Return by what name uploads from here are known everywhere; raises `NotRemembered`."""
        path = self._directory / _SENDER
        with suppress(OSError):
            name = path.read_text("ascii", "replace").strip()
            if name.isalnum() and len(name) == 16:
                return name
        name = secrets.token_hex(8)
        with _remembering(self._directory):
            make_private_directory(self._directory)
            write_atomically(path, name.encode())
        return name

    def of(self, bucket: str) -> list[UploadRecord]:
        """Return what is remembered of uploads to a bucket."""
        paths = sorted(self._directory.glob(f"{_digest(bucket)}-*{_SUFFIX}"))
        records = (_read(path) for path in paths)
        return [each for each in records if each is not None and each.bucket == bucket]

    def begin(self, record: UploadRecord) -> RecordFile:
        """Remember an upload in the place of an earlier one of its name; raises `NotRemembered`."""
        return RecordFile(self._path(record), record)

    def forget(self, record: UploadRecord) -> None:
        """Forget an upload."""
        self._path(record).unlink(missing_ok=True)

    def rate(self, bucket: str, now: float) -> float | None:
        """Return how many bytes a second got to a bucket of late; `now` is in seconds since 1970.

        None if nobody measured it within an hour.
        """
        try:
            rate, at = map(float, self._rate_file(bucket).read_text("ascii").split())
        except (OSError, ValueError):
            return None
        return rate if 0 <= now - at < RATE_SECONDS and rate > 0 else None

    def keep_rate(self, bucket: str, rate: float, now: float) -> None:
        """Remember a rate that was measured at `now`, where that can be."""
        with suppress(OSError):
            make_private_directory(self._directory)
            write_atomically(self._rate_file(bucket), f"{rate!r} {now!r}".encode())

    def _rate_file(self, bucket: str) -> Path:
        return self._directory / f"{_digest(bucket)}.rate"

    def _path(self, record: UploadRecord) -> Path:
        return self._directory / f"{_digest(record.bucket)}-{_digest(record.name)}{_SUFFIX}"


class RecordFile:
    """The record of an upload, to which each part that arrives is added at once."""

    def __init__(self, path: Path, record: UploadRecord) -> None:
        lines = [record.first_line(), *(part_line(each) for each in record.parts.values())]
        self._directory = path.parent
        with _remembering(self._directory):
            write_atomically(path, "".join(lines).encode())
            self._file = path.open("ab", buffering=0)

    def add(self, part: SentPart) -> None:
        """Remember that a part arrived; raises `NotRemembered`."""
        with _remembering(self._directory):
            self._file.write(part_line(part).encode())

    def close(self) -> None:
        """Close the file; the record stays."""
        self._file.close()


@contextmanager
def _remembering(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotRemembered(
            sanitise(
                tr(
                    "cannot write down in {directory} how far the upload is ({error}); make room "
                    "there or mend it, and push again: what arrived is not sent again",
                    directory=directory,
                    error=error.strerror or error,
                )
            )
        ) from None


def _read(path: Path) -> UploadRecord | None:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return read_record(file.read(MOST_BYTES).splitlines())
    except OSError:
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
